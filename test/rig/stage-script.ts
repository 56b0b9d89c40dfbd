import { answerPlace } from './feature-script-prompt.ts';
import type { ModelRequest, ModelScript, ModelStep } from './model-server-step.ts';
import { outputPlace, outputsIn, type StageTask, sectionOf, stageTaskOf } from './stage-prompt.ts';

/**
 * A model that plays the stages build, deploy and check: it writes notes, deploys what its task names, finds that it
 * does not work, and takes the deployment back. Everything it needs it takes out of its prompts.
 */
export function shipScript(): ModelScript {
  return (request) => {
    const task = stageTaskOf(request.prompt);
    if (task === undefined) return { text: `This is no stage: ${request.prompt.slice(0, 200)}` };
    const refused = request.toolResults.find(({ failed }) => failed);
    if (refused !== undefined) return { text: `A tool refused: ${refused.text}` };
    return stepsOf(task, request)[request.turn] ?? { text: 'It is done.' };
  };
}

function stepsOf({ stage, isUndo, task }: StageTask, { prompt }: ModelRequest): readonly ModelStep[] {
  if (isUndo)
    return [{ bash: `rm deployed && echo "took back ${versionIn(task)} at ${leftIn(prompt)}" >> deeds` }];
  switch (stage) {
    case 'build':
      // With the tool that writes, as a role without a shell would.
      return [
        {
          write: [
            { path: 'notes/1.4.2.md', content: 'Greets by name.\n' },
            { path: outputPlace(prompt), content: `${outputsIn(prompt)[0]}=1.4.2\n` },
          ],
        },
      ];
    case 'deploy': {
      const version = versionIn(task);
      const output = `${outputsIn(prompt)[0]}=http://staging/${version}`;
      return [
        { bash: `echo ${version} > deployed && echo "deployed ${version}" >> deeds` },
        { bash: `echo "${output}" >> "$MURMUR8_OUTPUT"` },
      ];
    }
    default: {
      const answer = { failure: { text: 'it answers 502' } };
      return [{ write: { path: answerPlace(prompt), content: JSON.stringify(answer) } }];
    }
  }
}

function versionIn(task: string): string {
  return /version (\S+)/.exec(task)?.[1] ?? 'nothing';
}

function leftIn(prompt: string): string {
  return /^url=(\S+)$/m.exec(sectionOf(prompt, 'What it left for other stages'))?.[1] ?? 'nowhere';
}

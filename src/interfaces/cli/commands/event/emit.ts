import { actorHere } from '../../../../compose/acting-user.ts';
import { type Consequence, type Emitted, emitEvent } from '../../../../compose/pipeline/emit-event.ts';
import { readPayload } from '../../../../compose/pipeline/payload.ts';
import type { Facts } from '../../../../core/condition/evaluated.ts';
import type { PipelineEvent } from '../../../../core/trigger/event.ts';
import { eventFromGitHub } from '../../../../core/trigger/github.ts';
import { NO_TRIGGERS } from '../../../../core/trigger/match.ts';
import { asTyped } from '../../as-typed.ts';
import { EXIT } from '../../exit-code.ts';
import { withRunner } from '../../option-values.ts';
import { collect, collectVariables, pipelineOptions } from '../../pipeline-options.ts';
import { newProgram } from '../../program.ts';
import { need, printJson, STATE_DIR } from '../../registry-command.ts';
import { namesAsText } from '../../report/graph/stage-text.ts';
import { oneLine } from '../../report/one-line.ts';
import { CommandFailure, formatProblem } from '../../run-command.ts';

interface Parsed {
  readonly branch?: string;
  readonly path?: readonly string[];
  readonly label?: readonly string[];
  readonly paths: boolean;
  readonly labels: boolean;
  readonly var?: Readonly<Record<string, string>>;
  readonly id?: string;
  readonly actor?: string;
  readonly fork?: boolean;
  readonly github?: string;
  readonly pipeline?: string;
  readonly runner?: readonly string[];
  readonly model?: string;
  readonly json?: boolean;
  readonly stateDir?: string;
}

const EVENT_TYPE = /^[a-z][a-z0-9_.-]{0,127}$/;

/** `event emit <type>`: brings an event in by hand, from cron or from a script (spec: pipelines 8). */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram('event emit', 'bring in an event; it starts each pipeline that waits for it')
    .argument('<type>', 'such as push, pull_request.merged or schedule')
    .option('--branch <name>', 'the branch it is about; of a pull request the one it goes into')
    .option('--path <path>', 'a path that changed; again for more', collect)
    .option('--label <label>', 'a label; again for more', collect)
    .option('--no-paths', 'nothing changed')
    .option('--no-labels', 'there are no labels')
    .option('--var <name=value>', 'a fact of the event, such as number=17; again for more', collectVariables)
    .option('--id <id>', 'delivery id: the same one never starts a second run')
    .option('--actor <name>', 'who caused it')
    .option('--fork', 'its code comes from another repository')
    .option('--github <file>', 'take all this from the payload that GitHub sent (-: standard input)')
    .option('--pipeline <name>', 'ask only this pipeline')
    .option('--json', 'print one JSON document')
    .option(...STATE_DIR);
  withRunner(program);
  program.parse([...argv], { from: 'user' });
  const parsed = program.opts<Parsed>();
  const events = eventsFrom(program.args[0] ?? '', parsed);
  const documents: object[] = [];
  let failed = false;
  for (const event of events) {
    const emitted = need(
      await emitEvent({
        cwd: process.cwd(),
        stateDirectory: parsed.stateDir,
        event,
        only: parsed.pipeline,
        options: pipelineOptions(parsed),
        actor: actorHere(process.cwd(), parsed.stateDir),
        version: process.env['MURMUR8_VERSION'] ?? 'dev',
      }),
    );
    failed ||= emitted.consequences.some(({ kind }) => kind === 'failed');
    documents.push(documentOf(event, emitted));
    if (parsed.json !== true) process.stdout.write(asTyped(textOf(event, emitted)));
  }
  if (parsed.json === true) printJson({ events: documents });
  else if (events.length === 0) process.stdout.write('the payload stands for no event\n');
  return failed ? EXIT.failed : EXIT.done;
}

function eventsFrom(type: string, parsed: Parsed): readonly PipelineEvent[] {
  const given = factsFrom(parsed);
  if (parsed.github !== undefined) {
    const payload = need(readPayload(parsed.github, process.cwd()));
    return need(eventFromGitHub(type, parsed.id, payload)).map((event) => ({
      ...event,
      facts: { ...event.facts, ...given, event: { ...event.facts.event, ...given.event } },
    }));
  }
  if (!EVENT_TYPE.test(type)) {
    const message = `${JSON.stringify(oneLine(type, 80))} is no type of event`;
    const hint = 'it is written like push, pull_request.merged or schedule';
    throw new CommandFailure({ code: 'bad-event', message, hint }, EXIT.usage);
  }
  return [
    {
      type,
      facts: given,
      ...(parsed.id === undefined ? {} : { deliveryId: parsed.id }),
      ...(parsed.fork === true ? { isFork: true } : {}),
      ...(parsed.actor === undefined ? {} : { actor: parsed.actor }),
    },
  ];
}

function factsFrom({ branch, path, label, paths, labels, var: facts }: Parsed): Facts {
  return {
    ...(branch === undefined ? {} : { branch }),
    ...(path !== undefined ? { paths: path } : paths ? {} : { paths: [] }),
    ...(label !== undefined ? { labels: label } : labels ? {} : { labels: [] }),
    ...(facts === undefined ? {} : { event: facts }),
  };
}

function textOf(event: PipelineEvent, { first, deliveryId, consequences }: Emitted): string {
  const head = first
    ? `${event.type} ${oneLine(deliveryId, 80)}\n`
    : `${event.type} ${oneLine(deliveryId, 80)} was delivered before: nothing is started twice\n`;
  // What was started is what people look for; that most pipelines wait for no event at all is no news.
  const idle = consequences.filter(hasNoTriggers);
  const told = consequences.filter((one) => !hasNoTriggers(one)).sort((a, b) => RANK[a.kind] - RANK[b.kind]);
  const lines = [
    ...told.map(lineOf),
    ...(idle.length === 0
      ? []
      : [
          `  no triggers: ${namesAsText(
            idle.map(({ pipeline }) => pipeline),
            8,
          )}\n`,
        ]),
  ];
  const started = consequences.some(({ kind }) => kind === 'started' || kind === 'already');
  return `${head}${lines.join('')}${started || consequences.length > 0 ? '' : 'no pipeline is registered\n'}`;
}

const RANK: Readonly<Record<Consequence['kind'], number>> = {
  failed: 0,
  started: 1,
  already: 2,
  'no-match': 3,
};

function hasNoTriggers(consequence: Consequence): boolean {
  return consequence.kind === 'no-match' && consequence.reason === NO_TRIGGERS;
}

function lineOf(consequence: Consequence): string {
  switch (consequence.kind) {
    case 'no-match':
      return `  ${consequence.pipeline}: not started: ${oneLine(consequence.reason, 300)}\n`;
    case 'failed':
      return `  ${consequence.pipeline}: could not be started\n${formatProblem(consequence.problem)}`;
    case 'already':
      return `  ${consequence.pipeline}: has run ${consequence.runId} already\n`;
    case 'started':
      return `  ${consequence.pipeline}: started: murmur8 pipeline status ${consequence.runId}\n`;
  }
}

function documentOf(event: PipelineEvent, { deliveryId, first, consequences }: Emitted): object {
  return {
    type: event.type,
    delivery_id: deliveryId,
    first,
    pipelines: consequences.map((consequence) => ({
      pipeline: consequence.pipeline,
      outcome: consequence.kind.replace('-', '_'),
      run_id: 'runId' in consequence ? (consequence.runId ?? null) : null,
      reason:
        consequence.kind === 'no-match'
          ? consequence.reason
          : consequence.kind === 'failed'
            ? consequence.problem.message
            : null,
    })),
  };
}

import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aliveWith } from '../rig/agents-alive.ts';
import { murmur8, type Started, start } from '../rig/cli.ts';
import { featureScript, USAGE } from '../rig/feature-script.ts';
import { taskOf } from '../rig/feature-script-prompt.ts';
import { type ModelServer, type ModelSession, startModelServer } from '../rig/model-server.ts';
import { createProject, type TestProject } from '../rig/project.ts';
import { stageTaskOf } from '../rig/stage-prompt.ts';
import { hasTerminals, openTerminal } from '../rig/terminal.ts';

const AGENT = join(import.meta.dirname, '../rig/acp-agent.mjs');
const OTHER_KEY = 'key-of-another-provider-4f1c';

describe('implement-feature with an agent that speaks the Agent Client Protocol', () => {
  let server: ModelServer;
  let project: TestProject;

  beforeAll(async () => {
    server = await startModelServer();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    project = createProject();
  });
  afterEach(() => {
    expect(aliveWith(project.root)).toEqual([]);
    project.remove();
  });

  /** The agent carries the project's path in its environment, so that none of it can be overlooked. */
  function runner(model: ModelSession, doing = ''): string {
    const sessions = join(project.root, '../sessions');
    return `acp:env PROJECT='${project.root}' '${process.execPath}' '${AGENT}' --model-url ${model.url} --sessions '${sessions}' --do '${doing}'`;
  }

  function begin(model: ModelSession, more: readonly string[] = [], doing = ''): Started {
    const args = [
      'implement-feature',
      'greeting',
      '--brief',
      project.brief,
      '--runner',
      runner(model, doing),
    ];
    return start([...args, ...more], { cwd: project.root, env: { OPENAI_API_KEY: OTHER_KEY } });
  }

  it('takes a brief to committed, tested code', async () => {
    const model = server.session(
      featureScript((request, task) =>
        task.kind === 'nigel' && request.turn === 3 ? { bash: 'env' } : undefined,
      ),
    );
    const done = await begin(model, ['--yes', '--events']).ended;
    expect(done).toMatchObject({ code: 0 });
    expect(project.committed()).toEqual(
      expect.arrayContaining(['src/greeting.js', 'src/trimmed-name.js', 'test/feature_greeting.test.js']),
    );
    expect(project.uncommitted()).toEqual([]);
    const events = project.journal();
    expect(events.filter((event) => event.type === 'feedback.given').map(({ rating }) => rating)).toEqual([
      5, 5, 5,
    ]);
    const judged = events.filter((event) => event.type === 'attempt.judged');
    expect(judged.map(({ stage, verdict }) => [stage, verdict])).toEqual(
      ['alex', 'cass', 'nigel', 'codey-plan', 'codey-implement', 'codey-implement'].map((stage) => [
        stage,
        'approved',
      ]),
    );
    const [entry] = project.history();
    for (const [name, stage] of Object.entries(entry?.stages ?? {})) {
      const requests = model.requests.filter((request) => taskOf(request.prompt)?.kind === name).length;
      expect(stage?.tokens).toMatchObject({ input: requests * USAGE.input, output: requests * USAGE.output });
    }
    expect(JSON.stringify(model.requests.map(({ toolResults }) => toolResults))).not.toContain(OTHER_KEY);
  });

  it('parks the question of an agent, and goes on in its session with the answer', async () => {
    const model = server.session(featureScript());
    const parked = await begin(model, ['--yes', '--pause-after=alex'], 'ask').ended;
    expect(parked).toMatchObject({ code: 3 });
    expect(parked.stdout + parked.stderr).toContain('Which colour?');
    const asked = project.journal().find((event) => event.type === 'attempt.generated');
    expect(asked).toMatchObject({ stage: 'alex', question: expect.stringContaining('Which colour?') });
    const run = project.runs()[0] ?? '';
    const answered = await murmur8(['answer', run, 'blue'], { cwd: project.root });
    expect(answered.stdout + answered.stderr).not.toContain('QUESTION_PENDING');
    const [first] = model.requests;
    expect(first?.prompts).toHaveLength(2);
    expect(first?.prompt).toContain('blue');
    expect(
      project.journal().some((event) => event.type === 'attempt.judged' && event.verdict === 'approved'),
    ).toBe(true);
  });

  it.skipIf(!hasTerminals())(
    'asks a person at the terminal at once, and goes on in the same session',
    async () => {
      const model = server.session(featureScript());
      const args = ['implement-feature', 'greeting', '--brief', project.brief, '--pause-after=alex'];
      const terminal = openTerminal([...args, '--runner', runner(model, 'ask')], { cwd: project.root });
      await terminal.until('shall alex write one first');
      terminal.type('n\r');
      await terminal.until('Which colour?');
      await terminal.until('your answer');
      terminal.type('blue\r');
      expect(await terminal.ended).toBe(3);
      expect(model.requests[0]?.prompts).toHaveLength(2);
      expect(model.requests[0]?.prompt).toContain('blue');
      const sessions = project
        .journal()
        .flatMap((event) => (event.type === 'attempt.generated' ? [event.sessionId] : []));
      expect(sessions).toEqual([sessions[0], sessions[0]]);
    },
  );

  it('works where its stage works, and writes only there and only what its role may', async () => {
    const model = server.session(({ prompt, turn }) => {
      const files = ['made.txt', '../../.env', '../../.git/hooks/pre-commit'];
      const path = files[turn];
      if (path !== undefined) return { write: { path, content: stageTaskOf(prompt)?.stage ?? '' } };
      return turn === files.length ? { bash: 'touch ran' } : { text: 'That is all.' };
    });
    project.write('packages/app/package.json', '{}');
    project.write(
      '.claude/agents/reader.md',
      '---\nname: reader\ndescription: reads\ntools: Read, Grep\n---\nYou read.\n',
    );
    project.write('.claude/agents/maker.md', '---\nname: maker\ndescription: makes\n---\nYou make.\n');
    project.write(
      'ship.yaml',
      `name: ship
stages:
  - {name: read, agent: reader, task: Read it, working_directory: packages/app}
  - {name: make, agent: maker, task: Make it, working_directory: packages/app}
`,
    );
    expect(await murmur8(['pipeline', 'create', 'ship.yaml'], { cwd: project.root })).toMatchObject({
      code: 0,
    });
    const done = await murmur8(['pipeline', 'run', 'ship', '--runner', runner(model)], { cwd: project.root });
    expect(done).toMatchObject({ code: 0 });
    const refused = (stage: string) =>
      model.requests
        .filter(({ prompt }) => stageTaskOf(prompt)?.stage === stage)
        .flatMap(({ toolResults }) => toolResults.filter(({ failed }) => failed)).length;
    expect([refused('read'), refused('make')]).toEqual([4, 2]);
    expect(project.read('packages/app/made.txt')).toBe('make');
    expect(project.has('packages/app/ran')).toBe(true);
    expect([project.has('.env'), project.has('.git/hooks/pre-commit')]).toEqual([false, false]);
  });

  it('ends an agent on Ctrl+C, and says what a command is that is not ACP', async () => {
    const model = server.session([{ hang: 'headers' }]);
    const run = begin(model, ['--yes']);
    await model.reached(1);
    run.child.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
    expect(aliveWith(project.root)).toEqual([]);

    const refused = await murmur8(
      ['implement-feature', 'other', '--brief', project.brief, '--runner', 'acp:cat'],
      {
        cwd: project.root,
      },
    );
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('cat');
    expect(refused.stderr).toContain('acp:gemini --acp');
    const checked = await murmur8(['validate', '--runner', "acp:sh -c 'echo hello; exit 4'"], {
      cwd: project.root,
    });
    expect(checked.code).not.toBe(0);
    expect(checked.stdout + checked.stderr).toContain('ended (exit code 4) before it spoke');
  });
});

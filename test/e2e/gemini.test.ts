import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { agentProgram } from '../rig/agents.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import { featureScript, question, USAGE } from '../rig/feature-script.ts';
import {
  AGENT_KEY,
  type AgentProject,
  agentProject,
  implement,
  writtenIn,
} from '../rig/feature-script-project.ts';
import { taskOf } from '../rig/feature-script-prompt.ts';
import { type ModelServer, startModelServer } from '../rig/model-server.ts';

const program = agentProgram('gemini');
const OTHER_KEY = 'key-of-another-provider-77aa';
/** Each of the nine sessions of a run takes seconds to start, more on a busy machine. */
const LONG = { timeout: 240_000 };

describe.skipIf(program === undefined)('implement-feature with the real Gemini CLI', () => {
  let server: ModelServer;
  let project: AgentProject;

  beforeAll(async () => {
    server = await startModelServer();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    project = agentProject('gemini', program ?? '');
  });
  afterEach(() => {
    expect(aliveWith(project.home)).toEqual([]);
    project.remove();
  });

  it('takes a brief to committed, tested code, within the rights of each role', LONG, async () => {
    const model = server.session(
      featureScript((request, task) => {
        if (task.kind === 'alex' && request.turn === 1) return { bash: 'touch shell.txt' };
        if (task.kind === 'review' && request.turn === 1)
          return { write: { path: 'src/planted.js', content: 'x' } };
        return task.kind === 'nigel' && request.turn === 3 ? { bash: 'env' } : undefined;
      }),
    );
    const done = await project.run(model, implement(project, '--yes', '--events'), {
      OPENAI_API_KEY: OTHER_KEY,
    });
    expect(done).toMatchObject({ code: 0 });
    expect(project.committed()).toEqual(
      expect.arrayContaining(['src/greeting.js', 'src/trimmed-name.js', 'test/feature_greeting.test.js']),
    );
    expect(project.committed()).not.toEqual(expect.arrayContaining(['src/planted.js']));
    expect(project.committed()).not.toEqual(expect.arrayContaining(['shell.txt']));
    expect(project.uncommitted()).toEqual([]);
    const events = project.journal();
    expect(events.filter((event) => event.type === 'feedback.given').map(({ rating }) => rating)).toEqual([
      5, 5, 5,
    ]);
    const [entry] = project.history();
    for (const [name, stage] of Object.entries(entry?.stages ?? {})) {
      const requests = model.requests.filter((request) => taskOf(request.prompt)?.kind === name).length;
      expect(stage).toMatchObject({ runner: 'gemini', model: expect.stringContaining('gemini') });
      expect(stage?.tokens).toMatchObject({
        input: requests * USAGE.input,
        output: requests * USAGE.output,
        cacheRead: requests * USAGE.cacheRead,
      });
    }
    // A role without a shell is not even offered one.
    const offered = (kind: string) =>
      model.requests.find((request) => taskOf(request.prompt)?.kind === kind)?.tools ?? [];
    expect(offered('alex')).toContain('write_file');
    expect(offered('alex')).not.toContain('run_shell_command');
    expect(offered('nigel')).toContain('run_shell_command');
    expect(JSON.stringify(model.requests.map(({ toolResults }) => toolResults))).not.toContain(OTHER_KEY);
    expect(writtenIn(project)).not.toContain(AGENT_KEY);
  });

  it('asks a person, and goes on in the same session with the answer', async () => {
    const model = server.session(
      featureScript((request, task) =>
        task.kind === 'alex' && request.prompts.length === 1 && request.turn === 0
          ? { write: question(request.prompt, 'Formal or casual?') }
          : request.prompts.length === 1 && task.kind === 'alex'
            ? { text: 'I asked.' }
            : undefined,
      ),
    );
    const parked = await project.run(model, implement(project, '--yes', '--pause-after=alex'));
    expect(parked).toMatchObject({ code: 3 });
    expect(parked.stdout + parked.stderr).toContain('Formal or casual?');
    await project.run(model, ['answer', project.runs()[0] ?? '', 'casual']);
    const resumed = model.requests.find((request) => request.prompts.length === 2);
    expect(resumed?.prompt).toContain('casual');
    expect(
      project.journal().some((event) => event.type === 'attempt.judged' && event.verdict === 'approved'),
    ).toBe(true);
  });

  it.each([
    [401, 'DEP_AUTH'],
    [429, 'DEP_QUOTA'],
  ])('says what it is that its model service refuses: %i', async (status, code) => {
    const model = server.session([{ status, message: 'it is refused', retryAfterSeconds: 3600 }]);
    const done = await project.run(model, implement(project, '--yes', '--limit', 'quota_wait=0s', '--json'));
    expect(done.code).not.toBe(0);
    expect(done.stdout + done.stderr).toContain(code);
  });

  it('is ended on Ctrl+C while its model is silent', async () => {
    const model = server.session([{ hang: 'headers' }]);
    const run = project.start(model, implement(project, '--yes'));
    await model.reached(1);
    run.child.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
    expect(project.agents()).toEqual([]);
    expect(
      execFileSync('git', ['status', '--porcelain'], { cwd: project.root, encoding: 'utf8' }),
    ).not.toContain('src/');
  });
});

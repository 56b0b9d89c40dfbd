import { existsSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { agentProgram } from '../rig/agents.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import { murmur8 } from '../rig/cli.ts';
import { featureScript, USAGE } from '../rig/feature-script.ts';
import {
  AGENT_KEY,
  type AgentProject,
  agentProject,
  implement,
  writtenIn,
} from '../rig/feature-script-project.ts';
import { findingsIn, taskOf } from '../rig/feature-script-prompt.ts';
import { type ModelServer, startModelServer } from '../rig/model-server.ts';
import { createProject } from '../rig/project.ts';

const program = agentProgram('codex');

/** Its other faults are in test/full/agents-*.test.ts. */
describe.skipIf(program === undefined)('implement-feature with the real codex', () => {
  let server: ModelServer;
  let project: AgentProject;

  beforeAll(async () => {
    server = await startModelServer();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    project = agentProject('codex', program ?? '');
  });
  afterEach(() => {
    expect(aliveWith(project.home)).toEqual([]);
    project.remove();
  });

  const codex = (...more: string[]) => implement(project, ...more);

  it('takes a brief to committed, tested code, and gives no secret away', async () => {
    const leak = 'cat .git/config; env; echo "$OPENAI_API_KEY" >&2';
    const model = server.session(
      featureScript((request, task) => {
        if (task.kind === 'nigel' && request.turn === 3) return { bash: leak };
        if (task.kind !== 'nigel' || request.turn !== 4) return undefined;
        const said = request.toolResults.map((result) => result.text).join('\n');
        return { text: `I saw this: ${said} ${AGENT_KEY}` };
      }),
    );
    const done = await project.run(model, codex('--yes', '--events'));
    expect(done).toMatchObject({ code: 0 });
    expect(project.committed()).toEqual([
      '.blueprint/features/feature_greeting/FEATURE_SPEC.md',
      '.blueprint/features/feature_greeting/IMPLEMENTATION_PLAN.md',
      '.blueprint/features/feature_greeting/brief.md',
      '.blueprint/features/feature_greeting/handoff-alex.md',
      '.blueprint/features/feature_greeting/handoff-cass.md',
      '.blueprint/features/feature_greeting/handoff-nigel.md',
      '.blueprint/features/feature_greeting/story-careful-input.md',
      '.blueprint/features/feature_greeting/story-greeting-by-name.md',
      'src/greeting.js',
      'src/trimmed-name.js',
      'test/artifacts/feature_greeting/test-spec.md',
      'test/feature_greeting.test.js',
    ]);
    expect(project.git('rev-list', '--count', 'HEAD')).toBe('2\n');
    expect(project.uncommitted()).toEqual([]);

    const events = project.journal();
    const judged = events.filter((event) => event.type === 'attempt.judged');
    expect(judged.map(({ stage, frame, verdict }) => [stage, frame, verdict])).toEqual([
      ['alex', 0, 'approved'],
      ['cass', 0, 'approved'],
      ['nigel', 0, 'approved'],
      ['codey-plan', 0, 'approved'],
      ['codey-implement', 0, 'approved'],
      ['codey-implement', 1, 'approved'],
    ]);
    const given = events.filter((event) => event.type === 'feedback.given');
    expect(given.map(({ stage, about, rating }) => [stage, about, rating])).toEqual([
      ['cass', 'alex', 5],
      ['nigel', 'cass', 5],
      ['codey-plan', 'nigel', 5],
    ]);

    // Sums are those of the requests that were answered; what it cost nobody knows.
    const [entry, ...others] = project.history();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ status: 'success', reasonCode: 'ALL_FRAMES_APPROVED' });
    expect(entry?.totalCost ?? null).toBeNull();
    for (const [name, stage] of Object.entries(entry?.stages ?? {})) {
      const requests = model.requests.filter((request) => taskOf(request.prompt)?.kind === name).length;
      expect(stage).toMatchObject({ status: 'success', runner: 'codex' });
      expect(stage?.tokens).toMatchObject({
        input: requests * USAGE.input,
        output: requests * USAGE.output,
        cacheRead: requests * USAGE.cacheRead,
      });
    }

    const printed = done.stdout + done.stderr;
    expect(printed).toContain('"type":"feedback.given"');
    for (const text of [printed, writtenIn(project)]) expect(text).not.toContain(AGENT_KEY);
  });

  it('mends what the check found, in the same thread, and counts nothing twice', async () => {
    const model = server.session(
      featureScript((_request, task, usual) => {
        const step = usual();
        if (task.kind !== 'alex' || task.mends || !('write' in step)) return undefined;
        const without = (text: string) => text.replace(/^## Dependencies\n\n.*\n/m, '');
        return {
          write: [step.write].flat().map((file) => ({ ...file, content: without(file.content) })),
        };
      }),
    );
    const done = await project.run(model, codex('--skip-stories', '--pause-after=alex'));
    expect(done).toMatchObject({ code: 3 });
    const prompts = model.requests.at(-1)?.prompts ?? [];
    expect(prompts).toHaveLength(2);
    expect(findingsIn(prompts[1] ?? '')).toMatch(/Dependencies/);
    const ends = project.journal().filter((event) => event.type === 'attempt.generated');
    expect(new Set(ends.map((event) => event.sessionId)).size).toBe(1);
    expect(ends.map((event) => event.usage?.input)).toEqual([2 * USAGE.input, 3 * USAGE.input]);
  });

  it('goes on with its thread when its process was killed', async () => {
    let killed = false;
    const model = server.session(
      featureScript((request, task) => {
        if (task.kind !== 'alex' || request.turn !== 1 || killed) return undefined;
        killed = true;
        for (const pid of project.agents()) process.kill(pid, 'SIGKILL');
        return { hang: 'headers' };
      }),
    );
    const done = await project.run(model, codex('--pause-after=alex'));
    expect(done).toMatchObject({ code: 3 });
    const ends = project.journal().filter((event) => event.type === 'attempt.generated');
    expect(ends.map((event) => event.outcome)).toEqual(['crashed', 'ok']);
    expect(ends[1]?.sessionId).toBe(ends[0]?.sessionId);
    expect(model.requests.at(-1)?.prompts).toHaveLength(2);
    // The killed one could not tell what it had used; it is in the sum of the thread.
    const answered = model.requests.length - 1;
    expect(ends.map((event) => event.usage?.input)).toEqual([undefined, answered * USAGE.input]);
  });

  it('stopped by Ctrl+C in the middle of a tool leaves nothing alive; the same command goes on where it was', async () => {
    let begun = false;
    const model = server.session(
      featureScript((request, task) => {
        if (task.kind !== 'alex' || request.turn !== 0 || begun) return undefined;
        begun = true;
        return { bash: 'touch begun; sleep 1000' };
      }),
    );
    const going = project.start(model, codex('--pause-after=alex'));
    await vi.waitUntil(() => existsSync(project.path('begun')), { timeout: 40_000 });
    going.child.kill('SIGINT');
    expect(await going.ended).toMatchObject({ code: 130, stderr: expect.stringContaining('USER_INTERRUPT') });
    expect(aliveWith(project.home)).toEqual([]);
    const again = await project.run(model, codex('--pause-after=alex'));
    expect(again).toMatchObject({ code: 3, stderr: expect.stringContaining('continuing run') });
    expect(model.requests.at(-1)?.prompts).toHaveLength(2);
  });

  it('ends at once when the service answers 401: DEP_AUTH', async () => {
    const model = server.session([{ status: 401 }]);
    const done = await project.run(model, codex('--yes'));
    expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining('DEP_AUTH') });
    expect(project.journal().filter((event) => event.type === 'attempt.started')).toHaveLength(1);
    expect(project.history()).toMatchObject([{ status: 'failed', reasonCode: 'DEP_AUTH' }]);
  });

  it('refuses a limit on a cost that nobody knows, and keeps it once its model has a price', async () => {
    const model = server.session(featureScript());
    const limited = codex('--yes', '--model', 'm1', '--max-cost', '0.001');
    const refused = await project.run(model, limited);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('codex does not tell what it costs'),
    });
    expect(refused.stderr).toContain('murmur8 cost-config set models.m1 ');
    expect(model.requests).toEqual([]);
    const price = ['cost-config', 'set', 'models.m1', '{"input": 1, "output": 2}'];
    expect(await project.run(model, price)).toMatchObject({ code: 0 });
    const stopped = await project.run(model, limited);
    expect(stopped).toMatchObject({ code: 4, stderr: expect.stringContaining('BUDGET_EXCEEDED') });
    const [entry] = project.history();
    expect(Object.keys(entry?.stages ?? {})).toEqual(['alex']);
    const each = (USAGE.input + 2 * USAGE.output + USAGE.cacheRead) / 1e6;
    expect(entry?.totalCost).toBeCloseTo(model.requests.length * each, 6);
  });
});

describe('validate', () => {
  it.each([
    ['codex-cli 0.169.0', undefined],
    ['codex-cli 0.168.0', 'older'],
    ['codex-cli 1.2.0', 'newer'],
  ])('says whether %s was tested', async (printed, age) => {
    const project = createProject();
    const stub = project.path('codex-of-another-time');
    writeFileSync(stub, `#!/bin/sh\necho '${printed}'\n`, { mode: 0o755 });
    const checked = await murmur8(['validate', '--runner', 'codex'], {
      cwd: project.root,
      env: { OPENAI_API_KEY: AGENT_KEY, MURMUR8_CODEX_PROGRAM: stub },
    });
    project.remove();
    expect(checked).toMatchObject({ code: 0 });
    expect(checked.stdout).toContain(printed.replace('codex-cli', 'codex'));
    if (age === undefined) expect(checked.stdout).not.toContain('runner version');
    else expect(checked.stdout).toMatch(new RegExp(`runner version.*is ${age} than what was tested`));
  });
});

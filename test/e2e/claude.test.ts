import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { claudeProgram } from '../rig/agents.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import { featureScript, rating, USAGE } from '../rig/feature-script.ts';
import {
  AGENT_KEY,
  type ClaudeProject,
  claudeProject,
  implement,
  writtenIn,
} from '../rig/feature-script-project.ts';
import { findingsIn, taskOf } from '../rig/feature-script-prompt.ts';
import { type ModelServer, type ModelSession, startModelServer } from '../rig/model-server.ts';
import { answer, startReceiver } from '../rig/receiver.ts';

const program = claudeProgram();
const DOTENV_SECRET = 'dotenv-secret-9e107d9d372bb682';

/** The troubles that are the same for all agents stand in test/full/agents-*.test.ts. */
describe.skipIf(program === undefined)('implement-feature with the real Claude Code', () => {
  let server: ModelServer;
  let project: ClaudeProject;

  beforeAll(async () => {
    server = await startModelServer();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    project = claudeProject(program ?? '');
  });
  afterEach(() => {
    expect(aliveWith(project.home)).toEqual([]);
    project.remove();
  });

  const claude = (...more: string[]) => implement(project, ...more);

  it('takes a brief to committed, tested code, told everything by its prompts, and gives no secret away', async () => {
    const receiver = await startReceiver({ behaviour: answer(200) });
    project.write('.env', `SERVICE_TOKEN=${DOTENV_SECRET}\nMURMUR8_TELEMETRY_URL=${receiver.url}\n`);
    const leak = 'cat .env; echo "$ANTHROPIC_API_KEY"; echo "$ANTHROPIC_API_KEY" >&2';
    const model = server.session(
      featureScript((request, task) => {
        if (task.kind === 'nigel' && request.turn === 3) return { bash: leak };
        if (task.kind === 'nigel' && request.turn === 4) {
          const said = request.toolResults.map((result) => result.text).join('\n');
          return { text: `I saw this: ${said} ${AGENT_KEY}` };
        }
        return undefined;
      }),
    );
    const done = await project.run(model, claude('--yes', '--events'), {
      MURMUR8_TELEMETRY_WAIT_MS: '20000',
    });
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
    expect(project.uncommitted().filter((line) => !line.endsWith('.env'))).toEqual([]);

    // The ratings were really given, by roles with and without a shell, and the tests were red, then green.
    const events = project.journal();
    const given = events.filter((event) => event.type === 'feedback.given');
    expect(given.map(({ stage, about, rating }) => [stage, about, rating])).toEqual([
      ['cass', 'alex', 5],
      ['nigel', 'cass', 5],
      ['codey-plan', 'nigel', 5],
    ]);
    expect(events.filter((event) => event.type === 'feedback.missing')).toEqual([]);
    const judged = events.filter((event) => event.type === 'attempt.judged');
    expect(judged.map(({ stage, frame, verdict }) => [stage, frame, verdict])).toEqual([
      ['alex', 0, 'approved'],
      ['cass', 0, 'approved'],
      ['nigel', 0, 'approved'],
      ['codey-plan', 0, 'approved'],
      ['codey-implement', 0, 'approved'],
      ['codey-implement', 1, 'approved'],
    ]);
    expect(JSON.parse(judged.at(-1)?.outputs?.['test_results'] ?? '')).toEqual(
      Object.fromEntries(['T-1', 'T-2', 'T-3', 'T-4', 'T-5'].map((id) => [id, 'passed'])),
    );

    // Sums are those of the requests that were answered, ratings included.
    const [entry, ...others] = project.history();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ status: 'success', slug: 'greeting', reasonCode: 'ALL_FRAMES_APPROVED' });
    expect(entry?.commitHash).toBe(project.git('rev-parse', 'HEAD').trim());
    expect(entry?.featureId).toBe(project.featureId());
    expect(Object.keys(entry?.stages ?? {})).toEqual([
      'alex',
      'cass',
      'nigel',
      'codey-plan',
      'codey-implement',
    ]);
    for (const [name, stage] of Object.entries(entry?.stages ?? {})) {
      const requests = model.requests.filter((request) => taskOf(request.prompt)?.kind === name).length;
      expect(stage).toMatchObject({
        status: 'success',
        runner: 'claude',
        model: expect.stringMatching(/claude/),
      });
      expect(stage?.tokens).toMatchObject({
        input: requests * USAGE.input,
        output: requests * USAGE.output,
        cacheRead: requests * USAGE.cacheRead,
      });
    }
    const stageCost = Object.values(entry?.stages ?? {}).reduce((sum, stage) => sum + (stage?.cost ?? 0), 0);
    expect(entry?.totalCost).toBeGreaterThan(stageCost);

    await receiver.count(1);
    const payload = receiver.received[0]?.text ?? '';
    await receiver.close();
    expect(JSON.parse(payload)).toMatchObject({ runId: entry?.runId });

    const printed = done.stdout + done.stderr;
    expect(printed).toContain('"type":"feedback.given"');
    const log = project.read(`.claude/runs/${project.runs()[0]}/logs/nigel/0-1.log`);
    expect(log).toContain('SERVICE_TOKEN=***');
    for (const text of [printed, payload, writtenIn(project)]) {
      expect(text).not.toContain(AGENT_KEY);
      expect(text).not.toContain(DOTENV_SECRET);
    }
  });

  it('mends what the check found, in the same session, and records how', async () => {
    const model = server.session(
      featureScript((_request, task, usual) => {
        const step = usual();
        if (task.kind !== 'alex' || task.mends || !('write' in step)) return undefined;
        const files = [step.write].flat();
        return {
          write: files.map((file) => ({
            ...file,
            content: file.content.replace(/^## Dependencies\n\n.*\n/m, ''),
          })),
        };
      }),
    );
    const done = await project.run(model, claude('--skip-stories', '--pause-after=alex'));
    expect(done).toMatchObject({ code: 3 });
    const prompts = model.requests.at(-1)?.prompts ?? [];
    expect(prompts).toHaveLength(2);
    expect(findingsIn(prompts[0] ?? '')).toBe('');
    expect(findingsIn(prompts[1] ?? '')).toMatch(/FEATURE_SPEC\.md.*"Dependencies"|Dependencies/);
    const attempts = project.journal().filter((event) => event.type === 'attempt.started');
    expect(attempts).toMatchObject([{ attempt: 1 }, { attempt: 2, strategy: 'add-context' }]);
    expect(attempts[1]?.sessionId).toMatch(/^[0-9a-f-]{36}$/);
    expect(project.history()[0]).toMatchObject({
      status: 'paused',
      pausedAfter: 'alex',
      stages: { alex: { attempts: 2 } },
    });
    // A session that goes on reports only what is new: nothing is counted twice.
    const usages = project
      .journal()
      .flatMap((event) => (event.type === 'attempt.generated' ? [event.usage] : []));
    expect(usages.map((usage) => usage?.input)).toEqual([2 * USAGE.input, 3 * USAGE.input]);
    expect((usages[1]?.costMicroUsd ?? 0) * 2).toBe((usages[0]?.costMicroUsd ?? 0) * 3);
    expect(tokensOf('alex')).toEqual(model.requests.length * USAGE.input);
  });

  it('goes on with its session when its process was killed', async () => {
    let killed = false;
    const model = server.session(
      featureScript((request, task) => {
        if (task.kind !== 'nigel' || request.turn > 0 || killed) return undefined;
        killed = true;
        // Its own tool ends it once its session is on disk.
        const saved = 'until grep -rqs "Write the tests" "$CLAUDE_CONFIG_DIR/projects"; do sleep 0.1; done';
        return { bash: `${saved}; kill -9 $PPID; sleep 1000` };
      }),
    );
    const done = await project.run(model, claude('--skip-stories', '--no-feedback', '--pause-after=nigel'));
    expect(done).toMatchObject({ code: 3 });
    const ends = project.journal().filter((event) => event.type === 'attempt.generated');
    expect(ends.map((event) => event.outcome)).toEqual(['ok', 'crashed', 'ok']);
    expect(ends[2]?.sessionId).toBe(ends[1]?.sessionId);
    const told = model.requests.at(-1)?.prompts.filter((prompt) => taskOf(prompt)?.kind === 'nigel');
    expect(told).toHaveLength(2);
  });

  it('begins a stage anew when its process was killed before it had kept its session', async () => {
    let killed = false;
    const model = server.session(
      featureScript((_request, task) => {
        if (task.kind !== 'alex' || killed) return undefined;
        killed = true;
        for (const pid of project.agents()) process.kill(pid, 'SIGKILL');
        return { hang: 'headers' };
      }),
    );
    const done = await project.run(model, claude('--pause-after=alex'));
    expect(done).toMatchObject({ code: 3 });
    const ends = project.journal().filter((event) => event.type === 'attempt.generated');
    expect(ends.map((event) => event.outcome)).toEqual(['crashed', 'ok']);
  });

  it('stopped by Ctrl+C in the middle of a tool leaves nothing alive; the same command goes on where it was', async () => {
    let begun = false;
    const model = server.session(
      featureScript((request, task) => {
        if (task.kind === 'nigel' && request.turn === 0 && !begun) {
          begun = true;
          return { bash: 'touch "$HOME/begun"; sleep 1000' };
        }
        return undefined;
      }),
    );
    const going = project.start(model, claude('--skip-stories', '--no-feedback', '--yes'));
    await toolBegun();
    going.child.kill('SIGINT');
    expect(await going.ended).toMatchObject({ code: 130, stderr: expect.stringContaining('USER_INTERRUPT') });
    expect(aliveWith(project.home)).toEqual([]);

    const before = model.requests.length;
    const again = await project.run(model, claude('--skip-stories', '--no-feedback', '--yes'));
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('continuing run') });
    const asked = model.requests.slice(before);
    expect(asked.map(kindOf)).not.toContain('alex');
    expect(asked[0]?.prompts.map((prompt) => taskOf(prompt)?.kind).filter(Boolean)).toEqual([
      'nigel',
      'nigel',
    ]);
    expect(project.history().map((entry) => entry.status)).toEqual(['paused', 'success']);
    expect(project.git('rev-list', '--count', 'HEAD')).toBe('2\n');
  });

  it('goes on after our own process was killed, once what it left running is ended', async () => {
    let begun = false;
    const model = server.session(
      featureScript((request, task) => {
        if (task.kind === 'nigel' && request.turn === 0 && !begun) {
          begun = true;
          return { bash: 'touch "$HOME/begun"; sleep 1000' };
        }
        return undefined;
      }),
    );
    const going = project.start(model, claude('--skip-stories', '--no-feedback', '--yes'));
    await toolBegun();
    going.child.kill('SIGKILL');
    await going.ended;
    const left = aliveWith(project.home);
    expect(left.length).toBeGreaterThan(1);
    const done = await project.run(model, ['resume', 'greeting']);
    expect(done).toMatchObject({ code: 0 });
    expect(aliveWith(project.home)).toEqual([]);
    expect(model.requests.filter((request) => kindOf(request) === 'alex' && request.turn === 0)).toHaveLength(
      1,
    );
    expect(project.history().map((entry) => entry.status)).toEqual(['success']);
  });

  it('sends work back once when its reader asks for that, in the session of its author', async () => {
    const issue = 'FEATURE_SPEC.md does not say what an empty name does';
    let rated = 0;
    const model = server.session(
      featureScript((request, task) => {
        if (task.kind === 'alex' && findingsIn(request.prompt) === '' && rated > 0)
          return { text: 'No issue?' };
        if (task.kind !== 'review' || request.turn > 0) return undefined;
        rated += 1;
        if (rated > 1) return undefined;
        return { write: rating(request.prompt, { rating: 3, issues: [issue], recommendation: 'revise' }) };
      }),
    );
    const done = await project.run(model, claude('--pause-after=cass'));
    expect(done).toMatchObject({ code: 3 });
    const authors = model.requests.filter((request) => kindOf(request) === 'alex');
    expect(authors.at(-1)?.prompts).toHaveLength(2);
    expect(findingsIn(authors.at(-1)?.prompt ?? '')).toContain(issue);
    const given = project.journal().filter((event) => event.type === 'feedback.given');
    expect(given.map((event) => event.verdict)).toEqual(['revise', 'proceed']);
  });

  it('stops at its cost limit, and goes on when that is raised', async () => {
    const model = server.session(featureScript());
    const stopped = await project.run(model, claude('--pause-after=alex', '--max-cost', '0.001'));
    expect(stopped).toMatchObject({ code: 4, stderr: expect.stringContaining('BUDGET_EXCEEDED') });
    const before = model.requests.length;
    const done = await project.run(model, ['resume', 'greeting', '--max-cost', '1', '--pause-after=alex']);
    expect(done).toMatchObject({ code: 3 });
    expect(model.requests[before]?.prompts.length).toBe(2);
    expect(project.history().map((entry) => entry.reasonCode)).toEqual([
      'BUDGET_EXCEEDED',
      'PAUSED_AFTER_STAGE',
    ]);
  });

  it.each([
    [401, 'DEP_AUTH'],
    [429, 'DEP_QUOTA'],
  ])('ends at once when the service answers %d: %s', async (status, code) => {
    const model = server.session([{ status, retryAfterSeconds: 0 }]);
    const done = await project.run(model, claude('--yes', '--limit', 'quota_wait=0s'));
    expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining(code) });
    expect(project.journal().filter((event) => event.type === 'attempt.started')).toHaveLength(1);
    expect(project.history()).toMatchObject([{ status: 'failed', reasonCode: code }]);
  });

  it('gives way to the next runner when its quota is used up, stage by stage', async () => {
    const model = server.session([{ status: 429, message: 'used up' }]);
    const done = await project.run(model, claude('--runner', 'offline', '--yes', '--pause-after=cass'));
    expect(done).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('since claude has no quota left'),
    });
    const started = project.journal().filter((event) => event.type === 'attempt.started');
    expect(started.map(({ stage, runner }) => [stage, runner])).toEqual(
      ['alex', 'cass'].flatMap((stage) => ['claude', 'offline'].map((runner) => [stage, runner])),
    );
    expect(project.history()).toMatchObject([{ stages: { alex: { runner: 'offline', attempts: 2 } } }]);
  });

  const kindOf = (request: ModelSession['requests'][number]) => taskOf(request.prompt)?.kind;

  const tokensOf = (stage: 'alex') => project.history().at(-1)?.stages[stage]?.tokens?.input;

  const toolBegun = () => vi.waitUntil(() => existsSync(join(project.home, 'begun')), { timeout: 40_000 });
});

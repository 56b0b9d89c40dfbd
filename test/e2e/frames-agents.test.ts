import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunStatusDocument } from '../../src/interfaces/contract/status.ts';
import { runStatusDocumentContract } from '../../src/interfaces/contract/status.ts';
import { claudeProgram } from '../rig/agents.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import { type ClaudeUser, createClaudeUser, HELPER_KEY } from '../rig/claude-user.ts';
import { type Ended, murmur8 } from '../rig/cli.ts';
import { writtenIn } from '../rig/feature-script-project.ts';
import { findingsIn } from '../rig/feature-script-prompt.ts';
import { type ModelServer, type ModelSession, startModelServer } from '../rig/model-server.ts';
import type { ModelRequest, ModelScript, ModelStep } from '../rig/model-server-step.ts';
import { createPipelineProject, type PipelineProject } from '../rig/pipeline-project.ts';
import { type CheckTask, checkTaskOf, sectionOf, stageTaskOf } from '../rig/stage-prompt.ts';

const program = claudeProgram();
const EXIT_STOPPED = 4;

const REVIEWER = `---
name: reviewer
description: Looks at drawings
tools: Read, Bash
---
You look at drawings and say what is wrong with them.
`;

/** Each drawing is noted with what it was made with; every item has a file of its own. */
const DRAW = `
echo "$MURMUR8_ITEM, \${MURMUR8_STRATEGY:-none}, \${MURMUR8_FINDINGS:-none}" >> made
echo "$MURMUR8_ITEM" > "drawn-$MURMUR8_ITEM"
`;

const DRAWN_BY_A_COMMAND = `
name: drawing
stages:
  - name: draw
    foreach: [left, right]
    run: sh draw.sh
    audit: {agent: reviewer, task: "Is \${item} straight?"}
    retry: {max: 1, delay: 1s, jitter: 1, strategies: [STRAIGHTEN]}
    on_failure: continue
`;

const APPROVED = { verdict: 'approved', findings: [] };
const LEANS = { verdict: 'rejected', findings: ['it leans to the left', 'it is too short'] };
const USAGE = { input: 1_000, output: 100 };
const TOKENS_OF_A_TURN = USAGE.input + USAGE.output;

/** A verdict as the reviewer's own shell writes it. */
function says(verdict: object, { turn }: ModelRequest): ModelStep {
  return turn === 0
    ? { bash: `printf '%s' '${JSON.stringify(verdict)}' > "$MURMUR8_ANSWER"`, usage: USAGE }
    : { text: 'I have looked at it.', usage: USAGE };
}

/** A model that reviews; how often it was asked about an item before tells it what to say. */
function reviewing(
  review: (task: CheckTask, nth: number, request: ModelRequest) => ModelStep,
  work: (request: ModelRequest) => ModelStep = () => ({ text: 'This is no check.' }),
): ModelScript {
  const asked = new Map<string, number>();
  return (request) => {
    const task = checkTaskOf(request.prompt);
    if (task === undefined) return work(request);
    if (request.turn === 0) asked.set(task.task, (asked.get(task.task) ?? 0) + 1);
    return review(task, asked.get(task.task) ?? 0, request);
  };
}

describe.skipIf(program === undefined)('frames with the real Claude Code', () => {
  let server: ModelServer;
  let user: ClaudeUser;
  let project: PipelineProject;
  let model: ModelSession;
  beforeAll(async () => {
    server = await startModelServer();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    user = createClaudeUser(program ?? '', server.url);
  });
  afterEach(() => {
    expect(aliveWith(user.home)).toEqual([]);
    project.remove();
    user.remove();
  });

  async function drawing(script: ModelScript, definition = DRAWN_BY_A_COMMAND): Promise<void> {
    model = server.session(script);
    user.remove();
    user = createClaudeUser(program ?? '', model.url);
    project = createPipelineProject({ env: user.env });
    project.write('.blueprint/agents/reviewer.md', REVIEWER);
    project.write('draw.sh', DRAW);
    await project.register(definition);
  }

  async function status(): Promise<RunStatusDocument> {
    const { stdout } = await murmur8(['status', '--json'], { cwd: project.root });
    return runStatusDocumentContract.parse(JSON.parse(stdout));
  }

  function resume(...more: string[]): Promise<Ended> {
    return project.pipeline('run', '--resume', project.runs()[0] ?? '', ...more);
  }

  /** Requests that began something: a check or an attempt. */
  const firsts = () => model.requests.filter(({ turn }) => turn === 0);
  const eventsOf = (...types: string[]) => project.journal().filter(({ type }) => types.includes(type));

  describe('as the reviewer', () => {
    test('rejects with findings that reach the next attempt, approves that, and costs what it costs', async () => {
      await drawing(
        reviewing((task, nth, request) =>
          says(task.task.startsWith('Is left') && nth === 1 ? LEANS : APPROVED, request),
        ),
      );
      const ended = await project.pipeline('run', 'drawing');
      expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining('ALL_FRAMES_APPROVED')]);
      expect(project.lines('made')).toEqual([
        'left, none, none',
        `left, STRAIGHTEN, ${LEANS.findings[0]}`,
        LEANS.findings[1],
        'right, none, none',
      ]);
      expect(
        eventsOf('attempt.judged').map((event) => event.type === 'attempt.judged' && event.findings),
      ).toEqual([LEANS.findings, [], []]);
      const { metrics, tokens, cost_usd, cost_complete } = await status();
      expect(metrics).toMatchObject({ frames_completed: 2, total_attempts: 3, retry_rate: 0.5 });
      // Three checks of two turns each; nothing else uses a model.
      expect(tokens).toBeGreaterThanOrEqual(3 * 2 * TOKENS_OF_A_TURN);
      expect(cost_usd).toBeGreaterThan(0);
      expect(cost_complete).toBe(true);
      // Each check is a session of its own that knows what the work was, and what it is about.
      expect(firsts().map(({ prompts }) => prompts.length)).toEqual([1, 1, 1]);
      expect(sectionOf(firsts()[0]?.prompt ?? '', 'What the stage had been asked to do')).toContain(
        'run the command: sh draw.sh',
      );
      expect(writtenIn(project)).not.toContain(HELPER_KEY);
    });

    test('that gives no verdict is asked again without the work being made again, then the frame fails', async () => {
      const isSilent = true;
      await drawing(
        reviewing((task, _, request) =>
          isSilent && task.task.startsWith('Is left')
            ? { text: 'It looks good to me: approved!', usage: USAGE }
            : says(APPROVED, request),
        ),
      );
      const ended = await project.pipeline('run', 'drawing');
      expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining('PARTIAL_SUCCESS')]);
      expect(eventsOf('audit.failed', 'frame.failed')).toMatchObject([
        { type: 'audit.failed', outcome: 'no-result', message: 'the reviewer left no verdict' },
        { type: 'audit.failed', outcome: 'no-result' },
        { type: 'frame.failed', frame: 0, status: 'failed', code: 'AGENT_NO_RESULT' },
      ]);
      expect(project.lines('made')).toEqual(['left, none, none', 'right, none, none']);
      const { metrics, tokens } = await status();
      expect(metrics).toMatchObject({ frames_completed: 1, frames_failed: 1, total_attempts: 2 });
      expect(tokens).toBeGreaterThanOrEqual(4 * TOKENS_OF_A_TURN);
    });

    test('that gives no verdict on the only frame leaves its result to be judged on resume, not made again', async () => {
      let isSilent = true;
      await drawing(
        reviewing((_task, _nth, request) =>
          isSilent ? { text: 'It looks good to me: approved!' } : says(APPROVED, request),
        ),
        DRAWN_BY_A_COMMAND.replace('[left, right]', '[left]'),
      );
      const failed = await project.pipeline('run', 'drawing');
      expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('AGENT_NO_RESULT')]);
      expect(await status()).toMatchObject({ status: 'failed', details: { error_code: 'AGENT_NO_RESULT' } });
      isSilent = false;
      const done = await resume();
      expect([done.code, done.stderr]).toEqual([0, expect.stringContaining('ALL_FRAMES_APPROVED')]);
      expect(project.lines('made')).toEqual(['left, none, none']);
    });

    test('that outlives its killed owner is ended by whoever goes on, and only the check is made again', async () => {
      let isFree = false;
      await drawing(
        reviewing((_task, _nth, request) => (isFree ? says(APPROVED, request) : { hang: 'stream' })),
      );
      const { child, ended } = project.startPipeline('run', 'drawing');
      await model.reached(1);
      child.kill('SIGKILL');
      await ended;
      expect(aliveWith(user.home)).not.toEqual([]);
      expect(await status()).toMatchObject({ status: 'failed', reason_code: 'SYS_OWNER_LOST' });
      isFree = true;
      const done = await resume();
      expect([done.code, done.stderr]).toEqual([0, expect.stringContaining('ALL_FRAMES_APPROVED')]);
      expect(project.lines('made')).toEqual(['left, none, none', 'right, none, none']);
    });

    test.each([
      ['max_tokens', '2000', '1000000', 2_000],
      ['max_cost_usd', '0.0001', '5', 0.0001],
    ])('stops the run by what it uses: %s', async (limit, threshold, more, figure) => {
      await drawing(reviewing((_task, _nth, request) => says(APPROVED, request)));
      const stopped = await project.pipeline('run', 'drawing', '--limit', `${limit}=${threshold}`);
      expect([stopped.code, stopped.stderr]).toEqual([
        EXIT_STOPPED,
        expect.stringContaining('BUDGET_EXCEEDED'),
      ]);
      const shown = await status();
      expect(shown).toMatchObject({
        status: 'stopped',
        reason_code: 'BUDGET_EXCEEDED',
        details: { stop_condition: 'BUDGET_EXCEEDED' },
      });
      expect(shown.details).toMatchObject({ threshold: figure, actual_value: expect.any(Number) });
      const actual = 'actual_value' in shown.details ? shown.details.actual_value : 0;
      expect(actual).toBe(limit === 'max_tokens' ? shown.tokens : shown.cost_usd);
      expect(actual).toBeGreaterThanOrEqual(figure);
      // Gone on with as it is, nothing more is spent.
      const asked = model.requests.length;
      expect((await resume()).code).toBe(EXIT_STOPPED);
      expect(model.requests).toHaveLength(asked);
      const done = await resume('--limit', `${limit}=${more}`);
      expect([done.code, done.stderr]).toEqual([0, expect.stringContaining('ALL_FRAMES_APPROVED')]);
      expect(project.lines('made')).toEqual(['left, none, none', 'right, none, none']);
    });
  });

  describe('as the worker', () => {
    const DRAWN_BY_AN_AGENT = `
name: drawing
stages:
  - name: draw
    agent: builder
    task: Draw the house
    audit: {agent: reviewer, task: Is the house straight?}
    retry: {max: 2, delay: 1s, jitter: 1, strategies: [{name: STRAIGHTEN, task: Take a ruler for the house}]}
`;

    test('is told by the reviewer what is wrong, and the strategy, in the same session', async () => {
      await drawing(
        reviewing(
          (_, nth, request) => says(nth === 1 ? LEANS : APPROVED, request),
          ({ turn }) =>
            turn === 0 ? { bash: 'echo drawn >> made', usage: USAGE } : { text: 'Drawn.', usage: USAGE },
        ),
        DRAWN_BY_AN_AGENT,
      );
      const ended = await project.pipeline('run', 'drawing');
      expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining('ALL_STAGES_SUCCEEDED')]);
      const [first, , second] = firsts().map(({ prompt }) => prompt);
      expect(stageTaskOf(second ?? '')).toMatchObject({
        stage: 'draw',
        task: stageTaskOf(first ?? '')?.task,
      });
      for (const finding of LEANS.findings) expect(findingsIn(second ?? '')).toContain(finding);
      expect(first).not.toContain('STRAIGHTEN');
      expect(sectionOf(second ?? '', 'How this attempt differs: the strategy STRAIGHTEN')).toContain(
        'Take a ruler for the house',
      );
      // The work goes on in its session; the reviewer begins one for each look.
      expect(firsts().map(({ prompts }) => prompts.length)).toEqual([1, 1, 2, 1]);
      expect(project.lines('made')).toEqual(['drawn', 'drawn']);
      expect((await status()).tokens).toBeGreaterThanOrEqual(8 * TOKENS_OF_A_TURN);
    });

    test('that falls silent is resumed once in its session, then the run stops, and goes on later', async () => {
      let isFree = false;
      await drawing(
        reviewing(
          (_task, _nth, request) => says(APPROVED, request),
          ({ turn }) => {
            if (turn === 0) return { bash: 'echo drawn >> made' };
            return isFree ? { text: 'Drawn.' } : { hang: 'stream' };
          },
        ),
        `${DRAWN_BY_AN_AGENT}    limits: {stall_timeout: 5s}\n`,
      );
      const stopped = await project.pipeline('run', 'drawing');
      expect([stopped.code, stopped.stderr]).toEqual([EXIT_STOPPED, expect.stringContaining('STALLED')]);
      expect(aliveWith(user.home)).toEqual([]);
      const { details, ...shown } = await status();
      expect(shown).toMatchObject({ status: 'stopped', reason_code: 'STALLED' });
      expect(details).toMatchObject({
        stop_condition: 'STALLED',
        threshold: 5_000,
        actual_value: expect.any(Number),
        frames_remaining: 1,
      });
      expect('actual_value' in details && details.actual_value).toBeGreaterThanOrEqual(5_000);
      const attempts = eventsOf('attempt.generated');
      expect(attempts).toMatchObject([
        { attempt: 1, outcome: 'stalled' },
        { attempt: 2, outcome: 'stalled' },
      ]);
      const sessions = attempts.map((event) => event.type === 'attempt.generated' && event.sessionId);
      expect(new Set(sessions).size).toBe(1);
      expect(firsts().map(({ prompts }) => prompts.length)).toEqual([1, 2]);
      expect(firsts()[1]?.prompt).toContain('STRAIGHTEN');
      isFree = true;
      const done = await resume('--limit', 'stall_timeout=1m');
      expect([done.code, done.stderr]).toEqual([0, expect.stringContaining('ALL_STAGES_SUCCEEDED')]);
      expect(project.lines('made')).toEqual(['drawn', 'drawn', 'drawn']);
    });
  });
});

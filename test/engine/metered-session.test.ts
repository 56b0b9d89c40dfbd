import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AgentEvent, Usage } from '../../src/core/agent/event.ts';
import { costConfigSchema } from '../../src/core/config/cost-config.ts';
import type { Limits } from '../../src/core/pipeline/definition.ts';
import { ok } from '../../src/core/result.ts';
import type { RunSettings } from '../../src/core/run/event.ts';
import type { RunState } from '../../src/core/run/state.ts';
import { type MeteredSession, runMetered } from '../../src/engine/metered-session.ts';
import type { AgentJob, AgentOrder, AgentOutcome, AgentRunner } from '../../src/engine/ports.ts';
import { createSpending } from '../../src/engine/spending.ts';
import {
  aPipeline,
  aStage,
  begun,
  created,
  generated,
  happens,
  settings,
  started,
  stateAfter,
} from '../rig/run-builder.ts';

const spent = (costMicroUsd: number): Usage => ({ input: costMicroUsd, output: 0, costMicroUsd });

/** A run whose stages are at work side by side. */
function aRun(limits: Limits, given: Partial<RunSettings> = {}): RunState {
  const stages = ['a', 'b', 'c'].map((name) => aStage(name));
  return stateAfter(
    created(aPipeline(stages, { limits }), { settings: settings(given) }),
    ...['a', 'b', 'c'].flatMap((stage) => [started(stage), begun(stage)]),
  );
}

function anOrder(kind: AgentJob['kind']): AgentOrder {
  const job = {
    kind,
    stage: 'a',
    slug: '',
    featureId: '',
    briefPath: '',
    findings: [],
    withStories: false,
  };
  const places = { answerFile: '/a', logFile: '/l', scratchDir: '/s', homeDir: '/h' };
  const times = { timeoutMs: 1_000, stallTimeoutMs: 1_000 };
  return {
    runId: 'r',
    attempt: 1,
    agent: 'a',
    instructions: '',
    prompt: '',
    cwd: '/',
    job,
    ...places,
    ...times,
  };
}

/** An agent at work, of which the test says what it does next. */
interface AtWork {
  readonly order: () => AgentOrder | undefined;
  readonly wasEnded: () => boolean;
  readonly tells: (...events: readonly AgentEvent[]) => Promise<void>;
  readonly ends: (outcome: AgentOutcome) => Promise<AgentOutcome>;
  readonly outcome: Promise<AgentOutcome>;
}

const costs = costConfigSchema.parse({ models: { small: { input: 1, output: 1 } } });

function work(
  session: Pick<MeteredSession, 'spending' | 'state' | 'stage'> & Partial<MeteredSession>,
  {
    kind = 'work',
    signal = new AbortController().signal,
  }: { kind?: AgentJob['kind']; signal?: AbortSignal } = {},
): AtWork {
  let given: AgentOrder | undefined;
  let ended = false;
  let tell: (event: AgentEvent) => void = () => {};
  let end: (outcome: AgentOutcome) => void = () => {};
  const runner: AgentRunner = {
    name: 'scripted',
    probe: async () => ok({ runner: 'scripted', login: 'ok', reportsCost: true }),
    run: (order, onEvent, stop) =>
      new Promise((resolve) => {
        given = order;
        tell = onEvent;
        end = resolve;
        stop.addEventListener('abort', () => {
          ended = true;
          resolve({ outcome: 'cancelled', message: 'stopped on request', sessionId: 's1' });
        });
      }),
  };
  const outcome = runMetered(runner, anOrder(kind), { costs, onEvent: () => {}, ...session }, signal);
  return {
    order: () => given,
    wasEnded: () => ended,
    async tells(...events) {
      for (const event of events) tell(event);
      await settled();
    },
    ends(how) {
      end(how);
      return outcome;
    },
    outcome,
  };
}

const settled = () => vi.advanceTimersByTimeAsync(0);
const usage = (one: Usage): AgentEvent => ({ type: 'usage', usage: one });
const DONE: AgentEvent = { type: 'result', text: 'done' };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('an agent at work', () => {
  it('is ended once it has used what the run may, and can be continued', async () => {
    const state = aRun({ maxCostMicroUsd: 500_000 });
    const agent = work({ spending: createSpending(), state, stage: 'a' });
    await agent.tells(usage(spent(400_000)));
    expect(agent.wasEnded()).toBe(false);
    await agent.tells(usage(spent(520_000)));
    expect(await agent.outcome).toEqual({
      outcome: 'budget',
      message: 'cost in USD: 0.52 of at most 0.5',
      sessionId: 's1',
      usage: spent(520_000),
    });
  });

  it('is ended for what its model costs by the price list, where it tells tokens only', async () => {
    const agent = work({ spending: createSpending(), state: aRun({ maxCostMicroUsd: 90 }), stage: 'a' });
    await agent.tells({ type: 'started', model: 'small' }, usage({ input: 60, output: 40 }));
    expect(await agent.outcome).toMatchObject({
      outcome: 'budget',
      usage: { input: 60, output: 40, costMicroUsd: 100 },
    });
  });

  it('is ended for tokens, and for what its stage alone may use', async () => {
    const tokens = work({ spending: createSpending(), state: aRun({ maxTokens: 10 }), stage: 'a' });
    await tokens.tells(usage({ input: 4, output: 2, cacheRead: 3, cacheWrite: 1 }));
    expect(await tokens.outcome).toMatchObject({ outcome: 'budget', message: 'tokens: 10 of at most 10' });
    const state = aRun({}, { stageLimits: { a: { maxCostMicroUsd: 100 } } });
    const spending = createSpending();
    const [limited, free] = [work({ spending, state, stage: 'a' }), work({ spending, state, stage: 'b' })];
    await free.tells(usage(spent(1_000_000)));
    await limited.tells(usage(spent(100)));
    expect(await limited.outcome).toMatchObject({
      outcome: 'budget',
      message: 'a: cost in USD: 0.0001 of at most 0.0001',
    });
    expect(free.wasEnded()).toBe(false);
    expect(await free.ends({ outcome: 'ok' })).toMatchObject({ outcome: 'ok', usage: spent(1_000_000) });
  });

  it('is ended when another one used up what they share', async () => {
    const shared = { spending: createSpending(), state: aRun({ maxCostMicroUsd: 100 }) };
    const [one, other] = [work({ ...shared, stage: 'a' }), work({ ...shared, stage: 'b' })];
    await one.tells(usage(spent(60)));
    await other.tells(usage(spent(50)));
    expect(await one.outcome).toMatchObject({ outcome: 'budget', usage: spent(60) });
    expect(await other.outcome).toMatchObject({ outcome: 'budget', usage: spent(50) });
    const late = work({ ...shared, stage: 'c' });
    expect(await late.outcome).toMatchObject({
      outcome: 'budget',
      message: expect.stringMatching(/^not begun: /),
    });
    expect(late.order()).toBeUndefined();
  });

  it('keeps its result when it tells only with it that it used too much', async () => {
    const shared = { spending: createSpending(), state: aRun({ maxCostMicroUsd: 100 }) };
    const [done, other] = [work({ ...shared, stage: 'a' }), work({ ...shared, stage: 'b' })];
    await done.tells(usage(spent(300)), DONE);
    expect(done.wasEnded()).toBe(false);
    expect(await done.ends({ outcome: 'ok', usage: spent(300) })).toEqual({
      outcome: 'ok',
      usage: spent(300),
    });
    expect(await other.outcome).toMatchObject({ outcome: 'budget' });
  });

  it('counts what only its outcome tells', async () => {
    const shared = { spending: createSpending(), state: aRun({ maxCostMicroUsd: 100 }) };
    await work({ ...shared, stage: 'a' }).ends({ outcome: 'crashed', usage: spent(100) });
    expect(await work({ ...shared, stage: 'b' }).outcome).toMatchObject({ outcome: 'budget' });
  });

  it('that a person stopped is no matter of the budget', async () => {
    const stop = new AbortController();
    const agent = work(
      { spending: createSpending(), state: aRun({ maxCostMicroUsd: 100 }), stage: 'a' },
      { signal: stop.signal },
    );
    stop.abort('stop');
    await agent.tells(usage(spent(300)));
    expect(await agent.outcome).toMatchObject({ outcome: 'cancelled' });
  });

  it('is given what is left, of the run and of its stage, less what others at work have used', async () => {
    const state = aRun({ maxCostMicroUsd: 100 }, { stageLimits: { c: { maxCostMicroUsd: 30 } } });
    happens(state, generated('a', { usage: spent(10) }));
    const spending = createSpending();
    const first = work({ spending, state, stage: 'a' });
    expect(first.order()?.maxCostMicroUsd).toBe(90);
    await first.tells(usage(spent(25)));
    expect(work({ spending, state, stage: 'b' }).order()?.maxCostMicroUsd).toBe(65);
    expect(work({ spending, state, stage: 'c' }).order()?.maxCostMicroUsd).toBe(30);
    const free = { spending: createSpending(), state: aRun({ maxTokens: 5 }), stage: 'a' };
    expect(work(free).order()).not.toHaveProperty('maxCostMicroUsd');
  });

  it('that takes back what was done is counted and not ended', async () => {
    const shared = { spending: createSpending(), state: aRun({ maxCostMicroUsd: 100 }) };
    const undo = work({ ...shared, stage: 'a' }, { kind: 'undo' });
    await undo.tells(usage(spent(300)));
    expect(undo.wasEnded()).toBe(false);
    expect(undo.order()).not.toHaveProperty('maxCostMicroUsd');
    const again = work({ ...shared, stage: 'a' }, { kind: 'undo' });
    expect(again.order()).toBeDefined();
    expect(await work({ ...shared, stage: 'b' }).outcome).toMatchObject({ outcome: 'budget' });
  });

  it.each([
    ['cannot price', 'large', { input: 1, output: 1 }, 'cost-config set models.large'],
    ['knows nothing of', 'large', undefined, 'the limit on the cost cannot be kept'],
  ])('is the last one under a limit on the cost that nobody %s', async (_, model, used, said) => {
    const shared = { spending: createSpending(), state: aRun({ maxCostMicroUsd: 100 }) };
    await work({ ...shared, stage: 'a' }).ends({
      outcome: 'ok',
      model,
      ...(used === undefined ? {} : { usage: used }),
    });
    expect(await work({ ...shared, stage: 'b' }).outcome).toMatchObject({
      outcome: 'budget',
      message: expect.stringContaining(said),
    });
    const unlimited = { spending: createSpending(), state: aRun({}) };
    await work({ ...unlimited, stage: 'a' }).ends({ outcome: 'ok', model });
    expect(work({ ...unlimited, stage: 'b' }).order()).toBeDefined();
  });

  it('that died without telling its cost leaves the others at work, and is told of where that matters', async () => {
    const said: string[] = [];
    const onUnknown = (message: string) => said.push(message);
    const shared = { spending: createSpending(), state: aRun({ maxCostMicroUsd: 100 }), onUnknown };
    await work({ ...shared, stage: 'a' }).ends({ outcome: 'crashed' });
    expect(work({ ...shared, stage: 'b' }).order()).toBeDefined();
    expect(said).toEqual([expect.stringMatching(/^what a cost is unknown, for its agent ended as crashed/)]);
    await work({ ...shared, stage: 'a' }).ends({ outcome: 'crashed', usage: spent(1) });
    await work({ ...shared, stage: 'a' }).ends({ outcome: 'spawn-error' });
    await work({ ...shared, state: aRun({}), stage: 'a' }).ends({ outcome: 'crashed' });
    expect(said).toHaveLength(1);
  });
});

describe('what an agent has used so far', () => {
  it('is told at once, then at most once a second, if it changed, and not at its end', async () => {
    const told: Usage[] = [];
    const agent = work({
      spending: createSpending(),
      state: aRun({}),
      stage: 'a',
      onSpent: (one) => told.push(one),
    });
    await agent.tells({ type: 'started', model: 'small' }, usage({ input: 1, output: 0 }));
    expect(told).toEqual([{ input: 1, output: 0, costMicroUsd: 1 }]);
    await agent.tells(usage({ input: 2, output: 0 }));
    await agent.tells(usage({ input: 3, output: 0 }));
    expect(told).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told.slice(1)).toEqual([{ input: 3, output: 0, costMicroUsd: 3 }]);
    await vi.advanceTimersByTimeAsync(5_000);
    await agent.tells(usage({ input: 3, output: 0 }));
    expect(told).toHaveLength(2);
    await agent.tells(usage({ input: 4, output: 0 }), DONE);
    await agent.ends({ outcome: 'ok' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told).toHaveLength(2);
  });
});

/** One agent uses more, ends, or the whole process is killed and another one takes over. */
type Happening =
  | { readonly who: 'a' | 'b' | 'c'; readonly more: number }
  | { readonly ends: 'a' | 'b' | 'c' }
  | 'kill';

describe('whatever agents use and whoever is killed', () => {
  const LIMIT = 100;
  const OF_STAGE = 40;
  const MOST_AT_ONCE = 30;

  it('a limit is exceeded by one invocation at most', async () => {
    const who = fc.constantFrom('a' as const, 'b' as const, 'c' as const);
    const happening: fc.Arbitrary<Happening> = fc.oneof(
      { weight: 6, arbitrary: fc.record({ who, more: fc.integer({ min: 1, max: MOST_AT_ONCE }) }) },
      { weight: 2, arbitrary: fc.record({ ends: who }) },
      { weight: 1, arbitrary: fc.constant('kill' as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 60, size: 'max' }), async (happenings) => {
        const used = await simulate(happenings);
        const all = used.a + used.b + used.c;
        expect(all).toBeLessThan(LIMIT + MOST_AT_ONCE);
        expect(used.a).toBeLessThan(OF_STAGE + MOST_AT_ONCE);
      }),
      { numRuns: 100 },
    );
  });

  async function simulate(happenings: readonly Happening[]) {
    const given = { stageLimits: { a: { maxCostMicroUsd: OF_STAGE } } };
    const stages = ['a', 'b', 'c'].map((name) => aStage(name));
    const state = stateAfter(
      created(aPipeline(stages, { limits: { maxCostMicroUsd: LIMIT } }), { settings: settings(given) }),
      ...['a', 'b', 'c'].map((stage) => started(stage)),
    );
    const really = { a: 0, b: 0, c: 0 };
    const attempts = { a: 0, b: 0, c: 0 };
    const told = { a: 0, b: 0, c: 0 };
    const atWork = new Map<'a' | 'b' | 'c', AtWork>();
    let spending = createSpending();
    for (const one of happenings) {
      if (one === 'kill') {
        await vi.advanceTimersByTimeAsync(1_000);
        for (const stage of atWork.keys())
          happens(state, {
            type: 'attempt.abandoned',
            stage,
            frame: 0,
            attempt: attempts[stage],
            reason: 'gone',
            ownerLost: true,
          });
        atWork.clear();
        spending = createSpending();
        continue;
      }
      const stage = 'who' in one ? one.who : one.ends;
      if (!atWork.has(stage)) begin(stage);
      await settled();
      if ('ends' in one) await atWork.get(stage)?.ends({ outcome: 'crashed' });
      else if (atWork.has(stage)) {
        told[stage] += one.more;
        really[stage] += one.more;
        await atWork.get(stage)?.tells(usage(spent(told[stage])));
      }
      await settled();
    }
    return really;

    function begin(stage: 'a' | 'b' | 'c'): void {
      attempts[stage] += 1;
      told[stage] = 0;
      const key = { stage, frame: 0, attempt: attempts[stage] };
      happens(state, begun(stage, key));
      const process = spending;
      const isAlive = () => process === spending;
      const agent = work({
        spending,
        state,
        stage,
        onSpent: (now) => {
          if (isAlive()) happens(state, { type: 'attempt.spent', ...key, usage: { ...now } });
        },
      });
      atWork.set(stage, agent);
      void agent.outcome.then((end) => {
        if (!isAlive()) return;
        atWork.delete(stage);
        const { outcome, usage: last } = end;
        happens(
          state,
          generated(stage, { ...key, outcome, ...(last === undefined ? {} : { usage: { ...last } }) }),
        );
      });
    }
  }
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/core/decide/decide.ts';
import { replay } from '../../../src/core/run/apply.ts';
import { auditBreak, isApprovalEvent } from '../../../src/core/run/audit.ts';
import type { RunEvent } from '../../../src/core/run/event.ts';
import { hasEnded } from '../../../src/core/run/readiness.ts';
import type { RunRequest } from '../../../src/core/run/request.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import { brokenRule, kept, recount, resultOf } from '../../rig/check-run.ts';
import { brokenGateRule, repeatedRollback } from '../../rig/gate-model.ts';
import { anyTurns, PEOPLE, type RandomRun, randomRun, steadyTurns } from '../../rig/random-run.ts';
import { created } from '../../rig/run-builder.ts';
import { type Course, continueRun, sha256, simulate, takeOver } from '../../rig/simulate.ts';

const gatedRun = randomRun({
  onFailure: ['halt', 'continue', 'rollback'],
  maxParallel: [1, 4],
  turns: anyTurns,
  gates: true,
});
const steadyRun = randomRun({
  onFailure: ['halt', 'continue', 'rollback'],
  maxParallel: [1, 4],
  turns: steadyTurns,
  gates: true,
  chain: true,
});

/** What a person outside might do at some moment; most of it is refused. */
const wish = fc.record({
  at: fc.nat({ max: 60 }),
  kind: fc.constantFrom('approve' as const, 'approve' as const, 'reject' as const, 'delegate' as const),
  actor: fc.constantFrom(...PEOPLE, 'eve'),
  from: fc.option(fc.constantFrom(...PEOPLE), { nil: undefined }),
  to: fc.constantFrom(...PEOPLE, 'eve', 'fay'),
  asAdmin: fc.boolean(),
  which: fc.nat({ max: 5 }),
});
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;
const wishes = fc.array(wish, { maxLength: 40 });
const choices = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 20 });
/** Which gates find what they approved changed when their stage would begin. */
const changes = fc.array(fc.boolean(), { minLength: 1, maxLength: 6 });

function created_(run: RandomRun) {
  return created(run.pipeline, { cause: { kind: 'manual', actor: 'eve' } });
}

function courseOf(run: RandomRun, numbers: readonly number[], more: Partial<Course> = {}): Course {
  let next = 0;
  return { world: run.world, choose: () => numbers[next++ % numbers.length] ?? 0, ...more };
}

/** Requests as they come from the wishes, each at its step or while the run waits. */
function asking(all: readonly Wish[]): NonNullable<Course['request']> {
  const left = all.map((entry, index) => ({ ...entry, index })).sort((a, b) => a.at - b.at);
  return (state, step) => {
    const [next] = left;
    if (next === undefined || (next.at > step && state.phase !== 'waiting_approval')) return undefined;
    left.shift();
    const ids = [...state.approvals.keys()];
    const approvalId = ids[next.which % Math.max(1, ids.length)] ?? 'none';
    return requestFrom(next, `r${next.index}`, approvalId);
  };
}

function requestFrom(asked: Wish, id: string, approvalId: string): RunRequest {
  const base = { id, actor: asked.actor, at: '2026-01-05T09:00:00.000Z', approvalId, channel: 'test' };
  if (asked.kind !== 'delegate')
    return { ...base, kind: 'vote', decision: asked.kind === 'approve' ? 'approved' : 'rejected' };
  const from = asked.from === undefined ? {} : { from: asked.from };
  return { ...base, kind: 'delegate', to: asked.to, asAdmin: asked.asAdmin, ...from };
}

/** Everybody with a seat votes as soon as they can, always the same way at the same stage. */
const everybodyVotes: NonNullable<Course['request']> = (state) => {
  for (const approval of state.approvals.values()) {
    if (approval.status !== 'pending') continue;
    const seat = approval.seats.find(
      ({ holder, vote }) => vote === undefined && !(approval.preventSelfApproval && holder === 'eve'),
    );
    if (seat === undefined) continue;
    const decision = (approval.stage.length + seat.holder.charCodeAt(0)) % 5 === 0 ? 'rejected' : 'approved';
    const id = `${approval.id}-${seat.holder}`;
    const base = { id, actor: seat.holder, at: state.at, channel: 'test' };
    return { ...base, kind: 'vote', approvalId: approval.id, decision };
  }
  return undefined;
};

function replayed(journal: readonly RunEvent[]): RunState {
  const state = replay(structuredClone([...journal]));
  if (state === undefined) throw new Error('an empty journal');
  return state;
}

function unended(state: RunState): string[] {
  return [...state.stages.values()].filter((stage) => !hasEnded(stage.status)).map((stage) => stage.name);
}

describe('any run with gates and rollbacks, whatever people ask for and in whatever order', () => {
  test('ends with every stage in one terminal state, and passes no gate without its votes', () => {
    fc.assert(
      fc.property(gatedRun, choices, wishes, changes, (run, numbers, asked, changed) => {
        const world = { ...run.world, changed: (_stage: string, nth: number) => changed[nth - 1] === true };
        const { state, journal, end } = simulate(
          created_(run),
          courseOf(run, numbers, { world, request: asking(asked), expire: () => true }),
        );
        expect(end).toBe('ended');
        expect(['succeeded', 'failed']).toContain(state.phase);
        expect(unended(state)).toEqual([]);
        expect(brokenRule(journal)).toBeUndefined();
        expect(brokenGateRule(journal)).toBeUndefined();
        expect(repeatedRollback(journal)).toBeUndefined();
        expect(auditBreak(journal, sha256)).toBeUndefined();
      }),
      { numRuns: 600 },
    );
  });

  test('keeps its counts, its gates and its ready stages as a recount finds them', () => {
    fc.assert(
      fc.property(gatedRun, choices, wishes, (run, numbers, asked) => {
        simulate(
          created_(run),
          courseOf(run, numbers, {
            request: asking(asked),
            expire: () => true,
            onStep: (state) => expect(kept(state)).toEqual(recount(state)),
          }),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('waits, when nobody decides, without anything at work, and is found so by the next process', () => {
    fc.assert(
      fc.property(gatedRun, choices, (run, numbers) => {
        const first = simulate(created_(run), courseOf(run, numbers));
        if (first.end === 'ended') return;
        expect(first.state.phase).toBe('waiting_approval');
        expect(first.state.active.size).toBe(0);
        const later = takeOver(first.journal, courseOf(run, numbers));
        expect(later.end).toBe('waiting');
        expect([...later.state.gated].sort()).toEqual([...first.state.gated].sort());
      }),
      { numRuns: 200 },
    );
  });

  test('decides the same from the same journal, and deciding changes nothing', () => {
    fc.assert(
      fc.property(gatedRun, choices, wishes, fc.nat({ max: 200 }), (run, numbers, asked, cut) => {
        const { journal } = simulate(
          created_(run),
          courseOf(run, numbers, { request: asking(asked), expire: () => true }),
        );
        const prefix = journal.slice(0, 2 + (cut % Math.max(1, journal.length - 1)));
        const state = replayed(prefix);
        const now = Date.parse(state.at);
        const decisions = decide(state, now);
        expect(decide(state, now)).toEqual(decisions);
        expect(decide(replayed(prefix), now)).toEqual(decisions);
        expect(state).toEqual(replayed(prefix));
      }),
      { numRuns: 300 },
    );
  });

  test('comes to the same result when its owner dies after any event and another goes on', () => {
    fc.assert(
      fc.property(steadyRun, fc.nat({ max: 400 }), (run, cut) => {
        const course = () => courseOf(run, [0], { request: everybodyVotes, expire: () => true });
        const whole = simulate(created_(run), course());
        const prefix = whole.journal.slice(0, 2 + (cut % Math.max(1, whole.journal.length - 1)));
        const resumed = takeOver(prefix, course());
        expect(resultOf(resumed.state)).toEqual(resultOf(whole.state));
        expect(undone(resumed.journal)).toEqual(undone(whole.journal));
        expect(brokenGateRule(resumed.journal)).toBeUndefined();
        expect(auditBreak(resumed.journal, sha256)).toBeUndefined();
      }),
      { numRuns: 600 },
    );
  });

  test('stays cancelled once it is cancelled, whatever is asked of it afterwards, and rolls nothing back', () => {
    fc.assert(
      fc.property(gatedRun, choices, wishes, fc.nat({ max: 40 }), (run, numbers, asked, when) => {
        const ask = asking(asked);
        let cancelled = false;
        const { state, journal } = simulate(
          created_(run),
          courseOf(run, numbers, {
            expire: () => true,
            request: (current, step) => {
              if (cancelled || step < when) return ask(current, step);
              cancelled = true;
              return { id: 'cancel', kind: 'cancel', actor: 'ann', at: current.at };
            },
          }),
        );
        if (!cancelled || state.phase !== 'cancelled') return;
        expect(unended(state)).toEqual([]);
        expect([...state.approvals.values()].filter(({ status }) => status === 'pending')).toEqual([]);
        const asks = journal.findIndex((event) => event.type === 'stop.requested');
        expect(journal.slice(asks).some((event) => event.type === 'rollback.started')).toBe(false);
        const again = continueRun(journal, courseOf(run, numbers));
        expect(again.state.phase).toBe('cancelled');
      }),
      { numRuns: 300 },
    );
  });

  test('rolls back to a target by itself at most once, however often the run is continued', () => {
    fc.assert(
      fc.property(gatedRun, choices, (run, numbers) => {
        const course = () => courseOf(run, numbers, { request: everybodyVotes, expire: () => true });
        let last = simulate(created_(run), course());
        for (let round = 0; round < 3 && last.state.phase === 'failed'; round += 1)
          last = continueRun(last.journal, course());
        expect(repeatedRollback(last.journal)).toBeUndefined();
        expect(brokenGateRule(last.journal)).toBeUndefined();
        expect(kept(last.state)).toEqual(recount(last.state));
      }),
      { numRuns: 300 },
    );
  });
});

describe('the audit of a run', () => {
  test('shows every edit, removal and exchange of its entries', () => {
    fc.assert(
      fc.property(
        gatedRun,
        wishes,
        fc.nat(),
        fc.constantFrom('edit', 'drop', 'swap'),
        (run, asked, at, how) => {
          const { journal } = simulate(
            created_(run),
            courseOf(run, [0], { request: asking(asked), expire: () => true }),
          );
          const entries = journal.filter(isApprovalEvent);
          if (entries.length < 3) return;
          const index = journal.indexOf(entries[at % (entries.length - 1)] as RunEvent);
          const next = journal.findIndex((event, place) => place > index && isApprovalEvent(event));
          const forged = structuredClone(journal);
          const [first, second] = [forged[index], forged[next]];
          if (first === undefined || second === undefined) return;
          if (how === 'edit') forged[index] = { ...first, at: new Date(0).toISOString() };
          if (how === 'drop') forged.splice(index, 1);
          if (how === 'swap') [forged[index], forged[next]] = [second, first];
          expect(auditBreak(forged, sha256)).toBeDefined();
        },
      ),
      { numRuns: 200 },
    );
  });

  test('that was written anew as a whole is told by a head kept elsewhere', () => {
    const run = { pipeline: { ...pipelineWithGate }, world: { frames: () => 1, turn: () => 'ok' as const } };
    const { journal, state } = simulate(created_(run), courseOf(run, [0], { request: everybodyVotes }));
    const head = state.auditHead;
    const other = simulate(created_(run), courseOf(run, [0], { expire: () => true }));
    expect(head).toMatch(/^[0-9a-f]{64}$/);
    expect(auditBreak(journal, sha256, [head])).toBeUndefined();
    expect(auditBreak(other.journal, sha256)).toBeUndefined();
    expect(auditBreak(other.journal, sha256, [head])?.message).toContain('no part of this chain');
  });
});

const pipelineWithGate: RandomRun['pipeline'] = {
  name: 'gated',
  description: '',
  variables: {},
  maxParallel: 1,
  limits: {},
  closing: 'none',
  stages: [
    {
      name: 'deploy',
      needs: [],
      work: { kind: 'command', run: 'true' },
      timeoutMs: 1000,
      retries: 0,
      repairs: 0,
      onFailure: 'halt',
      approval: {
        approvers: ['ann'],
        quorum: 'all',
        timeoutMs: 3_600_000,
        onTimeout: 'reject',
        preventSelfApproval: false,
      },
    },
  ],
};

/** What was undone, in order. */
function undone(journal: readonly RunEvent[]): string[] {
  return journal.flatMap((event) =>
    event.type === 'rollback.step.finished' && event.status === 'succeeded' ? [event.stage] : [],
  );
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Span } from '../../../src/core/otel/span.ts';
import { rootOf } from '../../../src/core/otel/span-ids.ts';
import { traceOf } from '../../../src/core/otel/trace.ts';
import { replay } from '../../../src/core/run/apply.ts';
import type { RunEvent } from '../../../src/core/run/event.ts';
import { anyTurns, type RandomRun, randomRun } from '../../rig/random-run.ts';
import { created } from '../../rig/run-builder.ts';
import { type Course, continueRun, sha256, simulate, takeOver } from '../../rig/simulate.ts';

const anyRun = randomRun({
  onFailure: ['halt', 'continue', 'rollback'],
  maxParallel: [1, 4],
  turns: anyTurns,
  reviews: true,
  gates: true,
});

const interruption = fc.record({
  at: fc.nat({ max: 40 }),
  kind: fc.constantFrom('stop' as const, 'crash' as const, undefined),
});

/** A journal of a random run that was stopped, killed or left alone, and then went on where it could. */
function journalOf(
  run: RandomRun,
  choices: readonly number[],
  { at, kind }: { at: number; kind: 'stop' | 'crash' | undefined },
) {
  let next = 0;
  const course: Course = {
    world: run.world,
    choose: () => choices[next++ % Math.max(1, choices.length)] ?? 0,
    expire: () => true,
  };
  const first = simulate(created(run.pipeline), {
    ...course,
    interfere: (_state, step) => (step === at ? kind : undefined),
  });
  const phase = first.state.phase;
  if (phase === 'paused' || phase === 'failed') return continueRun(first.journal, course).journal;
  return first.end === 'waiting' ? takeOver(first.journal, course).journal : first.journal;
}

/** Every segment that has ended, as a reader of the journal finds it. */
function tracesOf(journal: readonly RunEvent[]) {
  const runIds = [...new Set(journal.map(({ runId }) => runId))];
  return runIds.flatMap((runId) => {
    const events = journal.slice(0, journal.findLastIndex((event) => event.runId === runId) + 1);
    const state = replay(events);
    if (state?.endedAt === undefined) return [];
    const own = events.filter((event) => event.runId === runId);
    return [{ runId, own, state, spans: traceOf({ events, state, digest: sha256 }) }];
  });
}

describe('the traces of any run', () => {
  test('are well formed: one root, parents that are there, times in order, ids of their own, every stage in it', () => {
    let traces = 0;
    let linked = 0;
    fc.assert(
      fc.property(
        anyRun,
        fc.array(fc.nat(), { minLength: 1, maxLength: 30 }),
        interruption,
        (run, choices, broken) => {
          const seen = new Set<string>();
          for (const { runId, own, state, spans } of tracesOf(journalOf(run, choices, broken))) {
            traces += 1;
            const ids = new Set(spans.map(({ spanId }) => spanId));
            expect(ids.size).toBe(spans.length);
            for (const id of ids) expect(seen.has(id)).toBe(false);
            for (const id of ids) seen.add(id);
            const [root, ...others] = spans;
            expect(root).toMatchObject(rootOf(sha256, runId));
            expect(root).not.toHaveProperty('parentSpanId');
            for (const span of others) checkWithin(span, spans);
            for (const span of spans) {
              expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
              expect(span.traceId).toMatch(/^[0-9a-f]{32}$/);
              expect(span.traceId).toBe(root?.traceId);
              expect(span.startedAt).toBeLessThanOrEqual(span.endedAt);
            }
            linked += root?.links.length ?? 0;
            expect(root?.links.map(({ spanId }) => spanId)).toEqual(
              state.previousRunId === null ? [] : [rootOf(sha256, state.previousRunId).spanId],
            );
            const stages = new Set(spans.map((span) => span.attributes['cicd.pipeline.task.name']));
            for (const event of own) {
              if (event.type === 'attempt.started' || event.type === 'stage.started')
                expect(stages.has(event.stage)).toBe(true);
            }
            const attempts = own.filter(({ type }) => type === 'attempt.started').length;
            const spansOfAttempts = spans.filter(
              (span) => 'murmur8.attempt' in span.attributes && !('murmur8.auditor' in span.attributes),
            );
            const continued = spansOfAttempts.filter((span) => span.attributes['murmur8.continued'] === true);
            expect(spansOfAttempts.length - continued.length).toBe(attempts);
            for (const span of spans) {
              const result =
                span.attributes['cicd.pipeline.result'] ?? span.attributes['cicd.pipeline.task.run.result'];
              if (result === undefined) continue;
              expect('error.type' in span.attributes).toBe(result === 'failure' || result === 'error');
            }
          }
        },
      ),
      { numRuns: 150 },
    );
    expect(traces).toBeGreaterThan(100);
    expect(linked).toBeGreaterThan(10);
  });
});

function checkWithin(span: Span, spans: readonly Span[]): void {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  if (parent === undefined) throw new Error(`${span.name} has no parent`);
  expect(span.startedAt).toBeGreaterThanOrEqual(parent.startedAt);
  expect(span.endedAt).toBeLessThanOrEqual(parent.endedAt);
}

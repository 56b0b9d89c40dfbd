import { describe, expect, test } from 'vitest';
import type { Span } from '../../../src/core/otel/span.ts';
import { rootOf } from '../../../src/core/otel/span-ids.ts';
import { traceOf } from '../../../src/core/otel/trace.ts';
import { replay } from '../../../src/core/run/apply.ts';
import type { RunCreated, RunEvent, RunEventBody } from '../../../src/core/run/event.ts';
import {
  aChain,
  aPipeline,
  approved,
  aStage,
  BEGINNING,
  begun,
  created,
  EXECUTION,
  envelopes,
  generated,
  rejected,
  started,
  succeeds,
} from '../../rig/run-builder.ts';
import { sha256 } from '../../rig/simulate.ts';

const BEGIN: RunEventBody = { type: 'segment.started', previousRunId: null };
const SUCCEEDED: RunEventBody = { type: 'run.finished', status: 'succeeded', code: 'ALL_STAGES_SUCCEEDED' };

function journal(created: RunCreated, ...bodies: readonly RunEventBody[]): RunEvent[] {
  return envelopes([created, BEGIN, ...bodies]);
}

function spansOf(events: readonly RunEvent[], caller?: { traceId: string; spanId: string }): readonly Span[] {
  const state = replay(events);
  if (state === undefined) throw new Error('no run');
  return traceOf({ events, state, digest: sha256, caller });
}

function named(spans: readonly Span[], name: string): Span {
  const found = spans.filter((span) => span.name === name);
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`${found.length} spans are called ${name}`);
  return found[0];
}

/** Seconds since the run was created. */
function seconds(span: Span): [number, number] {
  return [(span.startedAt - BEGINNING) / 1000, (span.endedAt - BEGINNING) / 1000];
}

const LONE = created(aPipeline([aStage('draw')]));

describe('the trace of a run', () => {
  test('has the run, its stages and their attempts, each within the one above', () => {
    const spans = spansOf(
      journal(
        created(aPipeline(aChain('draw', 'pack'))),
        ...succeeds('draw'),
        ...succeeds('pack'),
        SUCCEEDED,
      ),
    );
    const root = named(spans, 'RUN sample');
    expect(spans[0]).toBe(root);
    expect(root).toMatchObject({ kind: 'server', isError: false, links: [] });
    expect(root).not.toHaveProperty('parentSpanId');
    expect(seconds(root)).toEqual([1, 12]);
    const stage = named(spans, 'pack');
    expect(stage).toMatchObject({ parentSpanId: root.spanId, kind: 'internal' });
    expect(seconds(stage)).toEqual([7, 11]);
    const attempt = named(spans, 'invoke_agent pack');
    expect(attempt.parentSpanId).toBe(stage.spanId);
    expect(seconds(attempt)).toEqual([8, 10]);
    expect(spans).toHaveLength(5);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  });

  test('names pipeline, result and figures on the run, by the conventions', () => {
    const run = created(aPipeline([aStage('draw')]), {
      head: 'c0ffee',
      facts: { branch: 'feature/x' },
      cause: { kind: 'event', event: 'push', actor: 'ann' },
    });
    const root = named(spansOf(journal(run, ...succeeds('draw'), SUCCEEDED)), 'RUN sample');
    expect(root.attributes).toEqual({
      'cicd.pipeline.name': 'sample',
      'cicd.pipeline.action.name': 'RUN',
      'cicd.pipeline.run.id': EXECUTION,
      'cicd.pipeline.result': 'success',
      'vcs.ref.head.name': 'feature/x',
      'vcs.ref.head.type': 'branch',
      'vcs.ref.head.revision': 'c0ffee',
      'murmur8.execution_id': EXECUTION,
      'murmur8.segment': 1,
      'murmur8.phase': 'succeeded',
      'murmur8.reason_code': 'ALL_STAGES_SUCCEEDED',
      'murmur8.trigger': 'event',
      'murmur8.trigger.event': 'push',
      'murmur8.total_frames': 1,
      'murmur8.frames_completed': 1,
      'murmur8.frames_failed': 0,
      'murmur8.frames_remaining': 0,
      'murmur8.total_attempts': 1,
      'murmur8.retry_rate': 0,
      'murmur8.reject_rate': 0,
      'murmur8.tokens': 0,
      'murmur8.cost_usd': 0,
      'murmur8.unknown_cost_attempts': 1,
    });
  });

  test('is the same however often it is made, and another one for another run', () => {
    const events = journal(LONE, ...succeeds('draw'), SUCCEEDED);
    expect(spansOf(structuredClone(events))).toEqual(spansOf(events));
    const other = events.map((event) => ({ ...event, runId: 'another' }));
    const ids = new Set(spansOf(events).flatMap(({ traceId, spanId }) => [traceId, spanId]));
    expect(spansOf(other).filter(({ traceId, spanId }) => ids.has(traceId) || ids.has(spanId))).toEqual([]);
  });

  test.each([
    ['TESTS_FAILED', 'failure', 'TESTS_FAILED'],
    ['SYS_WRITE_ERROR', 'error', 'SYS_WRITE_ERROR'],
    ['DEP_TEXTUREPACKER_FAIL', 'error', 'DEP_TEXTUREPACKER_FAIL'],
    ['STAGE_TIMEOUT', 'timeout', undefined],
  ])('a run that failed with %s has the result %s', (code, result, errorType) => {
    const spans = spansOf(
      journal(
        LONE,
        started('draw'),
        { type: 'stage.finished', stage: 'draw', status: 'failed', code },
        { type: 'run.finished', status: 'failed', code, failedStage: 'draw' },
      ),
    );
    const root = named(spans, 'RUN sample');
    expect(root.isError).toBe(true);
    expect(root.attributes['cicd.pipeline.result']).toBe(result);
    expect(root.attributes['error.type']).toBe(errorType);
    expect(root.attributes['murmur8.failed_stage']).toBe('draw');
    const stage = named(spans, 'draw');
    expect(stage.attributes['cicd.pipeline.task.run.result']).toBe(result);
    expect(stage.attributes['error.type']).toBe(errorType);
  });

  test('a run that was cancelled ends its open spans, without an error', () => {
    const spans = spansOf(
      journal(
        LONE,
        started('draw'),
        begun('draw'),
        { type: 'stop.requested', code: 'USER_CANCELLED' },
        generated('draw', { outcome: 'cancelled' }),
        { type: 'run.finished', status: 'cancelled', code: 'USER_CANCELLED' },
      ),
    );
    expect(spans.map(({ isError }) => isError)).toEqual([false, false, false]);
    const root = named(spans, 'RUN sample');
    expect(root.attributes['cicd.pipeline.result']).toBe('cancellation');
    expect(root.attributes).not.toHaveProperty('error.type');
    expect(root.events).toEqual([
      {
        name: 'murmur8.stop_requested',
        at: BEGINNING + 4000,
        attributes: { 'murmur8.reason_code': 'USER_CANCELLED' },
      },
    ]);
    const stage = named(spans, 'draw');
    expect(stage.attributes['cicd.pipeline.task.run.result']).toBe('cancellation');
    expect(seconds(stage)).toEqual([2, 6]);
  });

  test('a run of which every stage was skipped has the result skip', () => {
    const spans = spansOf(
      journal(
        LONE,
        { type: 'stage.skipped', stage: 'draw', reason: 'WHEN_FALSE', detail: 'branch is main' },
        SUCCEEDED,
      ),
    );
    expect(named(spans, 'RUN sample').attributes['cicd.pipeline.result']).toBe('skip');
    expect(named(spans, 'draw').attributes).toMatchObject({
      'cicd.pipeline.task.run.result': 'skip',
      'murmur8.skip_reason': 'WHEN_FALSE',
    });
  });

  test('a limit that stopped the run stands on its span, with threshold and value', () => {
    const spans = spansOf(
      journal(LONE, started('draw'), begun('draw'), rejectedAfter(), {
        type: 'run.stopped',
        code: 'RETRY_RATE_EXCEEDED',
        threshold: 0.3,
        actual: 0.5,
      }),
    );
    const root = named(spans, 'RUN sample');
    expect(root.attributes).toMatchObject({
      'cicd.pipeline.result': 'cancellation',
      'murmur8.phase': 'paused',
      'murmur8.reason_code': 'RETRY_RATE_EXCEEDED',
    });
    expect(root.events).toEqual([
      {
        name: 'murmur8.stop_condition',
        at: BEGINNING + 5000,
        attributes: {
          'murmur8.reason_code': 'RETRY_RATE_EXCEEDED',
          'murmur8.threshold': 0.3,
          'murmur8.actual_value': 0.5,
        },
      },
    ]);
  });
});

function rejectedAfter(): RunEventBody {
  return generated('draw', { outcome: 'crashed' });
}

describe('an attempt', () => {
  test('of an agent says who, with what, and what it used, by the GenAI conventions', () => {
    const spans = spansOf(
      journal(
        LONE,
        started('draw'),
        {
          type: 'attempt.started',
          stage: 'draw',
          frame: 0,
          attempt: 1,
          agent: 'artist',
          runner: 'claude',
          model: 'sonnet',
          strategy: 'IDENTITY_RESCUE',
        },
        generated('draw', {
          sessionId: 'session-1',
          model: 'claude-sonnet-4-5',
          agentVersion: '2.0.1',
          message: 'I have drawn it',
          usage: { input: 100, output: 20, cacheRead: 3000, cacheWrite: 400, costMicroUsd: 12_500 },
        }),
        approved('draw'),
        { type: 'stage.finished', stage: 'draw', status: 'succeeded' },
        SUCCEEDED,
      ),
    );
    expect(named(spans, 'invoke_agent artist').attributes).toEqual({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'artist',
      'gen_ai.agent.version': '2.0.1',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': 'sonnet',
      'gen_ai.response.model': 'claude-sonnet-4-5',
      'gen_ai.conversation.id': 'session-1',
      'gen_ai.usage.input_tokens': 3500,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.usage.cache_read.input_tokens': 3000,
      'gen_ai.usage.cache_creation.input_tokens': 400,
      'gen_ai.usage.cost': 0.0125,
      'murmur8.stage': 'draw',
      'murmur8.frame_index': 0,
      'murmur8.attempt': 1,
      'murmur8.runner': 'claude',
      'murmur8.strategy': 'IDENTITY_RESCUE',
      'murmur8.outcome': 'ok',
      'murmur8.verdict': 'approved',
      'murmur8.findings': 0,
    });
  });

  test('leaves out what is not known of tokens and cost', () => {
    const spans = spansOf(journal(LONE, ...succeeds('draw'), SUCCEEDED));
    const names = Object.keys(named(spans, 'invoke_agent draw').attributes);
    expect(names.filter((name) => name.startsWith('gen_ai.usage'))).toEqual([]);
  });

  test('of a command is a plain span with its exit code', () => {
    const run = created(aPipeline([aStage('build', { work: { kind: 'command', run: 'make' } })]));
    const spans = spansOf(
      journal(
        run,
        started('build'),
        {
          type: 'attempt.started',
          stage: 'build',
          frame: 0,
          attempt: 1,
          agent: 'command',
          runner: 'command',
        },
        generated('build', { outcome: 'failed', exitCode: 3, message: 'exit code 3' }),
        { type: 'stage.finished', stage: 'build', status: 'failed', code: 'STAGE_FAILED' },
        { type: 'run.finished', status: 'failed', code: 'STAGE_FAILED', failedStage: 'build' },
      ),
    );
    const attempt = named(spans, 'command build');
    expect(attempt.isError).toBe(true);
    expect(attempt.attributes).toEqual({
      'murmur8.stage': 'build',
      'murmur8.frame_index': 0,
      'murmur8.attempt': 1,
      'murmur8.runner': 'command',
      'murmur8.outcome': 'failed',
      'murmur8.exit_code': 3,
      'error.type': 'failed',
    });
  });

  test('that was rejected is followed by another span, and each check stands below its attempt', () => {
    const stage = aStage('draw', {
      audit: { work: { kind: 'agent', agent: 'critic', model: 'opus' }, timeoutMs: 1000 },
    });
    const spans = spansOf(
      journal(
        created(aPipeline([stage])),
        started('draw'),
        begun('draw'),
        generated('draw'),
        {
          type: 'audit.failed',
          stage: 'draw',
          frame: 0,
          attempt: 1,
          outcome: 'overloaded',
          message: 'try later',
        },
        rejected('draw', { findings: ['too dark', 'no outline'], usage: { input: 7, output: 3 } }),
        begun('draw', { attempt: 2 }),
        generated('draw', { attempt: 2 }),
        approved('draw', { attempt: 2 }),
        { type: 'stage.finished', stage: 'draw', status: 'succeeded' },
        SUCCEEDED,
      ),
    );
    const attempts = spans.filter(({ name }) => name === 'invoke_agent draw');
    expect(attempts.map(({ isError }) => isError)).toEqual([true, false]);
    expect(attempts[0]?.attributes).toMatchObject({
      'murmur8.verdict': 'rejected',
      'error.type': 'OUTPUT_INVALID',
    });
    const audits = spans.filter(({ name }) => name === 'invoke_agent critic');
    expect(audits.map(({ parentSpanId }) => parentSpanId)).toEqual([
      attempts[0]?.spanId,
      attempts[0]?.spanId,
      attempts[1]?.spanId,
    ]);
    expect(audits.map(seconds)).toEqual([
      [4, 5],
      [5, 6],
      [8, 9],
    ]);
    expect(audits.map(({ isError }) => isError)).toEqual([true, false, false]);
    expect(audits[1]?.attributes).toMatchObject({
      'gen_ai.agent.name': 'critic',
      'gen_ai.request.model': 'opus',
      'gen_ai.usage.input_tokens': 7,
      'murmur8.auditor': 'agent',
      'murmur8.findings': 2,
    });
  });

  test('of a run that was killed and taken over under its id is abandoned, in one and the same trace', () => {
    const spans = spansOf(
      journal(
        LONE,
        started('draw'),
        begun('draw'),
        {
          type: 'attempt.abandoned',
          stage: 'draw',
          frame: 0,
          attempt: 1,
          reason: 'the process that drove the run was gone',
          ownerLost: true,
        },
        begun('draw', { attempt: 2 }),
        generated('draw', { attempt: 2 }),
        approved('draw', { attempt: 2 }),
        { type: 'stage.finished', stage: 'draw', status: 'succeeded' },
        SUCCEEDED,
      ),
    );
    expect(spans).toHaveLength(4);
    expect(spans[2]?.attributes).toMatchObject({
      'murmur8.outcome': 'abandoned',
      'murmur8.owner_lost': true,
    });
    expect(spans[2]?.isError).toBe(false);
  });
});

describe('a run that goes on', () => {
  const first = journal(LONE, started('draw'), begun('draw'), generated('draw'), {
    type: 'run.stopped',
    code: 'USER_INTERRUPT',
    threshold: 0,
    actual: 1,
  });
  const then = envelopes(
    [
      { type: 'segment.started', previousRunId: EXECUTION },
      approved('draw'),
      { type: 'stage.finished', stage: 'draw', status: 'succeeded' },
      SUCCEEDED,
    ],
    first.at(-1),
  ).map((event) => ({ ...event, runId: 'second', epoch: 2 }));

  test('is a trace of its own that is linked to the one before', () => {
    const [before] = spansOf(first);
    const [root] = spansOf([...first, ...then]);
    expect(root?.traceId).not.toBe(before?.traceId);
    expect(root?.links).toEqual([
      {
        traceId: before?.traceId,
        spanId: before?.spanId,
        attributes: { 'murmur8.link': 'previous-segment' },
      },
    ]);
    expect(root?.attributes).toMatchObject({
      'cicd.pipeline.run.id': 'second',
      'murmur8.execution_id': EXECUTION,
      'murmur8.segment': 2,
    });
  });

  test('has what was left to be done of an earlier attempt from its own beginning', () => {
    const spans = spansOf([...first, ...then]);
    const attempt = named(spans, 'invoke_agent draw');
    expect(attempt.attributes).toMatchObject({
      'murmur8.continued': true,
      'murmur8.verdict': 'approved',
      'gen_ai.agent.name': 'draw',
    });
    expect(attempt.startedAt).toBe(spans[0]?.startedAt);
    expect(named(spans, 'draw').parentSpanId).toBe(spans[0]?.spanId);
  });

  test('is linked to whoever called the command, without becoming a part of that trace', () => {
    const caller = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
    const [root] = spansOf(first, caller);
    expect(root).not.toHaveProperty('parentSpanId');
    expect(root?.traceId).toBe(rootOf(sha256, EXECUTION).traceId);
    expect(root?.links).toEqual([{ ...caller, attributes: { 'murmur8.link': 'caller' } }]);
  });
});

describe('what people and agents said', () => {
  test('never leaves: approvals are told by their course alone', () => {
    const secret = 'the-words-of-somebody';
    const approvalId = 'gate-1';
    const spans = spansOf(
      journal(
        created(aPipeline([aStage('draw', { foreach: 'items' })]), { variables: { text: secret } }),
        {
          type: 'approval.requested',
          approvalId,
          stage: 'draw',
          approvers: [secret],
          quorum: 1,
          deadline: '2026-01-06T09:00:00.000Z',
          onTimeout: 'reject',
          preventSelfApproval: false,
          requestedBy: secret,
          subject: { definition: 'd', inputs: 'i', commit: null },
          summary: secret,
        },
        {
          type: 'approval.voted',
          approvalId,
          stage: 'draw',
          actor: secret,
          decision: 'approved',
          comment: secret,
          channel: 'cli',
        },
        { type: 'approval.closed', approvalId, stage: 'draw', status: 'approved', reason: secret },
        { type: 'stage.started', stage: 'draw', frames: [{ title: secret }] },
        begun('draw'),
        generated('draw', { question: secret, message: secret }),
        { type: 'question.answered', stage: 'draw', frame: 0, attempt: 1, answer: secret },
        begun('draw', { attempt: 2 }),
        generated('draw', { attempt: 2 }),
        rejected('draw', { attempt: 2, findings: [secret] }),
        { type: 'stage.finished', stage: 'draw', status: 'failed', code: 'OUTPUT_INVALID', message: secret },
        {
          type: 'run.finished',
          status: 'failed',
          code: 'OUTPUT_INVALID',
          message: secret,
          failedStage: 'draw',
        },
      ),
    );
    expect(JSON.stringify(spans)).not.toContain(secret);
    const stage = named(spans, 'draw');
    // The wait for people is a part of the stage.
    expect(seconds(stage)[0]).toBe(2);
    expect(stage.events.map(({ name }) => name)).toEqual([
      'murmur8.approval.requested',
      'murmur8.approval.voted',
      'murmur8.approval.closed',
      'murmur8.question_asked',
      'murmur8.question_answered',
    ]);
    expect(stage.events[1]?.attributes).toEqual({
      'murmur8.approval_id': approvalId,
      'murmur8.decision': 'approved',
      'murmur8.channel': 'cli',
    });
  });
});

import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunState } from '../../../../src/core/run/state.ts';
import { type StatusDocument, statusDocument } from '../../../../src/core/status/document.ts';
import { observedStatus } from '../../../../src/core/status/observed.ts';
import { REASONS } from '../../../../src/core/status/reason.ts';
import {
  changeOf,
  type ObservedRun,
  whatNext,
} from '../../../../src/interfaces/cli/report/status-document.ts';
import { stagesAsText, statusAsJson } from '../../../../src/interfaces/cli/report/status-more.ts';
import { displayWidth } from '../../../../src/interfaces/cli/report/table.ts';
import { runStatusDocumentContract } from '../../../../src/interfaces/contract/status.ts';
import {
  aChain,
  aPipeline,
  BEGINNING,
  begun,
  created,
  EXECUTION,
  happens,
  started,
  stateAfter,
  succeeds,
} from '../../../rig/run-builder.ts';

beforeEach(() => {
  vi.stubEnv('npm_lifecycle_event', '');
});

function working(): RunState {
  return stateAfter(
    created(aPipeline(aChain('plan', 'build'))),
    ...succeeds('plan'),
    started('build', 3),
    begun('build'),
  );
}

function seen(
  document: StatusDocument,
  owner: ObservedRun['owner'] = { state: 'held', pid: 7 },
): ObservedRun {
  const now = BEGINNING + 60_000;
  return { document, status: observedStatus(document, owner.state, now), owner, now };
}

const APPROVAL = {
  id: 'a0000000-0000-4000-8000-000000000001',
  stage: 'build',
  deadline: '2026-01-06T09:00:00.000Z',
  quorum: 2,
  approved: 1,
  waitingFor: ['ada', 'eve'],
};

describe('what is next', () => {
  const running = statusDocument(working(), []);
  const waiting = { ...running, phase: 'waiting_approval' as const };

  test.each([
    ['a pipeline at work', running, `murmur8 pipeline logs ${EXECUTION} --follow`],
    ['a feature at work', { ...running, slug: 'greeting' }, `murmur8 status ${EXECUTION} --watch`],
    ['an approval', { ...waiting, approvals: [APPROVAL] }, `murmur8 approval approve ${APPROVAL.id}`],
    [
      'an approval whose time has passed',
      { ...waiting, approvals: [{ ...APPROVAL, deadline: '2026-01-05T09:00:01.000Z' }] },
      `murmur8 pipeline run --resume ${EXECUTION}`,
    ],
    ['a question', { ...waiting, question: 'which?' }, `murmur8 answer ${EXECUTION} "<your answer>"`],
  ])('for %s is a command', (_, document, next) => {
    expect(whatNext(seen(document))).toBe(next);
  });

  test('for a run without its owner is to resume it', () => {
    expect(whatNext(seen(running, { state: 'lost' }))).toBe(`murmur8 pipeline run --resume ${EXECUTION}`);
    expect(whatNext(seen({ ...running, slug: 'x' }, { state: 'lost' }))).toBe(`murmur8 resume ${EXECUTION}`);
  });

  test('for every reason there is, of features and of pipelines, has no gap', () => {
    for (const [code, { status }] of Object.entries(REASONS)) {
      const document = {
        ...running,
        phase: 'paused' as const,
        status: { ...running.status, status, reason_code: code },
      };
      for (const each of [document, { ...document, slug: 'greeting' }]) {
        const next = whatNext({ ...seen(each), status: each.status });
        expect(next, code).toMatch(/murmur8 \w/);
        expect(next, code).not.toMatch(/[{}]/);
      }
    }
  });

  test('for a code that only a newer version knows is to update', () => {
    const status = { ...running.status, status: 'failed' as const, reason_code: 'NEW_ONE' };
    expect(whatNext({ ...seen(running), status })).toContain('update murmur8');
  });
});

describe('the document for programs', () => {
  test.each([
    ['in progress', () => seen(statusDocument(working(), []))],
    ['lost', () => seen(statusDocument(working(), []), { state: 'lost' })],
    [
      'stopped',
      () => {
        const stop = { code: 'CIRCUIT_BREAKER', threshold: 1, actual: 2 } as const;
        return seen(statusDocument(happens(working(), { type: 'run.stopped', ...stop }), []), {
          state: 'free',
        });
      },
    ],
    [
      'completed',
      () => {
        const state = stateAfter(created(aPipeline(aChain('plan'))), ...succeeds('plan'));
        happens(state, { type: 'run.finished', status: 'succeeded', code: 'ALL_STAGES_SUCCEEDED' });
        return seen(statusDocument(state, []), { state: 'free' });
      },
    ],
    [
      'waiting',
      () => seen({ ...statusDocument(working(), []), phase: 'waiting_approval', approvals: [APPROVAL] }),
    ],
  ])('holds its contract for a run that is %s', (_, look) => {
    const run = look();
    const parsed = runStatusDocumentContract.parse(JSON.parse(statusAsJson(run)));
    expect(parsed).toMatchObject({
      executionId: EXECUTION,
      status: run.status.status,
      reason_code: run.status.reason_code,
      metrics: run.status.metrics,
      details: run.status.details,
      next: whatNext(run),
    });
    expect(parsed.status_history.length).toBeGreaterThan(0);
  });

  test('calls a run failed and its stage interrupted, whose owner is lost', () => {
    const parsed = runStatusDocumentContract.parse(
      JSON.parse(statusAsJson(seen(statusDocument(working(), []), { state: 'lost' }))),
    );
    expect(parsed).toMatchObject({ run_status: 'failed', owner: { state: 'lost' } });
    expect(parsed.stages.map(({ status }) => status)).toEqual(['succeeded', 'interrupted']);
  });

  test('is one line where many follow each other', () => {
    const text = statusAsJson(seen(statusDocument(working(), [])), 'compact');
    expect(text.indexOf('\n')).toBe(text.length - 1);
  });

  test('has no character that steers a terminal, and loses none', () => {
    const question = 'a\x1b[2J\x9b31m\u202eb\u0007';
    const text = statusAsJson(seen({ ...statusDocument(working(), []), question }));
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
    expect(JSON.parse(text)).toMatchObject({ question });
  });
});

describe('what changed', () => {
  test('is nothing while only time goes on, and something with the next attempt', () => {
    const state = working();
    const before = seen(statusDocument(state, []));
    const later = { ...before, now: before.now + 5000 };
    expect(changeOf({ ...later, status: observedStatus(later.document, 'held', later.now) })).toBe(
      changeOf(before),
    );
    happens(state, begun('build', { attempt: 2 }));
    expect(changeOf(seen(statusDocument(state, [])))).not.toBe(changeOf(before));
  });
});

describe('the text below the status', () => {
  test('lists the stages, what waits with its commands, and what to type next', () => {
    const document = statusDocument(working(), []);
    const text = stagesAsText(seen({ ...document, phase: 'waiting_approval', approvals: [APPROVAL] }));
    expect(text.split('\n')).toEqual([
      '',
      'Pipeline:   sample',
      'Stages:',
      '  plan   succeeded  4.0s',
      '  build  running  0/3 frames',
      'Cost:       unknown',
      'Approval:   build waits for ada, eve (1 of 2), until 2026-01-06 09:00:00Z',
      `Approve:    murmur8 approval approve ${APPROVAL.id}`,
      `Reject:     murmur8 approval reject ${APPROVAL.id} --reason "<why>"`,
      `Next:       murmur8 approval approve ${APPROVAL.id}`,
      '',
    ]);
  });

  test('says of a cost that is not known that it is not nothing, and of a part of it that it is one', () => {
    const document = statusDocument(working(), []);
    const shown = (costMicroUsd: number, unknownCost: number) =>
      /^Cost: +(.*)$/m.exec(stagesAsText(seen({ ...document, costMicroUsd, unknownCost })))?.[1];
    expect([shown(0, 0), shown(0, 2), shown(520_000, 0), shown(520_000, 1)]).toEqual([
      undefined,
      'unknown',
      '$0.52',
      'at least $0.52 (not all agents told theirs)',
    ]);
  });

  test('says how to raise the limit that stopped a run, and does not say twice how to resume one', () => {
    const stoppedBy = (code: string) => {
      const state = happens(working(), { type: 'run.stopped', code, threshold: 1, actual: 2 });
      return stagesAsText(seen(statusDocument(state, []), { state: 'free' }));
    };
    expect(stoppedBy('RETRY_RATE_EXCEEDED')).toContain(
      `Next:       murmur8 pipeline run --resume ${EXECUTION} --limit retry_rate=<0..1> raises the limit\n`,
    );
    expect(stoppedBy('USER_INTERRUPT')).not.toContain('Next:');
  });

  test('fits into 60 columns, and steers no terminal', () => {
    const document = statusDocument(working(), []);
    const evil = `\x1b[2J${'long '.repeat(60)}\x9b0m`;
    const [first, second] = document.stages;
    if (first === undefined || second === undefined) throw new Error('there are two stages');
    const stages = [
      { ...first, name: evil.slice(0, 30) },
      { ...second, reason: evil },
    ];
    const text = stagesAsText(seen({ ...document, pipeline: evil, question: evil, stages }), 60);
    for (const line of text.split('\n')) expect(displayWidth(line), line).toBeLessThanOrEqual(60);
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  });
});

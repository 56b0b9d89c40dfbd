import { describe, expect, test } from 'vitest';
import {
  errorTypeOf,
  isReasonCode,
  nextStep,
  REASONS,
  type ReasonCode,
  reasonOf,
  statusWordOf,
} from '../../../src/core/status/reason.ts';

/** The vocabulary as specified: status word, exit code, word of the history. */
const VOCABULARY: readonly [string, number, string | undefined, string][] = [
  [
    'in-progress',
    0,
    undefined,
    'QUEUED SCHEDULED STAGE_RUNNING GENERATING AUDITING RETRYING RESUMING ROLLING_BACK QUOTA_WAIT',
  ],
  ['in-progress', 3, undefined, 'APPROVAL_PENDING QUESTION_PENDING'],
  ['stopped', 3, 'paused', 'PAUSED_AFTER_STAGE QUALITY_GATE COMMIT_DECLINED'],
  ['stopped', 130, 'paused', 'USER_INTERRUPT'],
  [
    'stopped',
    4,
    'paused',
    'RETRY_RATE_EXCEEDED REJECT_RATE_EXCEEDED CONSECUTIVE_FAILS CIRCUIT_BREAKER BUDGET_EXCEEDED STALLED',
  ],
  ['completed', 0, 'success', 'ALL_FRAMES_APPROVED ALL_STAGES_SUCCEEDED PARTIAL_SUCCESS'],
  [
    'failed',
    1,
    'failed',
    'STAGE_FAILED STAGE_TIMEOUT OUTPUT_INVALID TESTS_FAILED AGENT_CRASHED AGENT_NO_RESULT AGENT_REFUSED ' +
      'TURN_LIMIT CONTEXT_OVERFLOW ROLLED_BACK ROLLBACK_FAILED SYS_MANIFEST_INVALID SYS_WRITE_ERROR ' +
      'SYS_OWNER_LOST SYS_STATE_CORRUPT DEP_API_UNAVAILABLE DEP_AUTH DEP_QUOTA',
  ],
  ['failed', 5, 'failed', 'APPROVAL_REJECTED APPROVAL_EXPIRED'],
  ['stopped', 1, 'failed', 'USER_CANCELLED SUPERSEDED'],
];

describe('the table of reasons', () => {
  const specified = VOCABULARY.flatMap(([status, exit, history, codes]) =>
    codes.split(' ').map((code) => ({ code, status, exit, history })),
  );

  test('has exactly the codes of the vocabulary', () => {
    expect(Object.keys(REASONS).sort()).toEqual(specified.map(({ code }) => code).sort());
  });

  test.each(specified)(
    '$code is $status, exit $exit, history $history',
    ({ code, status, exit, history }) => {
      const reason = reasonOf(code);
      expect([reason.status, reason.exit, reason.history]).toEqual([status, exit, history]);
    },
  );

  test('says for every code what it means and one next command', () => {
    for (const code of Object.keys(REASONS) as ReasonCode[]) {
      expect(reasonOf(code).message, code).toMatch(/^[a-z].*[^.]$/);
      expect(reasonOf(code).next, code).toMatch(/\{resume\}|murmur8|--restart|start again/);
    }
  });

  test('knows the family of failed tools', () => {
    expect(reasonOf('DEP_TEXTUREPACKER_FAIL')).toMatchObject({
      status: 'failed',
      exit: 1,
      history: 'failed',
      message: 'texturepacker failed',
    });
  });

  test.each(['SOMETHING_ELSE', 'DEP_X', 'constructor', 'DEP__fail', ''])('refuses %j', (code) => {
    expect(() => reasonOf(code)).toThrow('unknown reason code');
  });
});

test('every code of the table is known, the family of failed tools is, and others are not', () => {
  for (const code of [...Object.keys(REASONS), 'DEP_TEXTUREPACKER_FAIL'])
    expect(isReasonCode(code), code).toBe(true);
  for (const code of ['SOMETHING_ELSE', 'toString', 'DEP__fail'])
    expect(isReasonCode(code), code).toBe(false);
});

test.each([
  ['SYS_WRITE_ERROR', 'system'],
  ['DEP_QUOTA', 'dependency'],
  ['DEP_TEXTUREPACKER_FAIL', 'dependency'],
  ['OUTPUT_INVALID', 'audit'],
  ['AGENT_CRASHED', 'audit'],
])('%s is a %s error', (code, type) => {
  expect(errorTypeOf(code)).toBe(type);
});

test('no reason sends whoever runs a feature to the logs of a pipeline', () => {
  for (const code of Object.keys(REASONS))
    expect(nextStep(code, 'r1', 's1'), code).not.toMatch(/\{|murmur8 pipeline (logs|run|status)/);
});

test('what is on record is looked up under the id of its segment, what goes on under the run’s', () => {
  expect(nextStep('ALL_FRAMES_APPROVED', 'r1', 's1')).toBe('murmur8 history show s1');
  expect(nextStep('USER_INTERRUPT', 'r1', 's1')).toBe('murmur8 resume r1');
});

test.each([
  ['pending', 'in-progress'],
  ['running', 'in-progress'],
  ['waiting_approval', 'in-progress'],
  ['paused', 'stopped'],
  ['cancelled', 'stopped'],
  ['succeeded', 'completed'],
  ['failed', 'failed'],
] as const)('a run that is %s reads %s', (phase, word) => {
  expect(statusWordOf(phase)).toBe(word);
});

import { describe, expect, test } from 'vitest';
import type { Trigger } from '../../../src/core/pipeline/definition.ts';
import type { PipelineEvent } from '../../../src/core/trigger/event.ts';
import { matchTriggers } from '../../../src/core/trigger/match.ts';

const merged: PipelineEvent = {
  type: 'pull_request.merged',
  facts: { branch: 'main', labels: ['ready'] },
  isFork: false,
};
const schedule = { cron: '0 4 * * *', timezone: 'UTC', catchUp: 'skip' } as const;

function matched(trigger: Trigger | readonly Trigger[], event: PipelineEvent = merged): boolean {
  return matchTriggers(Array.isArray(trigger) ? trigger : [trigger as Trigger], event).matched;
}

function reason(trigger: Trigger, event: PipelineEvent = merged): string {
  const match = matchTriggers([trigger], event);
  expect(match.matched).toBe(false);
  return match.reason;
}

describe('an event', () => {
  test('starts a pipeline that names it, and the reason says what fitted', () => {
    expect(matchTriggers([{ event: ['pull_request.merged'], branches: ['main'] }], merged)).toEqual({
      matched: true,
      reason: 'the event is pull_request.merged, the branch is main',
    });
  });

  test.each<[readonly string[], boolean]>([
    [['push', 'pull_request.merged'], true],
    [['pull_request.*'], true],
    [['*'], true],
    [['pull_request'], false],
    [['Pull_request.merged'], false],
    [['pull_request.*', '!pull_request.merged'], false],
    [['pull_request.closed'], true],
    [['pull_request.closed', '!pull_request.merged'], false],
    [['pull_request.opened'], false],
    [[], false],
  ])('%j takes a merged pull request: %s', (event, expected) => {
    expect(matched({ event })).toBe(expected);
  });

  test('a closed one that was not merged is only that', () => {
    const closed = { ...merged, type: 'pull_request.closed' };
    expect(matched({ event: ['pull_request.closed'] }, closed)).toBe(true);
    expect(matched({ event: ['pull_request.merged'] }, closed)).toBe(false);
  });

  test('a name without its action is explained', () => {
    expect(reason({ event: ['pull_request'] })).toContain('"pull_request.*" takes every action');
  });
});

describe('triggers', () => {
  test('are alternatives, their keys stand together, their lists are alternatives', () => {
    const wrong: Trigger = { event: ['push'] };
    const right: Trigger = {
      event: ['pull_request.merged'],
      branches: ['dev', 'm*'],
      labels: ['x', 'ready'],
    };
    expect(matched([wrong, right])).toBe(true);
    expect(matched({ ...right, labels: ['x'] })).toBe(false);
    expect(matched({ ...right, branches: ['dev'] })).toBe(false);
  });

  test('reasons of all of them are told', () => {
    const match = matchTriggers(
      [{ event: ['push'] }, { event: ['pull_request.merged'], branches: ['dev'] }],
      merged,
    );
    expect(match).toEqual({
      matched: false,
      reason: 'the event is pull_request.merged, not push; the branch is main, not dev',
    });
  });

  test('a pipeline without any is started by nothing, nor by a trigger without keys', () => {
    expect(matchTriggers(undefined, merged)).toEqual({
      matched: false,
      reason: 'the pipeline has no triggers',
    });
    expect(matched([])).toBe(false);
    expect(matched({})).toBe(false);
    expect(matched({ forks: true })).toBe(false);
  });

  test.each<[Trigger, RegExp]>([
    [{ event: ['push'], branches: ['**'] }, /--branch/],
    [{ event: ['push'], paths: ['**'] }, /--path/],
    [{ event: ['push'], labels: ['**'] }, /--label/],
  ])('a fact that the event does not say is not met: %j', (trigger, expected) => {
    expect(reason(trigger, { type: 'push', facts: {} })).toMatch(expected);
  });

  test('a malformed pattern takes nothing', () => {
    expect(matched({ event: ['pull_request.merged'], branches: ['['] })).toBe(false);
    expect(matched({ event: ['['] })).toBe(false);
  });
});

describe('forks', () => {
  test('are refused unless allowed', () => {
    const fork = { ...merged, isFork: true };
    expect(reason({ event: ['pull_request.merged'] }, fork)).toMatch(/fork/);
    expect(matched({ event: ['pull_request.merged'], forks: false }, fork)).toBe(false);
    expect(matched({ event: ['pull_request.merged'], forks: true }, fork)).toBe(true);
    expect(matched({ event: ['pull_request.merged'], forks: true, branches: ['dev'] }, fork)).toBe(false);
  });
});

describe('schedules', () => {
  const due: PipelineEvent = { type: 'schedule', facts: {} };

  test('take their own event and no other', () => {
    expect(matched({ schedule }, due)).toBe(true);
    expect(matched({ schedule }, merged)).toBe(false);
    expect(matched({ schedule, event: ['schedule'] }, due)).toBe(true);
    expect(matched({ schedule, event: ['push'] }, due)).toBe(false);
    expect(matched({ schedule, event: ['pull_request.merged'] }, merged)).toBe(false);
  });

  test('no other trigger takes it, but one that names it', () => {
    expect(matched({ branches: ['main'] }, { type: 'schedule', facts: { branch: 'main' } })).toBe(false);
    expect(matched({ branches: ['main'] }, merged)).toBe(true);
    expect(matched({ event: ['schedule'] }, due)).toBe(true);
  });

  test('a branch beside it has to be known', () => {
    expect(matched({ schedule, branches: ['main'] }, due)).toBe(false);
    expect(matched({ schedule, branches: ['main'] }, { type: 'schedule', facts: { branch: 'main' } })).toBe(
      true,
    );
  });
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { README } from '../examples/atlas-files.ts';
import { type AtlasProject, createAtlasProject } from '../examples/atlas-project.ts';

let project: AtlasProject;
beforeEach(async () => {
  project = await createAtlasProject();
});
afterEach(() => project.remove());

const EXIT_STOPPED = 4;
const ALL = [1, 2, 3, 4, 5, 6, 7, 8];

/** Goes on with a stopped run under other limits, to its end. */
async function resume(...limits: string[]) {
  const { details } = await project.status();
  if (!('resume_command' in details)) throw new Error('these are no details of a stopped run');
  expect(details.resume_command).toBe(`murmur8 pipeline run --resume ${project.id()}`);
  const [, , ...words] = details.resume_command.split(' ');
  const options = limits.flatMap((limit) => ['--limit', limit]);
  // As its readers are told.
  expect(README).toContain(['--resume <id>', ...options].join(' ').trim());
  const ended = await project.pipeline(...words, ...options);
  expect(ended).toMatchObject({ code: 0 });
  return project.status();
}

/**
 * Frames, from one, that were approved in one part of the run, and those on which the next one worked: with a new
 * attempt, or with the check alone where the stop had come between the two.
 */
function approvedAndWorkedOn(): { readonly approved: number[]; readonly workedOn: number[] } {
  const events = project.journal(project.id());
  const stop = events.findIndex(({ type }) => type === 'run.stopped');
  const approved: number[] = [];
  const workedOn = new Set<number>();
  for (const [index, event] of events.entries()) {
    if (event.type !== 'attempt.started' && event.type !== 'attempt.judged') continue;
    if (index > stop) workedOn.add(event.frame + 1);
    else if (event.type === 'attempt.judged' && event.verdict === 'approved') approved.push(event.frame + 1);
  }
  return { approved, workedOn: [...workedOn].sort() };
}

interface Stop {
  readonly code: string;
  readonly drift: string;
  readonly threshold: number;
  /** At least; two frames are at work at a time, so that a count may be one higher. */
  readonly actual: number;
  /** What lets it go on. */
  readonly limits: readonly string[];
  /** Frames that no retry puts right. */
  readonly lost: readonly number[];
}

test.each<Stop>([
  {
    code: 'RETRY_RATE_EXCEEDED',
    drift: '1:1,2:1,3:1,4:1,5:1',
    threshold: 0.5,
    actual: 0.625,
    limits: ['retry_rate=1'],
    lost: [],
  },
  {
    code: 'REJECT_RATE_EXCEEDED',
    drift: '1,2',
    threshold: 0.2,
    actual: 0.25,
    limits: ['reject_rate=0.5', 'max_attempts=40'],
    lost: [1, 2],
  },
  {
    code: 'CONSECUTIVE_FAILS',
    drift: '1,2,3,4',
    threshold: 9,
    actual: 9,
    limits: ['reject_rate=0.5', 'consecutive_fails=40', 'max_attempts=60'],
    lost: [1, 2, 3, 4],
  },
  {
    code: 'CIRCUIT_BREAKER',
    drift: '2,4:3,6:3,8:3',
    threshold: 18,
    actual: 18,
    limits: ['max_attempts=40'],
    lost: [2],
  },
])('$code stops the run, which goes on under other limits without what was approved', async (stop) => {
  expect((await project.run({ drift: stop.drift })).code).toBe(EXIT_STOPPED);
  const stopped = await project.status();
  expect(stopped).toMatchObject({
    status: 'stopped',
    reason_code: stop.code,
    details: { stop_condition: stop.code, threshold: stop.threshold },
  });
  const { actual_value: actual } = stopped.details as { readonly actual_value: number };
  expect(stop.threshold < 1 ? [stop.actual] : [stop.actual, stop.actual + 1]).toContain(actual);
  expect(stopped.metrics.frames_remaining).toBeGreaterThan(0);
  expect(stopped.details).toMatchObject({ frames_remaining: stopped.metrics.frames_remaining });
  const { reason_code, metrics } = await resume(...stop.limits);
  expect(reason_code).toBe(stop.lost.length === 0 ? 'ALL_FRAMES_APPROVED' : 'PARTIAL_SUCCESS');
  expect(metrics).toMatchObject({
    frames_completed: ALL.length - stop.lost.length,
    frames_failed: stop.lost.length,
    frames_remaining: 0,
  });
  const { approved, workedOn } = approvedAndWorkedOn();
  expect(workedOn).toEqual(ALL.filter((frame) => !approved.includes(frame)));
});

test('USER_INTERRUPT stops the run, which goes on without what was approved', async () => {
  const { child, ended } = project.begin({ hold: '5' });
  await project.whenStatus({ metrics: { frames_completed: 7 } });
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  expect(await project.status()).toMatchObject({
    status: 'stopped',
    reason_code: 'USER_INTERRUPT',
    metrics: { frames_completed: 7, frames_remaining: 1 },
    details: { stop_condition: 'USER_INTERRUPT', threshold: 0, actual_value: 1 },
  });
  project.write('go', '');
  const { reason_code } = await resume();
  expect(reason_code).toBe('ALL_FRAMES_APPROVED');
  expect(approvedAndWorkedOn().workedOn).toEqual([5]);
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDisturbedFrames, type DisturbedFrames, FRAME_PHASES } from '../rig/killed-frames.ts';

const HOURS = 3_600_000;
/** Frames side by side make more changes in one run than in another. */
const MORE = 10;

let frames: DisturbedFrames;
beforeAll(async () => {
  frames = await createDisturbedFrames();
});
afterAll(() => frames?.remove());

test.each(FRAME_PHASES)(
  'a run of frames killed at every change of a file comes to the same end, nothing approved made twice: %s',
  async (phase) => {
    expect(await failuresAt(frames.changes[phase], (point) => frames.kill(phase, point))).toEqual([]);
  },
  HOURS,
);

test.each(FRAME_PHASES.flatMap((phase) => ['ENOSPC', 'EROFS'].map((code) => [code, phase] as const)))(
  'a disk that fails with %s from any change on leaves a run of frames that comes to the same end: %s',
  async (code, phase) => {
    expect(await failuresAt(frames.changes[phase], (point) => frames.fail(phase, point, code))).toEqual([]);
  },
  HOURS,
);

test.each(FRAME_PHASES)(
  'any single change that fails with EIO leaves a run of frames that comes to the same end: %s',
  async (phase) => {
    const check = (point: number) => frames.fail(phase, point, 'EIO', 1);
    expect(await failuresAt(frames.changes[phase], check)).toEqual([]);
  },
  HOURS,
);

/** All points with what went wrong there, so that one run of the matrix shows every hole. */
async function failuresAt(points: number, check: (point: number) => Promise<void>): Promise<string[]> {
  const failures: string[] = [];
  for (let point = 1; point <= points + MORE; point += 1) {
    try {
      await check(point);
    } catch (error) {
      failures.push(`${point}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    }
  }
  return failures;
}

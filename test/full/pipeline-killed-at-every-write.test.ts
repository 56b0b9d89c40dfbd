import { afterAll, beforeAll, expect, test } from 'vitest';
import { killedEmission } from '../rig/killed-event.ts';
import { createDisturbedPipeline, type DisturbedPipeline, PHASES } from '../rig/killed-pipeline.ts';

const HOURS = 3_600_000;
/** Whatever runs at the same time makes more changes in one run than in another. */
const MORE = 10;

let pipeline: DisturbedPipeline;
beforeAll(async () => {
  pipeline = await createDisturbedPipeline();
});
afterAll(() => pipeline?.remove());

test.each(PHASES)(
  'a run of twenty stages killed at every change of a file comes to the same end: %s',
  async (phase) => {
    expect(await failuresAt(pipeline.changes[phase], (point) => pipeline.kill(phase, point))).toEqual([]);
  },
  HOURS,
);

test.each(PHASES.flatMap((phase) => ['ENOSPC', 'EROFS'].map((code) => [code, phase] as const)))(
  'a disk that fails with %s from any change on leaves a run that comes to the same end: %s',
  async (code, phase) => {
    expect(await failuresAt(pipeline.changes[phase], (point) => pipeline.fail(phase, point, code))).toEqual(
      [],
    );
  },
  HOURS,
);

test.each(PHASES)(
  'any single change that fails with EIO leaves a run that comes to the same end: %s',
  async (phase) => {
    const check = (point: number) => pipeline.fail(phase, point, 'EIO', 1);
    expect(await failuresAt(pipeline.changes[phase], check)).toEqual([]);
  },
  HOURS,
);

test(
  'an event whose process is killed at every change of a file, delivered again, starts each run once',
  async () => {
    const emission = await killedEmission();
    expect(await failuresAt(emission.changes, emission.kill)).toEqual([]);
    emission.project.remove();
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

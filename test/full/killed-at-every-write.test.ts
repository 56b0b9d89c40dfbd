import { expect, test } from 'vitest';
import { countChanges, failAndContinue, killAndContinue } from '../rig/killed-run.ts';

const HOURS = 3_600_000;

test(
  'a whole run killed at every change of a file ends well with the same command, recorded once',
  async () => {
    const changes = await countChanges();
    const failures = await failuresAt(changes, killAndContinue);
    expect(failures).toEqual([]);
  },
  HOURS,
);

test.each(['ENOSPC', 'EIO'])(
  'a disk that fails with %s from any write on gives a clear error, and the run can go on',
  async (code) => {
    const changes = await countChanges();
    expect(await failuresAt(changes, (point) => failAndContinue(code, point))).toEqual([]);
  },
  HOURS,
);

test(
  'any single write that fails with EIO leaves a run that can go on',
  async () => {
    const changes = await countChanges();
    expect(await failuresAt(changes, (point) => failAndContinue('EIO', point, 1))).toEqual([]);
  },
  HOURS,
);

/** All points with what went wrong there, so that one run of the matrix shows every hole. */
async function failuresAt(points: number, check: (point: number) => Promise<void>): Promise<string[]> {
  const failures: string[] = [];
  for (let point = 1; point <= points; point += 1) {
    try {
      await check(point);
    } catch (error) {
      failures.push(`${point}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    }
  }
  return failures;
}

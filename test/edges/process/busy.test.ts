import { describe, expect, it } from 'vitest';
import { type BusyCheck, createBusyCheck, type TreeWork } from '../../../src/edges/process/busy.ts';

const LIMIT = 1_000;

/** Goes through one silence, with what the tree has used by each look. */
async function through(check: BusyCheck, from: number): Promise<string | undefined> {
  for (let silent = 0; silent < 1_300; silent += 100) {
    const verdict = check.verdict(from + silent, silent, LIMIT);
    if (verdict !== undefined) return `${verdict} after ${silent}`;
    await Promise.resolve();
    await Promise.resolve();
  }
  return undefined;
}

function using(...looks: readonly (TreeWork | undefined)[]): BusyCheck {
  const left = [...looks];
  return createBusyCheck(() => Promise.resolve(left.shift()));
}

describe('a process tree that says nothing', () => {
  it('is idle when it uses next to nothing', async () => {
    const check = using({ cpuMs: 4_000, writtenBytes: 9e6 }, { cpuMs: 4_020, writtenBytes: 9e6 + 4_096 });
    expect(await through(check, 0)).toBe('idle after 1200');
  });

  it('is busy when it computes, or writes files', async () => {
    const nothing = { cpuMs: 0, writtenBytes: 0 };
    expect(await through(using(nothing, { cpuMs: 300, writtenBytes: 0 }), 0)).toBe('busy after 1200');
    expect(await through(using(nothing, { cpuMs: 0, writtenBytes: 1e6 }), 0)).toBe('busy after 1200');
  });

  it('is looked at anew after it was heard', async () => {
    const check = using(
      { cpuMs: 0, writtenBytes: 0 },
      { cpuMs: 500, writtenBytes: 0 },
      { cpuMs: 500, writtenBytes: 0 },
      { cpuMs: 501, writtenBytes: 0 },
    );
    expect(await through(check, 0)).toBe('busy after 1200');
    check.heard();
    expect(await through(check, 5_000)).toBe('idle after 1200');
  });

  it('is idle where the system tells nothing', async () => {
    expect(await through(using(undefined, undefined), 0)).toBe('idle after 1200');
    const failing = createBusyCheck(() => Promise.reject(new Error('no /proc')));
    expect(await through(failing, 0)).toBe('idle after 1200');
  });
});

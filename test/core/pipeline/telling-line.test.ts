import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { tellingLine } from '../../../src/core/pipeline/telling-line.ts';

const ofNode = (program: string) => spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' }).stderr;

describe('the line that tells why a command failed', () => {
  it('is the last one that is not blank', () => {
    expect(tellingLine('compiling\n\n  2 files failed  \n\n')).toBe('2 files failed');
    expect(tellingLine('Traceback:\n  File "x.py"\nValueError: no such atlas\n')).toBe(
      'ValueError: no such atlas',
    );
  });

  it('is the error where Node.js prints its version below', () => {
    expect(tellingLine(ofNode('throw new TypeError("no such atlas")'))).toBe('TypeError: no such atlas');
    expect(tellingLine(ofNode('import("not-installed-9e107d9d")'))).toMatch(
      /^Error \[ERR_MODULE_NOT_FOUND\]: Cannot find package 'not-installed-9e107d9d'/,
    );
    expect(
      tellingLine(
        ofNode('class AtlasError extends Error { name = "AtlasError" }; throw new AtlasError("full")'),
      ),
    ).toMatch(/^AtlasError: full/);
  });

  it('is what stands there where something else was thrown', () => {
    expect(tellingLine('Node.js v20.20.2\n')).toBe('Node.js v20.20.2');
  });

  it('is bounded, and none where nothing was printed', () => {
    expect(tellingLine('x'.repeat(1_000_000))).toHaveLength(300);
    expect(tellingLine(' \n\n')).toBeUndefined();
  });
});

import { execFileSync } from 'node:child_process';

/** The tests run the real binary: build it once before them, unless the caller just did. */
export function setup(): void {
  if (process.env['MURMUR8_TEST_BUILT']) return;
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
}

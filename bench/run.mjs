// npm run bench: every figure beside its floor, measured in the same run. Exit code 1 when one is over its limit.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printRows } from './measure.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const asked = process.argv.slice(2);
let over = 0;
for (const part of [
  'start',
  'status',
  'transition',
  'journal',
  'history',
  'feature',
  'pipeline',
  'validate',
  'tasks',
  'agents',
]) {
  const file = join(here, `${part}.mjs`);
  if ((asked.length > 0 && !asked.includes(part)) || !existsSync(file)) continue;
  process.stdout.write(`\n${part}\n`);
  const { bench } = await import(file);
  over += printRows(await bench());
}
process.stdout.write(over === 0 ? '\nall within their limits\n' : `\n${over} over their limit\n`);
process.exitCode = over === 0 ? 0 : 1;

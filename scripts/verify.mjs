// Build, types, lint, format, tests: one summary line per part; everything is run even if one part fails.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules/.bin', name);
const parts = [
  ['build', process.execPath, ['scripts/build.mjs']],
  ['types', bin('tsc'), ['--noEmit']],
  ['lint and format', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['fence', bin('depcruise'), ['--config', '.dependency-cruiser.cjs', 'src']],
  ['dead code', bin('knip'), []],
  ['agents', process.execPath, ['scripts/install-agents.mjs']],
  ['tests', bin('vitest'), ['run', '--reporter=default']],
];
const only = process.argv.slice(2);
const summary = [];
let failed = 0;
for (const [name, command, args] of parts) {
  if (only.length > 0 && !only.includes(name)) continue;
  const start = Date.now();
  const loud = name === 'tests' || name === 'agents';
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: loud ? 'inherit' : 'pipe',
    encoding: 'utf8',
    env: { ...process.env, NODE_EXTRA_CA_CERTS: '' },
  });
  const ok = result.status === 0;
  if (!ok) failed += 1;
  if (!ok && !loud) process.stdout.write(`${result.stdout ?? ''}${result.stderr ?? ''}\n`);
  summary.push(`${ok ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
}
process.stdout.write(`\n${summary.join('\n')}\n${summary.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

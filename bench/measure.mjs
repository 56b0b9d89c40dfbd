// Measures whole processes: CPU time, wall time and peak memory, as ratios to a floor measured in the same rounds.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Written next to nothing else: the child says at its end what it took. */
const PROBE = `process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  require('node:fs').writeFileSync(process.env.MURMUR8_BENCH_REPORT, JSON.stringify({
    cpuMs: (userCPUTime + systemCPUTime) / 1000, rssMb: maxRSS / 1024,
  }));
});`;

/**
 * One run of Node with these arguments. Answers CPU in ms (its own, not its children's), wall time in ms and
 * peak memory in MB.
 */
export function runOnce(argv, { cwd = process.cwd(), env = {}, stdio = 'ignore', allowed = [0] } = {}) {
  const { probe, report } = place();
  const start = process.hrtime.bigint();
  const result = spawnSync(process.execPath, ['--require', probe, ...argv], {
    cwd,
    stdio: stdio === 'pipe' ? ['ignore', 'pipe', 'pipe'] : stdio,
    env: { ...process.env, NODE_EXTRA_CA_CERTS: '', ...env, MURMUR8_BENCH_REPORT: report },
  });
  const wallMs = Number(process.hrtime.bigint() - start) / 1e6;
  if (!allowed.includes(result.status))
    throw new Error(`${argv.join(' ')}: exit ${result.status} ${result.stderr ?? ''}`);
  return { ...JSON.parse(readFileSync(report, 'utf8')), wallMs };
}

/**
 * Runs all subjects in turn, `rounds` times, so that a busy moment hits them alike. `subjects` maps a name to a
 * function that answers with numbers; the result maps it to the median of each number.
 */
export function inTurn(subjects, rounds) {
  const seen = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const [name, measure] of Object.entries(subjects)) seen[name].push(measure());
  return Object.fromEntries(
    Object.entries(seen).map(([name, runs]) => [
      name,
      Object.fromEntries(
        Object.keys(runs[0]).map((figure) => [figure, median(runs.map((run) => run[figure]))]),
      ),
    ]),
  );
}

/** A line of a report: a value beside its floor; `limit` is the largest ratio (or value, without a floor) allowed. */
export function row(name, value, floor, limit, unit) {
  return { name, value, floor, ratio: floor === null ? value : value / floor, limit, unit };
}

/** Prints rows as a table and answers how many are over their limit. */
export function printRows(rows) {
  let over = 0;
  for (const { name, value, floor, ratio, limit, unit } of rows) {
    const isOver = limit !== null && ratio > limit;
    if (isOver) over += 1;
    const against = floor === null ? '' : ` / ${round(floor)} = ${ratio.toFixed(2)}x`;
    const goal =
      limit === null ? '' : `  (limit ${limit}${floor === null ? ` ${unit}` : 'x'}${isOver ? ', OVER' : ''})`;
    process.stdout.write(`${name.padEnd(58)} ${round(value)} ${unit}${against}${goal}\n`);
  }
  return over;
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function round(value) {
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(4);
}

let placed;
function place() {
  if (placed !== undefined) return placed;
  const directory = mkdtempSync(join(tmpdir(), 'murmur8-bench-'));
  placed = { probe: join(directory, 'probe.cjs'), report: join(directory, 'report.json') };
  writeFileSync(placed.probe, PROBE);
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  return placed;
}

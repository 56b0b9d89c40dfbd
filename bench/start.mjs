// Start-up of short commands against a bare Node: what is loaded decides it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTurn, row, runOnce } from './measure.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'bin/murmur8.cjs');
const ROUNDS = 15;
const ENTRIES = 100;

export async function bench() {
  const project = makeProject();
  const commands = [
    ['--version', 1.2],
    ['--help', 1.2],
    ['history', 1.4],
    ['status', 1.4],
    ['telemetry-config', 1.4],
  ];
  const subjects = { floor: () => runOnce(['-e', '0']) };
  for (const [command] of commands) subjects[command] = () => runOnce([bin, command], { cwd: project });
  const seen = inTurn(subjects, ROUNDS);
  rmSync(project, { recursive: true, force: true });
  return commands.flatMap(([command, limit]) => [
    row(`${command}: CPU over node -e 0`, seen[command].cpuMs, seen.floor.cpuMs, limit, 'ms'),
    row(`${command}: memory`, seen[command].rssMb, null, 50, 'MB'),
  ]);
}

/** A project with one run and 100 history entries. */
function makeProject() {
  const project = mkdtempSync(join(tmpdir(), 'murmur8-bench-start-'));
  const git = (...args) => spawnSync('git', args, { cwd: project });
  git('init', '-q');
  git('config', 'user.name', 'Bench');
  git('config', 'user.email', 'bench@example.invalid');
  const run = spawnSync(
    process.execPath,
    [
      bin,
      'implement-feature',
      'greeting',
      '--brief',
      join(root, 'examples/greeting/brief.md'),
      '--runner',
      'offline',
    ],
    { cwd: project, encoding: 'utf8', env: { ...process.env, NODE_EXTRA_CA_CERTS: '' } },
  );
  if (run.status !== 0) throw new Error(run.stderr);
  const entry = (index) =>
    JSON.stringify({
      slug: `feature-${index}`,
      status: 'success',
      runId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      startedAt: '2026-11-21T05:00:00.000Z',
      completedAt: '2026-11-21T05:10:00.000Z',
      totalDurationMs: 600_000,
      stages: {
        alex: {
          startedAt: '2026-11-21T05:00:00.000Z',
          completedAt: '2026-11-21T05:01:00.000Z',
          durationMs: 60_000,
          status: 'success',
        },
      },
      failedStage: null,
      pausedAfter: null,
    });
  const lines = Array.from({ length: ENTRIES }, (_, index) => entry(index)).join(',\n');
  writeFileSync(join(project, '.claude/pipeline-history.json'), `[\n${lines}\n]\n`);
  return project;
}

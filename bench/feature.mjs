// What a feature run costs besides its agents: command stages that only write their artefacts, against the bare spawns.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTurn, row, runOnce } from './measure.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'bin/murmur8.cjs');
const STAGES = 4;
const ROUNDS = 7;

/** Copies what the stage at hand has to leave behind, and nothing else. */
const AGENT = `F=.blueprint/features/feature_greeting
copy() { mkdir -p "$(dirname "$1")"; cp "MADE/$1" "$1"; }
case "$MURMUR8_STAGE" in
  alex) copy $F/FEATURE_SPEC.md; copy $F/handoff-alex.md; sed -i "s/^featureId: .*/featureId: $MURMUR8_FEATURE_ID/" $F/FEATURE_SPEC.md ;;
  nigel) copy test/artifacts/feature_greeting/test-spec.md; copy test/feature_greeting.test.js; copy $F/handoff-nigel.md ;;
  codey-plan) copy $F/IMPLEMENTATION_PLAN.md ;;
  codey-implement) copy src/greeting.js ;;
esac
`;

export async function bench() {
  const place = mkdtempSync(join(tmpdir(), 'murmur8-bench-feature-'));
  const made = recordArtefacts(place);
  const agent = join(place, 'agent.sh');
  writeFileSync(agent, AGENT.replaceAll('MADE', made));
  const silent = await silentServer();
  const run = (env = {}) => {
    const project = emptyProject(place);
    const flags = ['--runner', `command:sh ${agent}`, '--no-feedback', '--no-validate', '--skip-stories'];
    return runOnce(
      [bin, 'implement-feature', 'greeting', '--brief', join(root, 'examples/greeting/brief.md'), ...flags],
      { cwd: project, env },
    );
  };
  const seen = inTurn(
    {
      floor: () => runOnce(['-e', '0']),
      run: () => run(),
      silent: () => run({ MURMUR8_TELEMETRY_URL: silent.url }),
    },
    ROUNDS,
  );
  silent.close();
  if (!process.env.KEEP) rmSync(place, { recursive: true, force: true });
  return [
    row(
      'feature run, own CPU per command stage',
      (seen.run.cpuMs - seen.floor.cpuMs) / STAGES,
      null,
      null,
      'ms',
    ),
    row(
      'telemetry to an endpoint that never answers: wall added',
      seen.silent.wallMs - seen.run.wallMs,
      null,
      50,
      'ms',
    ),
  ];
}

/** One real offline run, whose files the command agent then only copies. */
function recordArtefacts(place) {
  const project = emptyProject(place);
  const result = spawnSync(
    process.execPath,
    [
      bin,
      'implement-feature',
      'greeting',
      '--brief',
      join(root, 'examples/greeting/brief.md'),
      '--runner',
      'offline',
      '--skip-stories',
      '--no-commit',
    ],
    { cwd: project, encoding: 'utf8', env: { ...process.env, NODE_EXTRA_CA_CERTS: '' } },
  );
  if (result.status !== 0) throw new Error(result.stderr);
  const made = join(place, 'made');
  mkdirSync(made);
  for (const name of ['.blueprint', 'test', 'src'])
    cpSync(join(project, name), join(made, name), { recursive: true });
  return made;
}

function emptyProject(place) {
  const project = mkdtempSync(join(place, 'project-'));
  for (const args of [
    ['init', '-q'],
    ['config', 'user.name', 'Bench'],
    ['config', 'user.email', 'bench@example.invalid'],
  ]) {
    spawnSync('git', args, { cwd: project });
  }
  return project;
}

/** Accepts connections and never says a word. */
function silentServer() {
  const sockets = new Set();
  const server = createServer((socket) => sockets.add(socket));
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({
        url: `http://127.0.0.1:${server.address().port}/`,
        close() {
          for (const socket of sockets) socket.destroy();
          server.close();
        },
      });
    });
  });
}

// What a feature run costs besides its agents: command stages that only write their artefacts, against the bare spawns.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTurn, row, runOnce } from './measure.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'bin/murmur8.cjs');
const MORE = 20;
const ROUNDS = 7;

/**
 * Counts what a program spawns: the floor makes the same number of bare spawns.
 */
const COUNTER = `const { ChildProcess } = require('node:child_process');
const real = ChildProcess.prototype.spawn;
let count = 0;
ChildProcess.prototype.spawn = function (options) { count += 1; return real.call(this, options); };
process.on('exit', () => require('node:fs').writeFileSync(process.env.SPAWN_COUNT, String(count)));`;

const SPAWNS = (count) => `const { spawn } = require('node:child_process');
let left = ${count};
const next = () => left-- > 0 && spawn('true', [], { stdio: ['ignore', 'pipe', 'pipe'] }).on('close', next);
next();`;

/** Copies what the stage at hand has to leave behind, and nothing else. */
const AGENT = `F=.blueprint/features/feature_greeting
copy() { mkdir -p "$(dirname "$1")"; cp "MADE/$1" "$1"; }
case "$MURMUR8_STAGE" in
  alex) copy $F/FEATURE_SPEC.md; copy $F/handoff-alex.md; sed -i "s/^featureId: .*/featureId: $MURMUR8_FEATURE_ID/" $F/FEATURE_SPEC.md ;;
  nigel) copy test/artifacts/feature_greeting/test-spec.md; copy test/feature_greeting.test.js; copy $F/handoff-nigel.md ;;
  codey-plan) copy $F/IMPLEMENTATION_PLAN.md; n=2; while [ $n -le $STEPS ]; do printf '%s. \`src/part-%s.js\` CREATE — a part | Tests: none\\n' $n $n; n=$((n+1)); done > parts; sed -i -e '/^1[.] /r parts' $F/IMPLEMENTATION_PLAN.md; rm parts ;;
  codey-implement) if [ "$MURMUR8_STEP" = 1 ]; then copy src/greeting.js; else echo "// part" > "src/part-$MURMUR8_STEP.js"; fi ;;
esac
`;

export async function bench() {
  const place = mkdtempSync(join(tmpdir(), 'murmur8-bench-feature-'));
  const made = recordArtefacts(place);
  const agent = join(place, 'agent.sh');
  writeFileSync(agent, AGENT.replaceAll('MADE', made));
  const silent = await silentServer();
  const counter = join(place, 'counter.cjs');
  writeFileSync(counter, COUNTER);
  const argvOf = (more) => [
    ...(more ?? []),
    bin,
    'implement-feature',
    'greeting',
    ...['--brief', join(root, 'examples/greeting/brief.md'), '--runner', `command:sh ${agent}`],
    ...['--no-feedback', '--no-validate', '--skip-stories'],
  ];
  const run = (steps, env = {}, more = []) => {
    const cwd = emptyProject(place);
    return runOnce(argvOf(more), { cwd, env: { STEPS: String(steps), MURMUR8_PASS_ENV: 'STEPS', ...env } });
  };
  const paused = (env = {}) => {
    const options = { cwd: emptyProject(place), env: { STEPS: '1', ...env }, allowed: [0, 3] };
    return runOnce([...argvOf(), '--pause-after', 'alex'], options);
  };
  const spawnsOf = (steps) => {
    const file = join(place, 'count');
    run(steps, { SPAWN_COUNT: file }, ['--require', counter]);
    return Number(readFileSync(file, 'utf8'));
  };
  const spawns = spawnsOf(1 + MORE) - spawnsOf(1);
  const seen = inTurn(
    {
      floor: () => runOnce(['-e', '0']),
      spawns: () => runOnce(['-e', SPAWNS(spawns)]),
      few: () => run(1),
      many: () => run(1 + MORE),
    },
    ROUNDS,
  );
  // Short runs, so that what is looked for is not lost in the noise of the rest.
  const waits = inTurn(
    {
      without: () => paused(),
      silent: () => paused({ MURMUR8_TELEMETRY_URL: silent.url }),
    },
    3 * ROUNDS,
  );
  silent.close();
  rmSync(place, { recursive: true, force: true });
  const stage = (seen.many.cpuMs - seen.few.cpuMs) / MORE;
  const bare = (seen.spawns.cpuMs - seen.floor.cpuMs) / MORE;
  return [
    row(`one more command stage: own CPU (${(spawns / MORE).toFixed(1)} spawns)`, stage, null, null, 'ms'),
    row('the same number of bare spawns', bare, null, null, 'ms'),
    row('one more command stage: own CPU over the bare spawns', stage - bare, null, 10, 'ms'),
    row(
      'telemetry to an endpoint that never answers: wall added',
      waits.silent.wallMs - waits.without.wallMs,
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

// What a run adds to its agents: the time from the decision to run one to the start of its process, and what each event
// of its stream costs. The agents are scripts that take no time of their own; everything else is the real program.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTurn, median, printRows, row, runOnce } from './measure.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'bin/murmur8.cjs');
const streams = join(root, 'bench/agent-streams.cjs');
const { STREAMS } = createRequire(import.meta.url)(streams);
const STAGES = 20;
const ROUNDS = 5;
const MOST_START_MS = 10;
const FEW = 10_000;
const MANY = 100_000;
const MOST_EVENT_US = 20;
/** The collector of garbage takes some 20 MB of room before it collects; 500 bytes kept of each event would make it 1.7. */
const MOST_GROWTH = 1.3;

export async function bench() {
  const base = mkdtempSync(join(process.env.MURMUR8_BENCH_DIRECTORY ?? tmpdir(), 'murmur8-bench-agents-'));
  try {
    return [...startRows(base), ...eventRows(base)];
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

/** From the record of the decision, whose time is in whole milliseconds, to the first thing that the agent does. */
function startRows(base) {
  const project = makeProject(join(base, 'start'), STAGES);
  const stamps = join(base, 'start', 'stamps');
  const agent = place(join(base, 'start', 'agent'), clockAgent(stamps));
  const floor = place(join(base, 'start', 'floor.cjs'), FLOOR);
  const seen = inTurn(
    {
      bare: () => {
        rmSync(stamps, { force: true });
        const result = spawnSync(process.execPath, [floor, agent, String(STAGES)], { encoding: 'utf8' });
        if (result.status !== 0) throw new Error(result.stderr);
        return { ms: medianDistance(result.stdout.trim().split('\n').map(Number), stampsIn(stamps)) };
      },
      run: () => {
        rmSync(stamps, { force: true });
        runOnce([bin, 'pipeline', 'run', 'agents', '--runner', 'claude'], {
          cwd: project,
          env: { ...user(base), MURMUR8_CLAUDE_PROGRAM: agent },
          stdio: 'pipe',
        });
        const journal = newestJournal(project);
        const decided = journal
          .filter(({ type }) => type === 'attempt.started')
          .map(({ at }) => Date.parse(at));
        // The first one told its version.
        return { ms: medianDistance(decided, stampsIn(stamps).slice(-STAGES)) };
      },
    },
    ROUNDS,
  );
  const own = seen.run.ms - seen.bare.ms;
  return [
    row('from the decision to the start of an agent, over a bare spawn', own, null, MOST_START_MS, 'ms'),
  ];
}

function medianDistance(from, to) {
  if (from.length !== STAGES || to.length !== STAGES)
    throw new Error(`${from.length} and ${to.length} starts`);
  return median(to.map((stamp, index) => stamp - from[index]));
}

function stampsIn(file) {
  return readFileSync(file, 'utf8').trim().split('\n').map(Number);
}

function eventRows(base) {
  return Object.keys(STREAMS).flatMap((runner) => {
    const project = makeProject(join(base, runner), 1);
    const run = (count) => {
      const agent = place(join(base, runner, `agent-${count}`), streamAgent(runner, count));
      return () =>
        runOnce([bin, 'pipeline', 'run', 'agents', '--runner', runner], {
          cwd: project,
          env: { ...user(base), [`MURMUR8_${runner.toUpperCase()}_PROGRAM`]: agent },
          stdio: 'pipe',
        });
    };
    const seen = inTurn({ few: run(FEW), many: run(MANY) }, 3);
    const micros = ((seen.many.cpuMs - seen.few.cpuMs) * 1000) / (MANY - FEW);
    const many = MANY.toLocaleString('en-US');
    return [
      row(`${runner}: an event of ${many}, CPU`, micros, null, MOST_EVENT_US, 'us'),
      row(
        `${runner}: memory with ${many} events over ${FEW.toLocaleString('en-US')}`,
        seen.many.rssMb,
        seen.few.rssMb,
        MOST_GROWTH,
        'MB',
      ),
    ];
  });
}

/** Somebody who has a key for each of them, and no settings of their own: nothing of this machine's user is seen. */
function user(base) {
  const settings = join(base, 'home', '.config', 'opencode');
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, 'opencode.json'), '{"model":"bench/none"}');
  const keys = ['ANTHROPIC_API_KEY', 'CODEX_API_KEY', 'GEMINI_API_KEY'].map((name) => [
    name,
    'a-key-of-the-bench',
  ]);
  return { ...Object.fromEntries(keys), HOME: join(base, 'home') };
}

/** A git project with a pipeline of agents, one after the other. */
function makeProject(directory, count) {
  const project = join(directory, 'project');
  mkdirSync(project, { recursive: true });
  const stages = Array.from({ length: count }, (_, index) => {
    const needs = index === 0 ? '[]' : `[stage-${index - 1}]`;
    return `  - {name: stage-${index}, agent: builder, task: Do nothing, depends_on: ${needs}}\n`;
  });
  writeFileSync(join(project, 'agents.yaml'), `name: agents\nstages:\n${stages.join('')}`);
  for (const [program, ...args] of [
    ['git', 'init', '-q'],
    ['git', 'config', 'user.name', 'Bench'],
    ['git', 'config', 'user.email', 'bench@example.invalid'],
    [process.execPath, bin, 'pipeline', 'create', 'agents.yaml'],
  ]) {
    const made = spawnSync(program, args, { cwd: project, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`${args.join(' ')}: exit ${made.status} ${made.stderr}`);
  }
  return project;
}

function newestJournal(project) {
  const journals = readdirSync(project, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name === 'journal.jsonl')
    .map((entry) => readFileSync(join(entry.parentPath ?? entry.path, entry.name), 'utf8'))
    .map((text) =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
  return journals.toSorted((a, b) => a[0].at.localeCompare(b[0].at)).at(-1);
}

function place(file, text) {
  writeFileSync(file, text, { mode: 0o755 });
  return file;
}

/** Notes when it starts, in ms: bash has the time without another process. */
function clockAgent(stamps) {
  const { claude } = STREAMS;
  return `#!/bin/bash
now=$EPOCHREALTIME
if [ "$1" = --version ]; then echo '2.1.197 (Claude Code)'; exit; fi
echo "$((\${now/./} / 1000)).\${now: -3}" >> ${stamps}
cat <<'LINES'
${[...claude.begin(), ...claude.end()].map((line) => JSON.stringify(line)).join('\n')}
LINES
`;
}

/** The same agent, started by a process of the size of ours that does nothing else. */
const FLOOR = `const { spawn } = require('node:child_process');
const [agent, count] = process.argv.slice(2);
const held = Buffer.alloc(20 * 1024 * 1024, 1);
let left = Number(count);
const next = () => {
  if (left-- <= 0) return;
  const at = performance.timeOrigin + performance.now();
  spawn(agent, ['-p'], { stdio: 'ignore', detached: true }).on('exit', () => { console.log(at); next(); });
};
next();
process.on('exit', () => held.length);`;

/** A program that writes so many events and ends well. */
function streamAgent(runner, count) {
  return `#!${process.execPath}
const { writeSync } = require('node:fs');
const stream = require(${JSON.stringify(streams)}).STREAMS.${runner};
if (process.argv.includes('--version')) { console.log(stream.version); process.exit(0); }
let lines = stream.begin();
const write = () => {
  const bytes = Buffer.from(lines.map((line) => JSON.stringify(line) + '\\n').join(''));
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
  lines = [];
};
for (let index = 0; index < ${count}; index += stream.events) {
  lines.push(...stream.round(index));
  if (lines.length > 500) write();
}
lines.push(...stream.end());
write();
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = printRows(await bench()) === 0 ? 0 : 1;

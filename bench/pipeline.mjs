// What a pipeline costs besides its commands: no-op stages in layers through the real program, against a bare Node
// loop that spawns the same commands with the same width. Everything durable is on.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTurn, median, printRows, row } from './measure.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
// Another program that knows `pipeline create` and `pipeline run` can be put in its place.
const bin = process.env.MURMUR8_BENCH_PROGRAM ?? join(root, 'bin/murmur8.cjs');
const FEW = 20;
const MANY = 1_000;
const LAYER = 10;
const WIDTH = 4;
const ROUNDS = 5;

/** Rows {name, value, floor, ratio, limit, unit}; the goals are those of the performance notes. */
export async function bench() {
  // Where this is in memory every sync is free: MURMUR8_BENCH_DIRECTORY names a place on a disk.
  const base = mkdtempSync(join(process.env.MURMUR8_BENCH_DIRECTORY ?? tmpdir(), 'murmur8-bench-pipeline-'));
  try {
    const programs = writePrograms(base);
    const project = makeProject(base);
    const bare = (count, durable) => () =>
      measured(programs, base, [programs.floor, String(count), durable ? join(base, 'floor.jsonl') : '']);
    const run = (count) => () => measured(programs, project, [bin, 'pipeline', 'run', nameOf(count)]);
    const short = inTurn({ bare: bare(FEW, false), durable: bare(FEW, true), run: run(FEW) }, 3 * ROUNDS);
    const long = inTurn({ durable: bare(MANY, true), run: run(MANY) }, ROUNDS);
    const slope = (figure, name) => (long[name][figure] - short[name][figure]) / (MANY - FEW);
    return [
      row(`${FEW} stages: wall over a bare loop`, short.run.wallMs, short.bare.wallMs, 1.5, 'ms'),
      row(
        `a stage of ${MANY}: wall over spawn and one synced line`,
        slope('wallMs', 'run'),
        slope('wallMs', 'durable'),
        1.25,
        'ms',
      ),
      row(
        `${MANY} stages: CPU over the same, children included`,
        long.run.cpuMs,
        long.durable.cpuMs,
        1.3,
        'ms',
      ),
      row(`${MANY} stages: memory`, long.run.rssMb, null, 80, 'MB'),
      ...writesPerStage(slope),
      ...bytesPerStage(project),
    ];
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

/**
 * Calls that write, as the kernel counts them for the process itself. Those that Node makes for every spawn, to wake
 * itself when the child ends, are in the floor, which writes one line besides. No row where the kernel does not tell.
 */
function writesPerStage(slope) {
  if (!existsSync('/proc/self/io')) return [];
  const calls = slope('writes', 'run') - (slope('writes', 'durable') - 1);
  return [row('write calls a stage, those of a bare spawn left out', calls, null, 4, 'calls')];
}

/** Of the last run of each length. Its first event holds the whole definition, and what follows is what a stage costs. */
function bytesPerStage(project) {
  const journals = journalsBelow(project);
  const of = (count) =>
    median(journals.filter((journal) => journal.stages === count).map((journal) => journal.bytes / count));
  if (journals.length === 0) throw new Error('no journal was found below the project');
  return [row(`bytes of journal a stage, ${MANY} against ${FEW}`, of(MANY), of(FEW), 1.1, 'B')];
}

function journalsBelow(project) {
  return readdirSync(project, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name === 'journal.jsonl')
    .map((entry) => {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      const text = readFileSync(path, 'utf8');
      const stages = (text.match(/"type":"stage\.finished"/g) ?? []).length;
      return { stages, bytes: statSync(path).size };
    });
}

/** One process with its children: wall and CPU time in ms; memory in MB and calls that write of the process alone. */
function measured(programs, cwd, argv) {
  const report = join(programs.directory, 'report.json');
  const result = spawnSync(process.execPath, [programs.times, report, programs.memory, ...argv], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    env: environment(),
  });
  if (result.status !== 0) throw new Error(`${argv.join(' ')}: exit ${result.status} ${result.stderr}`);
  return JSON.parse(readFileSync(report, 'utf8'));
}

function environment() {
  return { ...process.env, NODE_EXTRA_CA_CERTS: '' };
}

/**
 * Node does not tell what its children took, so a shell asks for it: it waits for the whole tree and prints the CPU
 * time of all that has ended below it.
 */
const TIMES = `const { spawnSync } = require('node:child_process');
const { readFileSync, writeFileSync } = require('node:fs');
const [report, memory, ...argv] = process.argv.slice(2);
const start = process.hrtime.bigint();
const line = '"$0" "$@" >&2; code=$?; times; exit $code';
const result = spawnSync('/bin/sh', ['-c', line, process.execPath, '--require', memory, ...argv], {
  encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26,
  env: { ...process.env, MURMUR8_BENCH_REPORT: report },
});
const wallMs = Number(process.hrtime.bigint() - start) / 1e6;
if (result.status !== 0) { process.stderr.write(result.stderr.slice(-2000)); process.exit(result.status ?? 1); }
const [, below] = result.stdout.trim().split('\\n');
const cpuMs = below.trim().split(/\\s+/).reduce((sum, text) => {
  const [, minutes, seconds] = /^(\\d+)m([\\d.]+)s$/.exec(text);
  return sum + (Number(minutes) * 60 + Number(seconds)) * 1000;
}, 0);
writeFileSync(report, JSON.stringify({ wallMs, cpuMs, ...JSON.parse(readFileSync(report, 'utf8')) }));`;

/** Only in the process that is measured: Node processes below it are not told where to write. */
const MEMORY = `const report = process.env.MURMUR8_BENCH_REPORT;
delete process.env.MURMUR8_BENCH_REPORT;
if (report !== undefined) process.on('exit', () => {
  const { existsSync, readFileSync, writeFileSync } = require('node:fs');
  const io = existsSync('/proc/self/io') ? readFileSync('/proc/self/io', 'utf8') : '';
  const writes = Number(/syscw: (\\d+)/.exec(io)?.[1] ?? 0);
  writeFileSync(report, JSON.stringify({ rssMb: process.resourceUsage().maxRSS / 1024, writes }));
});`;

/** The same commands, as many at a time, and where a file is named a synced line for each. */
const FLOOR = `const { spawn } = require('node:child_process');
const { openSync, writeSync, fdatasyncSync } = require('node:fs');
const [count, file] = process.argv.slice(2);
const fd = file === '' ? undefined : openSync(file, 'w');
const line = JSON.stringify({ v: 1, seq: 1, at: new Date(0).toISOString(), type: 'stage.finished', stage: 'stage', status: 'succeeded' }) + '\\n';
let left = Number(count);
const next = () => {
  if (left-- <= 0) return;
  spawn('/bin/sh', ['-c', 'true'], { stdio: 'ignore' }).on('exit', () => {
    if (fd !== undefined) { writeSync(fd, line); fdatasyncSync(fd); }
    next();
  });
};
for (let lane = 0; lane < ${WIDTH}; lane += 1) next();`;

function writePrograms(base) {
  const directory = join(base, 'programs');
  mkdirSync(directory);
  const place = (name, text) => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
  return {
    directory,
    times: place('times.cjs', TIMES),
    memory: place('memory.cjs', MEMORY),
    floor: place('floor.cjs', FLOOR),
  };
}

/** A git project with the two pipelines created in it. */
function makeProject(base) {
  const project = join(base, 'project');
  mkdirSync(project);
  for (const args of [
    ['init', '-q'],
    ['config', 'user.name', 'Bench'],
    ['config', 'user.email', 'bench@example.invalid'],
  ])
    spawnSync('git', args, { cwd: project });
  for (const count of [FEW, MANY]) {
    const file = `${nameOf(count)}.yaml`;
    writeFileSync(join(project, file), definition(count));
    const made = spawnSync(process.execPath, [bin, 'pipeline', 'create', file], {
      cwd: project,
      encoding: 'utf8',
      env: environment(),
    });
    if (made.status !== 0) throw new Error(`pipeline create ${file}: exit ${made.status} ${made.stderr}`);
  }
  return project;
}

function nameOf(count) {
  return `layers-${count}`;
}

/** Layers of ten; a stage needs two of the layer above it. */
function definition(count) {
  const stages = Array.from({ length: count }, (_, index) => {
    const above = Math.floor(index / LAYER - 1) * LAYER;
    const needs = above < 0 ? [] : [above + (index % LAYER), above + ((index + 1) % LAYER)];
    return [
      `  - name: stage-${index}`,
      '    run: "true"',
      `    depends_on: [${needs.map((need) => `stage-${need}`).join(', ')}]`,
    ].join('\n');
  });
  return [`name: ${nameOf(count)}`, `max_parallel: ${WIDTH}`, 'stages:', ...stages, ''].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = printRows(await bench()) === 0 ? 0 : 1;

// The history file at 10 and at 100,000 entries: recording, listing, figures. `node bench/history.mjs`
import {
  closeSync,
  fdatasyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { inTurn, median, printRows, row, runOnce } from './measure.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const BIN = join(ROOT, 'bin/murmur8.cjs');
const FEW = 10;
const MANY = 100_000;
const STAGES = ['alex', 'cass', 'nigel', 'codey-plan', 'codey-implement'];
const PARSE_ALL =
  "JSON.parse(require('node:fs').readFileSync('.claude/pipeline-history.json', 'utf8')).length";

/** Rows {name, value, floor, ratio, limit, unit}; the goals are those of the performance notes. */
export async function bench() {
  const base = mkdtempSync(join(tmpdir(), 'murmur8-bench-history-'));
  try {
    const few = project(base, 'few', FEW, false);
    const some = project(base, 'some', 100, false);
    const many = project(base, 'many', MANY, false);
    const indented = project(base, 'indented', MANY, true);
    const recorder = await recorderProgram(base);
    return [
      ...short(few, some, many, recorder),
      ...whole(many, indented),
      ...appends(few, many, base, recorder),
    ];
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

function short(few, some, many, recorder) {
  const next = counter();
  const seen = inTurn(
    {
      floor: () => runOnce(['-e', '0']),
      some: () => runOnce([BIN, 'history'], { cwd: some }),
      few: () => runOnce([BIN, 'history'], { cwd: few }),
      many: () => runOnce([BIN, 'history'], { cwd: many }),
      recordFew: () => runOnce([recorder.one, fileOf(few), next()]),
      recordMany: () => runOnce([recorder.one, fileOf(many), next()]),
    },
    15,
  );
  return [
    row('history, 100 entries, against node -e 0', seen.some.cpuMs, seen.floor.cpuMs, 1.4, 'ms CPU'),
    row('history, 100,000 entries against 10', seen.many.cpuMs, seen.few.cpuMs, 1.5, 'ms CPU'),
    row('history, 100,000 entries, memory', seen.many.rssMb, null, 50, 'MB'),
    row(
      'record, whole process, 100,000 entries against 10',
      seen.recordMany.cpuMs,
      seen.recordFew.cpuMs,
      1.5,
      'ms CPU',
    ),
    row(
      'record, 100,000 entries, against node -e 0',
      seen.recordMany.cpuMs,
      seen.floor.cpuMs,
      null,
      'ms CPU',
    ),
  ];
}

function whole(many, indented) {
  const seen = inTurn(
    {
      stats: () => runOnce([BIN, 'history', '--stats'], { cwd: many }),
      parse: () => runOnce(['-e', PARSE_ALL], { cwd: many }),
      statsIndented: () => runOnce([BIN, 'history', '--stats'], { cwd: indented }),
      parseIndented: () => runOnce(['-e', PARSE_ALL], { cwd: indented }),
    },
    3,
  );
  return [
    row(
      'history --stats, 100,000, against read and JSON.parse',
      seen.stats.cpuMs,
      seen.parse.cpuMs,
      1,
      'ms CPU',
    ),
    row('history --stats, 100,000, memory', seen.stats.rssMb, null, 120, 'MB'),
    row(
      'the same for an indented file of 4.x',
      seen.statsIndented.cpuMs,
      seen.parseIndented.cpuMs,
      1,
      'ms CPU',
    ),
    row('history --stats, indented file, memory', seen.statsIndented.rssMb, null, 120, 'MB'),
  ];
}

/** Inside one process: the price of one durable append, beside two bare synced writes (journal and file). */
function appends(few, many, base, recorder) {
  const rounds = Array.from({ length: 5 }, () => ({
    few: insideMs(recorder, fileOf(few)),
    many: insideMs(recorder, fileOf(many)),
    bare: bareMs(join(base, 'bare')),
  }));
  const figure = (name) => median(rounds.map((round) => round[name]));
  return [
    row('append, durable, 100,000 entries against 10', figure('many'), figure('few'), 1.3, 'ms'),
    row(
      'append, durable, against two bare writes with fdatasync',
      figure('many'),
      figure('bare'),
      null,
      'ms',
    ),
  ];
}

const APPENDS = 100;
const nextInside = counter();

function insideMs(recorder, file) {
  const ids = Array.from({ length: APPENDS }, nextInside);
  return median(
    ids.map((id) => {
      const start = process.hrtime.bigint();
      recorder.append(file, anEntry(id));
      return Number(process.hrtime.bigint() - start) / 1e6;
    }),
  );
}

function bareMs(path) {
  const fd = openSync(path, 'w');
  const bytes = Buffer.from(JSON.stringify(anEntry('0')));
  const times = Array.from({ length: APPENDS }, (_, index) => {
    const start = process.hrtime.bigint();
    for (const position of [index * bytes.length, 0]) {
      writeSync(fd, bytes, 0, bytes.length, position);
      fdatasyncSync(fd);
    }
    return Number(process.hrtime.bigint() - start) / 1e6;
  });
  closeSync(fd);
  return median(times);
}

/** The recorder as a module to call and as a program that records one run. */
async function recorderProgram(base) {
  const one = join(base, 'record.cjs');
  const many = join(base, 'append.mjs');
  const entry = `(${anEntry.toString()})`;
  const shared = { bundle: true, platform: 'node', target: 'node20', minify: true, logLevel: 'error' };
  const source = (contents) => ({ stdin: { contents, resolveDir: ROOT, loader: 'ts' } });
  const use = "import { appendEntry } from './src/edges/recorder/append.ts';";
  const stages = `const STAGES = ${JSON.stringify(STAGES)};`;
  await build({
    ...shared,
    ...source(`${use} ${stages} const made = ${entry}(process.argv[3]);
      const result = appendEntry(process.argv[2], made as never); if (!result.ok) throw new Error(result.error.message);`),
    format: 'cjs',
    outfile: one,
  });
  await build({
    ...shared,
    ...source("export { appendEntry } from './src/edges/recorder/append.ts';"),
    format: 'esm',
    outfile: many,
  });
  const { appendEntry } = await import(pathToFileURL(many).href);
  return {
    one,
    append(file, made) {
      const result = appendEntry(file, made);
      if (!result.ok || result.value !== 'appended') throw new Error('not appended');
    },
  };
}

function project(base, name, count, isIndented) {
  const directory = join(base, name);
  mkdirSync(join(directory, '.claude'), { recursive: true });
  const entries = Array.from({ length: count }, (_, index) => anEntry(String(index)));
  const lines = `[\n${entries.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`;
  writeFileSync(fileOf(directory), isIndented ? JSON.stringify(entries, null, 2) : lines);
  return directory;
}

function fileOf(directory) {
  return join(directory, '.claude', 'pipeline-history.json');
}

/** Also sent into a child as text: uses nothing but `STAGES`. */
function anEntry(id) {
  const at = '2026-02-24T10:00:00.000Z';
  const stage = {
    startedAt: at,
    completedAt: '2026-02-24T10:02:00.000Z',
    durationMs: 120_000,
    status: 'success',
    attempts: 1,
    model: 'a-model',
    tokens: { input: 1000, output: 500, total: 1500 },
    cost: 0.0123,
  };
  return {
    slug: 'my-feature',
    status: 'success',
    runId: `bench-${id}`,
    startedAt: at,
    completedAt: '2026-02-24T10:10:00.000Z',
    totalDurationMs: 600_000,
    stages: Object.fromEntries(STAGES.map((name) => [name, stage])),
    failedStage: null,
    pausedAfter: null,
    totalCost: 0.0615,
  };
}

function counter() {
  const series = Math.random().toString(36).slice(2);
  let count = 0;
  return () => {
    count += 1;
    return `${series}-${count}`;
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = printRows(await bench()) === 0 ? 0 : 1;

// One event made durable through the store, beside a bare write and fdatasync of the same bytes: at the beginning of
// a journal and behind 100,000 events.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { median, printRows, row } from './measure.mjs';

const EVENTS = 100;
const LONG = 100_000;
const AT = '2026-01-05T09:00:00.000Z';
const root = join(dirname(fileURLToPath(import.meta.url)), '..');

export async function bench() {
  // Where this is in memory every sync is free: MURMUR8_BENCH_DIRECTORY names a place on a disk.
  const base = mkdtempSync(join(diskDirectory(), 'murmur8-bench-journal-'));
  try {
    const { createRunStore } = await load(base);
    const store = createRunStore(base);
    const short = measure(base, store, 'short', 0);
    const long = measure(base, store, 'long', LONG);
    return [
      row(`one durable event, the 1st to the ${EVENTS}th`, short.event, short.floor, 1.3, 'ms'),
      row(`one durable event behind ${LONG.toLocaleString('en-US')}`, long.event, long.floor, 1.3, 'ms'),
      row(
        `the same behind ${LONG.toLocaleString('en-US')} as at the beginning`,
        long.event,
        short.event,
        1.3,
        'ms',
      ),
    ];
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

/** Medians of events and bare writes taken in turn, so that a busy disk hits them alike. */
function measure(base, store, name, before) {
  const created = store.create(name);
  if (!created.ok) throw new Error(created.error.message);
  const run = created.value;
  advance(
    run,
    Array.from({ length: before }, () => event()),
  );
  const bare = openSync(join(base, `${name}.bare`), 'a');
  const line = Buffer.from(
    `${JSON.stringify({ v: 1, seq: 100_000, epoch: 1, at: AT, runId: name, ...event() })}\n`,
  );
  for (let filled = 0; filled < before; filled += 1000)
    writeSync(bare, Buffer.concat(Array(1000).fill(line)));
  const events = [];
  const floors = [];
  for (let index = 0; index < EVENTS; index += 1) {
    events.push(timed(() => advance(run, [event()])));
    floors.push(
      timed(() => {
        writeSync(bare, line);
        fdatasyncSync(bare);
      }),
    );
  }
  closeSync(bare);
  run.release();
  return { event: median(events), floor: median(floors) };
}

function advance(run, bodies) {
  const written = run.advance('bench', AT, bodies);
  if (!written.ok) throw new Error(written.error.message);
}

function event() {
  return {
    type: 'attempt.generated',
    stage: 'codey-implement',
    frame: 3,
    attempt: 2,
    outcome: 'ok',
    sessionId: '0b5fdc0e-6d6a-4f4e-9a3c-2f6f1c7f5f10',
    model: 'a-model',
    usage: { input: 1200, output: 800, costMicroUsd: 12_345 },
    logFile: 'logs/codey-implement/3-2.log',
  };
}

function timed(work) {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** The store, built from the sources as the commands are. */
async function load(base) {
  const outfile = join(base, 'store.mjs');
  await build({
    entryPoints: [join(root, 'src/edges/store/run-store.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
  });
  return import(pathToFileURL(outfile).href);
}

function diskDirectory() {
  return process.env.MURMUR8_BENCH_DIRECTORY ?? tmpdir();
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = printRows(await bench()) === 0 ? 0 : 1;

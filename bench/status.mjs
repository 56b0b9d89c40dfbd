// `status` over a run of 10,000 frames beside a bare Node: what it reads must not grow with the run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { inTurn, row, runOnce } from './measure.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'bin/murmur8.cjs');
const ROUNDS = 15;
const FRAMES = 10_000;
const LIMIT = 1.6;

export async function bench() {
  const base = mkdtempSync(join(tmpdir(), 'murmur8-bench-status-'));
  try {
    const source = await load(base);
    // Each in a project of its own, so that all are asked for without a name. The first is held by this process.
    const runs = {
      'in progress': makeRun(source, base, 'held', { isOver: false, isHeld: true }),
      'left by its owner': makeRun(source, base, 'lost', { isOver: false, isHeld: false }),
      'that has ended': makeRun(source, base, 'over', { isOver: true, isHeld: false }),
    };
    const subjects = { floor: () => runOnce(['-e', '0']) };
    for (const [name, { place }] of Object.entries(runs)) {
      subjects[name] = () => runOnce([bin, 'status'], { cwd: place });
      subjects[`${name}, --json`] = () => runOnce([bin, 'status', '--json'], { cwd: place });
    }
    const seen = inTurn(subjects, ROUNDS);
    for (const { release } of Object.values(runs)) release();
    const { floor, ...measured } = seen;
    return Object.entries(measured).flatMap(([name, { cpuMs, wallMs }]) => [
      row(`of ${FRAMES.toLocaleString('en-US')} frames ${name}: CPU`, cpuMs, floor.cpuMs, LIMIT, 'ms'),
      row(`of ${FRAMES.toLocaleString('en-US')} frames ${name}: time`, wallMs, floor.wallMs, LIMIT, 'ms'),
    ]);
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

/** A run through the real store: all its frames but a few have ended, every tenth at its second attempt. */
function makeRun({ createRunStore, apply, statusDocument }, base, name, { isOver, isHeld }) {
  const place = join(base, name);
  const id = 'e0000000-0000-4000-8000-000000000001';
  const created = createRunStore(join(place, '.claude')).create(id);
  if (!created.ok) throw new Error(created.error.message);
  const run = created.value;
  let state;
  let statuses = [];
  const advance = (bodies) => {
    const written = run.advance(id, new Date().toISOString(), bodies);
    if (!written.ok) throw new Error(written.error.message);
    for (const event of written.value) state = apply(state, event);
    const document = statusDocument(state, statuses);
    statuses = document.status_history;
    const kept = run.snapshot(document);
    if (!kept.ok) throw new Error(kept.error.message);
  };
  advance([createdEvent(place), { type: 'segment.started', previousRunId: null }]);
  const frames = Array.from({ length: FRAMES }, (_, index) => ({ title: `frame ${index + 1}` }));
  advance([{ type: 'stage.started', stage: 'draw', frames }]);
  const done = isOver ? FRAMES : FRAMES - 10;
  for (let frame = 0; frame < done; frame += 100) {
    const bodies = [];
    for (let each = frame; each < Math.min(done, frame + 100); each += 1) bodies.push(...attemptsAt(each));
    advance(bodies);
  }
  if (isOver) {
    advance([{ type: 'stage.finished', stage: 'draw', status: 'succeeded' }]);
    advance([{ type: 'run.finished', status: 'succeeded', code: 'ALL_FRAMES_APPROVED' }]);
  } else advance([{ type: 'attempt.started', ...at(done, 1), agent: 'draw', runner: 'command' }]);
  if (!isHeld) run.release();
  return { place, release: () => isHeld && run.release() };
}

function attemptsAt(frame) {
  const attempts = frame % 10 === 0 ? 2 : 1;
  return Array.from({ length: attempts }, (_, index) => {
    const place = at(frame, index + 1);
    const verdict =
      index + 1 < attempts
        ? { verdict: 'rejected', code: 'OUTPUT_INVALID', findings: ['it drifts'] }
        : { verdict: 'approved', findings: [] };
    return [
      { type: 'attempt.started', ...place, agent: 'draw', runner: 'command' },
      { type: 'attempt.generated', ...place, outcome: 'ok', exitCode: 0 },
      { type: 'attempt.judged', ...place, ...verdict },
    ];
  }).flat();
}

function at(frame, attempt) {
  return { stage: 'draw', frame, attempt };
}

function createdEvent(place) {
  const stage = { name: 'draw', needs: [], work: { kind: 'command', run: 'true' }, timeoutMs: 60_000 };
  return {
    type: 'run.created',
    pipeline: {
      name: 'bench',
      description: '',
      variables: {},
      maxParallel: 4,
      limits: {},
      stages: [{ ...stage, retries: 2, repairs: 2, onFailure: 'halt', foreach: ['a'] }],
      closing: 'none',
    },
    settings: {
      feedback: false,
      commit: false,
      diffPreview: false,
      interactive: false,
      recordHistory: false,
      yes: true,
      limits: {},
    },
    variables: {},
    failureRates: {},
    retry: { strategies: [], max: 2 },
    workingTree: place,
    head: null,
    dirty: [],
    version: '5.0.0',
  };
}

/** From a file, because a bundle out of memory cannot require what Node has. */
async function load(base) {
  const outfile = join(base, 'source.mjs');
  await build({
    stdin: {
      contents: `
        export { createRunStore } from './src/edges/store/run-store.ts';
        export { apply } from './src/core/run/apply.ts';
        export { statusDocument } from './src/core/status/document.ts';
      `,
      loader: 'ts',
      resolveDir: root,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile));
}

// What it costs when a run changes: its event is folded, its status calculated, and the document for readers replaced.
// In CPU time, with 10, 1,000 and 10,000 frames in one stage or spread over many, in the first and the last of them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSource } from '../scripts/load-source.mjs';
import { inTurn, printRows, row } from './measure.mjs';

const SIZES = [10, 1_000, 10_000];
const FRAMES_OF_A_STAGE = 10;
const TRANSITIONS = 300;
const ROUNDS = 5;
const RUN = 'e0000000-0000-4000-8000-000000000001';
const AT = '2026-01-05T09:00:00.000Z';
/** In ms of CPU time (issue: how fast). */
const MOST = 1;
const GROWTH = 1.3;

/** Rows {name, value, floor, ratio, limit, unit}. */
export async function bench() {
  const base = mkdtempSync(
    join(process.env.MURMUR8_BENCH_DIRECTORY ?? tmpdir(), 'murmur8-bench-transition-'),
  );
  const held = [];
  try {
    const source = await loadSource(`
      export { createStatusBoard } from './src/compose/status-board.ts';
      export { replay, apply } from './src/core/run/apply.ts';
      export { retryConfigSchema } from './src/core/config/retry-config.ts';
      export { createRunStore } from './src/edges/store/run-store.ts';
    `);
    const store = source.createRunStore(base);
    const shapes = {
      'one stage': (frames) => [frames],
      'many stages': (frames) => Array(frames / FRAMES_OF_A_STAGE).fill(FRAMES_OF_A_STAGE),
    };
    const rows = [];
    for (const [shape, stagesOf] of Object.entries(shapes)) {
      const subjects = {};
      for (const size of SIZES) {
        const created = store.create(`${shape.replace(' ', '-')}-${size}`);
        if (!created.ok) throw new Error(created.error.message);
        held.push(created.value);
        subjects[size] = subject(source, created.value, stagesOf(size));
      }
      for (const measure of Object.values(subjects)) measure();
      const seen = inTurn(subjects, ROUNDS);
      for (const size of SIZES)
        rows.push(row(`${named(size)} frames in ${shape}: a transition`, seen[size].cpuMs, null, MOST, 'ms'));
      const [least] = SIZES;
      const most = SIZES.at(-1);
      rows.push(
        row(
          `the same with ${named(most)} as with ${named(least)}`,
          seen[most].cpuMs,
          seen[least].cpuMs,
          GROWTH,
          'ms',
        ),
      );
    }
    return rows;
  } finally {
    for (const run of held) run.release();
    rmSync(base, { recursive: true, force: true });
  }
}

/** A run whose frames have all ended but the last one, whose attempts are rejected again and again. */
function subject(source, run, frames) {
  const { apply, replay, createStatusBoard } = source;
  const last = { stage: nameOf(frames.length - 1), frame: frames.at(-1) - 1 };
  let state = replay(enveloped(beginning(source, frames)));
  const board = createStatusBoard(run, state, [], (problem) => {
    throw new Error(problem.message);
  });
  let attempt = 0;
  return () => {
    const before = process.cpuUsage();
    for (let done = 0; done < TRANSITIONS; done += 3) {
      attempt += 1;
      const at = { ...last, attempt };
      for (const body of [
        { type: 'attempt.started', ...at, agent: 'shell', runner: 'command' },
        { type: 'attempt.generated', ...at, outcome: 'ok' },
        { type: 'attempt.judged', ...at, verdict: 'rejected', code: 'OUTPUT_INVALID', findings: [] },
      ]) {
        state = apply(state, enveloped([body], state.seq)[0]);
        board.changed();
      }
    }
    const { user, system } = process.cpuUsage(before);
    return { cpuMs: (user + system) / 1000 / TRANSITIONS };
  };
}

/** Up to the last frame. */
function beginning({ retryConfigSchema }, frames) {
  const stages = frames.map((_, index) => ({
    name: nameOf(index),
    needs: [],
    work: { kind: 'command', command: 'true' },
    timeoutMs: 60_000,
    retries: 5,
    repairs: 5,
    onFailure: 'halt',
  }));
  const bodies = [
    {
      type: 'run.created',
      pipeline: {
        name: 'bench',
        description: '',
        variables: {},
        maxParallel: 4,
        limits: {},
        stages,
        closing: 'none',
      },
      settings: {
        feedback: false,
        commit: false,
        diffPreview: false,
        interactive: false,
        recordHistory: false,
        yes: false,
        limits: {},
      },
      variables: {},
      failureRates: {},
      retry: retryConfigSchema.parse({}),
      workingTree: '/project',
      head: null,
      dirty: [],
      version: '5.0.0',
    },
    { type: 'segment.started', previousRunId: null },
  ];
  frames.forEach((count, index) => {
    const stage = nameOf(index);
    const isLast = index === frames.length - 1;
    const titles = Array.from({ length: count }, (_, frame) => ({ title: `${stage} ${frame}` }));
    bodies.push({ type: 'stage.started', stage, frames: titles });
    for (let frame = 0; frame < (isLast ? count - 1 : count); frame += 1) {
      const at = { stage, frame, attempt: 1 };
      bodies.push({ type: 'attempt.started', ...at, agent: 'shell', runner: 'command' });
      bodies.push({ type: 'attempt.generated', ...at, outcome: 'ok' });
      bodies.push({ type: 'attempt.judged', ...at, verdict: 'approved', findings: [] });
    }
    if (!isLast) bodies.push({ type: 'stage.finished', stage, status: 'succeeded' });
  });
  return bodies;
}

function enveloped(bodies, before = 0) {
  return bodies.map((body, index) => ({
    v: 1,
    seq: before + index + 1,
    epoch: 1,
    at: AT,
    runId: RUN,
    ...body,
  }));
}

function nameOf(index) {
  return `stage-${index}`;
}

function named(count) {
  return count.toLocaleString('en-US');
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = printRows(await bench()) === 0 ? 0 : 1;

// Reading definitions: `pipeline validate` as a whole process against a bare Node, and in process the steps between
// the parsed file and the order of a hundred thousand stages.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { inTurn, median, printRows, row, runOnce } from './measure.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'bin/murmur8.cjs');
/** Stages, and how many times the time of `node -e 0` it may take to read them. */
const SIZES = [
  [20, 2],
  [1_000, 5],
  [10_000, 11],
];
const ROUNDS = 9;
const MANY = 100_000;
const MOST_MS = 100;

export async function bench() {
  const base = mkdtempSync(join(tmpdir(), 'murmur8-bench-validate-'));
  try {
    return [...wholeProcess(base), ...(await inProcess(base))];
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

function wholeProcess(base) {
  const subjects = { floor: () => runOnce(['-e', '0']) };
  for (const [size] of SIZES) {
    const file = join(base, `${size}.yaml`);
    writeFileSync(file, definition(size));
    subjects[size] = () => runOnce([bin, 'pipeline', 'validate', file], { cwd: base });
  }
  const seen = inTurn(subjects, ROUNDS);
  return SIZES.map(([size, limit]) =>
    row(
      `pipeline validate, ${size.toLocaleString('en-US')} stages: over node -e 0`,
      seen[size].wallMs,
      seen.floor.wallMs,
      limit,
      'ms',
    ),
  );
}

/** The figures of one process, its first pass left out: what is measured is the work, not the compiler. */
async function inProcess(base) {
  const { ordered } = await load(base);
  const time = (size) => {
    const authored = { name: 'p', stages: Array.from({ length: size }, (_, index) => stage(index)) };
    const passes = Array.from({ length: 6 }, () => {
      const start = process.hrtime.bigint();
      if (ordered(authored) !== size) throw new Error('not all stages could be ordered');
      return Number(process.hrtime.bigint() - start) / 1e6;
    });
    return median(passes.slice(1));
  };
  const few = time(MANY / 10);
  const many = time(MANY);
  const sizes = `${(MANY / 10).toLocaleString('en-US')} to ${MANY.toLocaleString('en-US')}`;
  return [
    row(`build, cycle check and order of ${MANY.toLocaleString('en-US')} stages`, many, null, MOST_MS, 'ms'),
    row(`the same, from ${sizes}`, many, few, 30, 'ms'),
  ];
}

function definition(size) {
  const stages = Array.from({ length: size }, (_, index) => {
    const { name, run, timeout, depends_on: needs } = stage(index);
    return `  - name: ${name}\n    run: ${run}\n    timeout: ${timeout}\n    depends_on: [${needs.join(', ')}]\n`;
  });
  return `name: layers\nstages:\n${stages.join('')}`;
}

/** Layers of ten; each stage waits for two of the layer before it. */
function stage(index) {
  const before = Math.floor(index / 10) * 10 - 10;
  const needs = before < 0 ? [] : [`s${before + (index % 10)}`, `s${before + ((index + 3) % 10)}`];
  return { name: `s${index}`, run: 'make', timeout: '30m', depends_on: needs };
}

/** The steps of the reader behind its schema, from the sources as the commands have them. */
async function load(base) {
  const outfile = join(base, 'order.mjs');
  await build({
    stdin: {
      contents: `
        import { topologicalOrder } from './src/core/pipeline/cycles.ts';
        import { draft } from './src/core/pipeline/draft.ts';
        import { normalForm } from './src/core/pipeline/normal-form.ts';
        import { resolveOrder } from './src/core/pipeline/order.ts';
        import { resolveNames } from './src/core/pipeline/references.ts';
        export function ordered(authored) {
          const { draft: drafted } = draft(authored, new Set());
          const { needs } = resolveOrder(drafted, resolveNames(drafted).named);
          const { order } = topologicalOrder(needs);
          const resolved = { needs, rollbackTargets: new Map() };
          return normalForm(drafted, resolved, {}, () => undefined).stages.length && order.length;
        }
      `,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    minify: true,
    outfile,
    logLevel: 'error',
  });
  return import(pathToFileURL(outfile).href);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = printRows(await bench()) === 0 ? 0 : 1;

// `task list` over 10,000 task files beside a process that parses each file's whole front matter with a YAML parser and
// zod, and `task show` beside the same in a project of ten files: what it reads must not grow with the tasks.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { inTurn, printRows, row, runOnce } from './measure.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'bin/murmur8.cjs');
const ROUNDS = 5;
const FILES = 10_000;
const FEW = 10;
const LIST_LIMIT = 0.2;
const MEMORY_LIMIT = 1.6;
const SHOW_LIMIT = 1.3;

export async function bench() {
  const base = mkdtempSync(join(tmpdir(), 'murmur8-bench-tasks-'));
  try {
    const many = project(join(base, 'many'), FILES);
    const few = project(join(base, 'few'), FEW);
    const parser = installedParser();
    const floor = await floorProcess(base, parser);
    const seen = inTurn(
      {
        floor: () => runOnce([floor, join(many, 'tasks')], { cwd: many }),
        list: () => runOnce([bin, 'task', 'list', '--json'], { cwd: many }),
        table: () => runOnce([bin, 'task', 'list'], { cwd: many }),
        show: () => runOnce([bin, 'task', 'show', idOf(FEW - 1)], { cwd: many }),
        showOfFew: () => runOnce([bin, 'task', 'show', idOf(FEW - 1)], { cwd: few }),
      },
      ROUNDS,
    );
    const files = `${FILES.toLocaleString('en-US')} files`;
    return [
      row(
        `task list --json, ${files}: CPU over ${parser} and zod`,
        seen.list.cpuMs,
        seen.floor.cpuMs,
        LIST_LIMIT,
        'ms',
      ),
      row(`task list, ${files}: the same`, seen.table.cpuMs, seen.floor.cpuMs, LIST_LIMIT, 'ms'),
      row(`task list --json, ${files}: memory`, seen.list.rssMb, seen.floor.rssMb, MEMORY_LIMIT, 'MB'),
      row(
        `task show, ${files} over ${FEW} files: CPU`,
        seen.show.cpuMs,
        seen.showOfFew.cpuMs,
        SHOW_LIMIT,
        'ms',
      ),
      row(
        `task show, ${files} over ${FEW} files: time`,
        seen.show.wallMs,
        seen.showOfFew.wallMs,
        SHOW_LIMIT,
        'ms',
      ),
    ];
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

/** Tasks as projects have them: in all states, a third with attempts, with a body of a page. */
function project(place, count) {
  for (const directory of Object.values(DIRECTORIES))
    mkdirSync(join(place, 'tasks', directory), { recursive: true });
  for (let index = 0; index < count; index += 1) {
    const state = STATES[index % STATES.length];
    const day = state === 'done' ? '2025-11-02 ' : '';
    const name = `${day}${KINDS[index % KINDS.length]}-${idOf(index)}.md`;
    writeFileSync(join(place, 'tasks', DIRECTORIES[state], name), taskText(index, state));
  }
  return place;
}

const STATES = ['ready', 'done', 'in-progress', 'idea', 'done', 'canceled'];
const DIRECTORIES = {
  idea: '00-idea',
  ready: '10-ready',
  'in-progress': '20-in-progress',
  done: '30-done',
  canceled: '40-canceled',
};
const KINDS = ['task', 'story', 'task', 'task', 'epic'];

function idOf(index) {
  return `part-${String(index).padStart(5, '0')}-of-the-work`;
}

function taskText(index, state) {
  const lines = [
    `id: ${idOf(index)}`,
    `title: ${index % 3 === 0 ? `"Task ${index}: say what it is for"` : `Let part ${index} do its work`}`,
    `kind: ${KINDS[index % KINDS.length]}`,
    ...(index % 4 === 1 ? [`parent: ${idOf(index - 1)}`] : []),
    `state: ${state}`,
    `commit_message: "feat(part): let part ${index} do its work  [Task:${idOf(index)}]"`,
    `priority: ${['none', 'low', 'normal', 'high', 'urgent'][index % 5]}`,
    `size: ${['tiny', 'small', 'medium', 'large', 'xl'][index % 5]}`,
    `ambiguity: ${['low', 'medium', 'high'][index % 3]}`,
    'executor: standard',
    'isolation: module',
    'touches:',
    '  - src/domain/types.ts',
    `  - src/part-${index}/**`,
    '  - tests/**',
    ...(index % 5 === 2 ? ['depends_on:', `  - ${idOf(index - 1)}`] : ['depends_on: []']),
    'assignees: []',
    'labels:',
    '  - telemetry',
    `  - area-${index % 7}`,
    'created_at: 2025-11-02T18:25:21.517Z',
    'updated_at: 2025-11-02T18:44:25.767Z',
    ...(state === 'done' ? ['completed_at: 2025-11-02T18:44:25.767Z'] : []),
    'links: []',
    'last_activity_at: 2025-11-02T18:44:25.767Z',
    ...(index % 3 === 1 ? attempts(1 + (index % 4)) : []),
  ];
  return `---\n${lines.join('\n')}\n---\n\n${BODY}`;
}

function attempts(count) {
  const lines = ['execution:', '  attempts:'];
  for (let index = 0; index < count; index += 1) {
    const isLast = index === count - 1;
    lines.push(
      `    - started_at: "2025-11-02T15:0${index}:00.000Z"`,
      `      ended_at: "2025-11-02T15:0${index + 2}:00.000Z"`,
      '      duration_seconds: 120',
      `      status: ${isLast ? 'completed' : 'failed'}`,
      ...(isLast ? [] : [`      error_reason: "TypeError: Cannot read property 'foo' of undefined"`]),
      '      executor:',
      '        tool: claude-code',
      '        model: claude-sonnet-4-20250514',
      ...(isLast
        ? [
            '      reviewer:',
            '        name: fabio',
            '        approved: true',
            '        reviewed_at: "2025-11-02T15:15:00.000Z"',
          ]
        : []),
    );
  }
  return lines;
}

const BODY = `## Overview\n\n${'What is to be done, and why, in a few sentences of usual length.\n'.repeat(20)}\n## Acceptance Criteria\n\n${'- [ ] it does what it should\n'.repeat(8)}`;

/** Whichever is installed beside the tools; the first is the one that the limit speaks of. */
function installedParser() {
  const require = createRequire(join(root, 'package.json'));
  return ['yaml', 'js-yaml'].find((name) => {
    try {
      return existsSync(require.resolve(name));
    } catch {
      return false;
    }
  });
}

/** The usual way: read the file, cut the front matter out, parse it, hold it against the schema. */
async function floorProcess(base, parser) {
  const outfile = join(base, 'floor.cjs');
  await build({
    stdin: {
      contents: `
        import { readdirSync, readFileSync } from 'node:fs';
        import { join } from 'node:path';
        import { ${parser === 'yaml' ? 'parse' : 'load as parse'} } from '${parser}';
        import { taskMetaSchema } from './src/core/task/meta.ts';
        const top = process.argv[2];
        let count = 0;
        for (const directory of readdirSync(top))
          for (const name of readdirSync(join(top, directory))) {
            const text = readFileSync(join(top, directory, name), 'utf8');
            const block = text.slice(4, text.indexOf('\\n---\\n', 4) + 1);
            if (taskMetaSchema.safeParse(parse(block)).success) count += 1;
          }
        if (count !== ${FILES}) throw new Error(count + ' of the files are tasks');
      `,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minify: true,
    outfile,
    logLevel: 'warning',
  });
  return outfile;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = printRows(await bench()) === 0 ? 0 : 1;

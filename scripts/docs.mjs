/**
 * Keeps README.md and docs/ true. `npm run docs` runs the commands of every block
 *
 *     <!-- output: murmur8 history -->
 *     (replaced: the command and what it printed)
 *     <!-- end -->
 *
 * in a new project of that page's own and writes what they printed into it, and writes the tables that come
 * from the source. On a page with `<!-- agents: codex -->` the user has these agents, each with a scripted model; where
 * one is not installed (scripts/install-agents.mjs) the page is left as it is, loudly. `<run>` in a command is the run that changed last, `<approval>` the one it waits for. `<!-- run: … -->` is a command whose output is not
 * shown; `$EXAMPLES` is where the examples are. With `--check` nothing is written
 * and a page that would change is named, with exit code 1. File names limit it to these pages.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { normaliser } from './docs-normalise.mjs';
import { generatedPages } from './docs-tables.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const words = process.argv.slice(2);
const check = words.includes('--check');
const asked = words.filter((word) => !word.startsWith('--'));
const wanted = (page) => asked.length === 0 || asked.includes(page);

const COMMAND = /^<!-- (output|run): (.*) -->$/;
const AGENTS = /^<!-- agents: (.*) -->$/m;
const END = '<!-- end -->';

let drifted = 0;
for (const [page, text] of Object.entries(await generatedPages())) if (wanted(page)) settle(page, text);
for (const page of ['README.md', ...pagesIn('docs'), ...pagesIn('docs/agents')]) {
  if (!wanted(page)) continue;
  const text = readFileSync(join(root, page), 'utf8');
  if (!text.includes('<!-- output: ')) continue;
  const agents = await agentsOf(text);
  if (agents.missing === undefined) settle(page, filled(page, text, agents));
  else process.stderr.write(`SKIPPED: ${page} (not installed: ${agents.missing.join(', ')})\n`);
  agents.end();
}
if (drifted > 0) {
  process.stderr.write(`hint: npm run docs brings ${drifted === 1 ? 'it' : 'them'} up to date\n`);
  process.exitCode = 1;
}

/** Writes a page, or with --check says where it differs. */
function settle(page, text) {
  const before = readOrNothing(join(root, page));
  if (before === text) return;
  if (!check) {
    writeFileSync(join(root, page), text);
    process.stdout.write(`wrote ${page}\n`);
    return;
  }
  drifted += 1;
  const [old, now] = [before.split('\n'), text.split('\n')];
  const at = now.findIndex((line, index) => line !== old[index]);
  process.stderr.write(
    `${page}:${at + 1}: is out of date\n  is:     ${old[at] ?? ''}\n  wanted: ${now[at] ?? ''}\n`,
  );
}

function pagesIn(directory) {
  const names = readdirSync(join(root, directory)).filter((name) => name.endsWith('.md'));
  return names.map((name) => `${directory}/${name}`);
}

/** The agents that a page's user has, in a process of their own as long as nobody ends it. */
async function agentsOf(text) {
  const names = AGENTS.exec(text)?.[1].split(/,\s*/);
  if (names === undefined) return { home: undefined, programs: undefined, env: {}, paths: {}, end: () => {} };
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(root, 'test/rig/docs-agents.ts'), ...names],
    {
      cwd: root,
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  const [line] = await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'close').then(() => Promise.reject(new Error(`no agents for ${names.join(', ')}`))),
  ]);
  return { ...JSON.parse(line), end: () => child.stdin.end() };
}

/** The page with the output of its commands, which run in their order in one project. */
function filled(page, text, agents) {
  const project = newProject(agents);
  const normalise = normaliser({ ...agents.paths, [project.path]: '/home/ada/project' });
  const result = [];
  let inside = false;
  text.split('\n').forEach((line, index) => {
    if (line === END) inside = false;
    if (inside) return;
    result.push(line);
    const found = COMMAND.exec(line);
    if (found === null) return;
    const [, kind, command] = found;
    const printed = project.run(command, `${page}:${index + 1}`);
    if (kind === 'run') return;
    inside = true;
    result.push('', '```console', `$ ${command}`, ...normalise(printed).trimEnd().split('\n'), '```', '');
  });
  project.remove();
  if (inside) throw new Error(`${page}: a block has no ${END}`);
  return result.join('\n');
}

/** A repository with one commit and the example's brief, on a machine that knows nobody and nothing. */
function newProject({ home, programs: agents, env: own }) {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'murmur8-docs-')));
  const path = join(parent, 'project');
  const programs = join(parent, 'bin');
  for (const directory of [path, programs]) mkdirSync(directory);
  const binary = join(root, 'bin/murmur8.cjs');
  writeFileSync(join(programs, 'murmur8'), `#!/bin/sh\nexec "${process.execPath}" "${binary}" "$@"\n`, {
    mode: 0o755,
  });
  const env = {
    PATH: [programs, ...(agents === undefined ? [] : [agents]), process.env.PATH].join(':'),
    HOME: home ?? parent,
    LANG: 'C.UTF-8',
    MURMUR8_USER: 'ada',
    TZ: 'UTC',
    NO_COLOR: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_PAGER: 'cat',
    EXAMPLES: join(root, 'examples'),
    ...own,
  };
  const approvals = [];
  const run = (command, place) => {
    const line = command
      .replaceAll('npx --no-install murmur8', 'murmur8')
      .replaceAll('<run>', () => lastRun(path).executionId?.slice(0, 8))
      .replaceAll('<approval>', () => lastRun(path).approvals?.[0]?.id ?? approvals.at(-1));
    const { approvals: open = [] } = existsSync(join(path, '.claude/runs')) ? lastRun(path) : {};
    approvals.push(...open.map(({ id }) => id));
    const done = spawnSync('/bin/sh', ['-c', `{ ${line}\n} 2>&1`], { cwd: path, env, encoding: 'utf8' });
    if (done.error) throw new Error(`${place}: ${done.error.message}`);
    return done.stdout;
  };
  copyFileSync(join(root, 'examples/greeting/brief.md'), join(path, 'brief.md'));
  copyFileSync(join(root, 'examples/pipelines/deploy.yaml'), join(path, 'deploy.yaml'));
  run(
    'git init -q -b main && git config user.name Ada && git config user.email ada@example.com && git add -A && git commit -q -m Begin',
    'set-up',
  );
  return { path, run, remove: () => rmSync(parent, { recursive: true, force: true }) };
}

/** The status document of the run that changed last. */
function lastRun(project) {
  const runs = join(project, '.claude/runs');
  const changed = (name) => statSync(join(runs, name, 'journal.jsonl')).mtimeMs;
  const names = readdirSync(runs).filter((name) => existsSync(join(runs, name, 'journal.jsonl')));
  const [last] = names.sort((left, right) => changed(right) - changed(left));
  if (last === undefined) return {};
  return JSON.parse(readFileSync(join(runs, last, 'state.json'), 'utf8'));
}

function readOrNothing(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * `npm run demo [directory]`: the whole feature pipeline on a brief that ships with the project, in a new
 * repository. Needs Node, npm and git; no model, no account, no git identity. The repository is kept.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const murmur8 = join(root, 'bin/murmur8.cjs');
if (!existsSync(join(root, 'dist/implement-feature.cjs'))) {
  stop('the program is not built', 'npm ci builds it, and so does npm run build');
}
const project = newDirectory(process.argv[2]);

say('A new repository with nothing but a brief in it');
quietly('git', ['init', '-q', '-b', 'main']);
// Of this repository only: a commit needs a name, and the machine may have none.
quietly('git', ['config', 'user.name', 'murmur8 demo']);
quietly('git', ['config', 'user.email', 'demo@example.com']);
copyFileSync(join(root, 'examples/greeting/brief.md'), join(project, 'brief.md'));
quietly('git', ['add', 'brief.md']);
quietly('git', ['commit', '-q', '-m', 'The brief']);

show('murmur8', [
  'implement-feature',
  'greeting',
  '--brief',
  'brief.md',
  '--runner',
  'offline',
  '--no-diff-preview',
]);
show('murmur8', ['trace', 'greeting']);
show('murmur8', ['history']);
show('git', ['--no-pager', 'log', '--stat', '--stat-width=100', '-1']);

say(`The repository is in ${project}`);
process.stdout.write(
  [
    'specification, stories and plan  .blueprint/features/feature_greeting/',
    'tests                            test/feature_greeting.test.js',
    'code                             src/greeting.js',
    'journal, logs and history        .claude/',
    '',
    `next: cd ${project} && node --test`,
    '',
  ].join('\n'),
);

/** The directory asked for, which must be new or empty, or a temporary one. */
function newDirectory(asked) {
  if (asked === undefined) return realpathSync(mkdtempSync(join(tmpdir(), 'murmur8-demo-')));
  const directory = resolve(process.env.INIT_CWD ?? process.cwd(), asked);
  mkdirSync(directory, { recursive: true });
  if (readdirSync(directory).length > 0) {
    stop(`${directory} is not empty`, 'name a directory that is new or empty');
  }
  return realpathSync(directory);
}

/** Prints a command as one would type it, then runs it on this terminal. */
function show(program, args) {
  say(`$ ${program} ${args.join(' ')}`);
  run(program, args, 'inherit');
}

function quietly(program, args) {
  run(program, args, ['ignore', 'inherit', 'inherit']);
}

function run(program, args, stdio) {
  const [file, words] = program === 'murmur8' ? [process.execPath, [murmur8, ...args]] : [program, args];
  const result = spawnSync(file, words, { cwd: project, stdio });
  if (result.error) stop(`${program} could not be started: ${result.error.message}`, `install ${program}`);
  if (result.status === 0) return;
  const how = result.signal === null ? `exit code ${result.status}` : result.signal;
  stop(`${program} ${args[0]} ended with ${how}`, `what was done so far is in ${project}`);
}

function say(text) {
  process.stdout.write(`\n${text}\n`);
}

function stop(message, hint) {
  process.stderr.write(`demo: ${message}\nhint: ${hint}\n`);
  process.exit(1);
}

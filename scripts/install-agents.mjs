/**
 * Installs the real coding agents for the contract tests, outside the project: they are large and not all of
 * them may be redistributed. Without arguments all of them, else those that are named. Each has a lock file and
 * an installation of its own: a changed version installs that agent anew, and one that cannot be had takes no
 * other with it. Prints one line per agent; a registry that cannot be reached is a loud skip, not a failure,
 * because the tests that need the agent skip as well.
 *
 * To move to another version: change test/agents/<name>/package.json, run `npm install --package-lock-only`
 * there and then `node scripts/complete-lock.mjs` on the lock file.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('../test/agents/', import.meta.url));
const TIMEOUT_MS = 600_000;
const PLATFORM = `${process.platform}-${process.arch}`;

/** Install scripts do not run, so each program is where its package brings it; the first that is there counts. */
const PROGRAMS = {
  claude: () =>
    platformPackages('@anthropic-ai', 'claude-code', ['', '-musl']).map((place) => `${place}/claude`),
  codex: (directory) =>
    platformPackages('@openai', 'codex', ['']).flatMap((place) =>
      namesIn(join(directory, place, 'vendor')).map((triple) => `${place}/vendor/${triple}/bin/codex`),
    ),
  gemini: () => ['node_modules/@google/gemini-cli/bundle/gemini.js'],
  // The baseline variant also runs on processors without AVX2.
  opencode: () =>
    platformPackages('', 'opencode', ['-baseline', '', '-baseline-musl', '-musl']).map(
      (place) => `${place}/bin/opencode`,
    ),
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => !Object.hasOwn(PROGRAMS, name));
if (unknown.length > 0) {
  console.error(`no such agent: ${unknown.join(', ')}; there are ${Object.keys(PROGRAMS).join(', ')}`);
  process.exit(2);
}
await Promise.all((named.length > 0 ? named : Object.keys(PROGRAMS)).map(provide));

async function provide(name) {
  const directory = installationDirectory(name);
  const begun = Date.now();
  const problem = existsSync(directory) ? undefined : await install(name, directory);
  if (problem !== undefined) return console.log(`${name}: SKIPPED: ${problem}`);
  const program = join(directory, readFileSync(join(directory, 'program'), 'utf8'));
  const took = Date.now() - begun;
  console.log(`${name}: ${program}${took > 500 ? ` (${seconds(took)})` : ''}`);
}

/** Named by the lock file, so that a changed version is a new installation; test/rig/agents.ts looks there. */
function installationDirectory(name) {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const lock = readFileSync(join(SOURCE, name, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).digest('hex').slice(0, 16);
  return join(cache, 'murmur8-agents', `${name}-${hash}`);
}

/** Into a directory of its own and then renamed: a broken installation is never found. */
async function install(name, target) {
  const parent = join(target, '..');
  mkdirSync(parent, { recursive: true });
  const work = mkdtempSync(join(parent, 'new-'));
  try {
    copyFileSync(join(SOURCE, '.npmrc'), join(work, '.npmrc'));
    for (const file of ['package.json', 'package-lock.json'])
      copyFileSync(join(SOURCE, name, file), join(work, file));
    const problem = await npmCi(work);
    if (problem !== undefined) return problem;
    const program = PROGRAMS[name](work).find((place) => existsSync(join(work, place)));
    // npm passes over an optional package that it cannot have, and the programs are in such packages.
    if (program === undefined) return `npm installed no program for ${PLATFORM}`;
    writeFileSync(join(work, 'program'), program);
    try {
      renameSync(work, target);
    } catch (error) {
      // Somebody else may have installed the same at the same moment.
      if (!existsSync(target)) return `the installation could not be kept (${error.message})`;
    }
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What went wrong, if anything did. */
function npmCi(directory) {
  const args = [
    'ci',
    '--prefix',
    directory,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--fetch-retries=1',
  ];
  return new Promise((resolve) => {
    const npm = spawn('npm', args, {
      cwd: directory,
      env: environment(),
      timeout: TIMEOUT_MS,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    npm.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    npm.on('error', (error) => resolve(`npm could not be started (${error.message})`));
    npm.on('close', (code, signal) => {
      if (code === 0) resolve(undefined);
      else if (signal !== null) resolve(`npm ci was ended by ${signal} after at most ${seconds(TIMEOUT_MS)}`);
      else resolve(`npm ci failed: ${reasonOf(errors)}`);
    });
  });
}

/** Node ignores SSL_CERT_FILE, through which a network with its own certificate authority is often announced. */
function environment() {
  const authorities = process.env.NODE_EXTRA_CA_CERTS || process.env.SSL_CERT_FILE;
  return authorities ? { ...process.env, NODE_EXTRA_CA_CERTS: authorities } : process.env;
}

function reasonOf(errors) {
  const lines = errors.split('\n').filter((line) => line.startsWith('npm error'));
  return (lines.slice(0, 3).join(' ') || errors.trim().slice(-300)).replaceAll('npm error ', '');
}

function platformPackages(scope, name, variants) {
  return variants.map((variant) => join('node_modules', scope, `${name}-${PLATFORM}${variant}`));
}

function namesIn(directory) {
  return existsSync(directory) ? readdirSync(directory).sort() : [];
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

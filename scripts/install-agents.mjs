/**
 * Installs the real coding agents for the contract tests, outside the project: they are large and not all of
 * them may be redistributed. Prints one line per agent; a registry that cannot be reached is a loud skip, not
 * a failure, because the tests that need an agent skip with the same reason.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('../test/agents/', import.meta.url));
const FILES = ['package.json', 'package-lock.json', '.npmrc'];

/** Install scripts do not run, so each agent is the native program of its platform package. */
const AGENTS = [{ name: 'claude', package: '@anthropic-ai/claude-code', program: 'claude' }];

const home = installationDirectory();
const problem = existsSync(home) ? undefined : install(home);
for (const agent of AGENTS) {
  const program = programOf(home, agent);
  const missing = problem ?? `no program for ${process.platform}-${process.arch}`;
  console.log(`${agent.name}: ${program ?? `skipped: ${missing}`}`);
}

/** Named by the lock file, so that a changed version is a new installation. */
function installationDirectory() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const hash = createHash('sha256')
    .update(readFileSync(join(SOURCE, 'package-lock.json')))
    .digest('hex');
  return join(cache, 'murmur8-agents', hash.slice(0, 16));
}

/** Into a directory of its own and then renamed: a broken installation is never found. */
function install(target) {
  const parent = join(target, '..');
  mkdirSync(parent, { recursive: true });
  const work = mkdtempSync(join(parent, 'new-'));
  try {
    for (const file of FILES) copyFileSync(join(SOURCE, file), join(work, file));
    const args = ['ci', '--prefix', work, '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=1'];
    const npm = spawnSync('npm', args, { cwd: work, encoding: 'utf8', timeout: 600_000, env: environment() });
    if (npm.error) return `npm could not be started (${npm.error.message})`;
    if (npm.status !== 0) return `npm ci failed: ${reasonOf(npm.stderr)}`;
    try {
      renameSync(work, target);
    } catch (error) {
      if (!existsSync(target)) return `installation could not be kept (${error.message})`;
    }
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Node ignores SSL_CERT_FILE, through which a network with its own certificate authority is often announced. */
function environment() {
  const authorities = process.env.NODE_EXTRA_CA_CERTS || process.env.SSL_CERT_FILE;
  return authorities ? { ...process.env, NODE_EXTRA_CA_CERTS: authorities } : process.env;
}

function reasonOf(stderr) {
  const lines = stderr.split('\n').filter((line) => line.startsWith('npm error'));
  return (lines.slice(0, 3).join(' ') || stderr.trim().slice(-300)).replaceAll('npm error ', '');
}

function programOf(directory, agent) {
  for (const variant of ['', '-musl']) {
    const platform = `${process.platform}-${process.arch}${variant}`;
    const program = join(directory, 'node_modules', `${agent.package}-${platform}`, agent.program);
    if (existsSync(program)) return program;
  }
  return undefined;
}

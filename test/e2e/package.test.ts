import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GREETING } from '../rig/project.ts';

/** The packed program without the dashboard. */
const MOST_BYTES = 1_000_000;
const base = realpathSync(mkdtempSync(join(tmpdir(), 'murmur8-package-')));
const source = join(base, 'source');
const project = join(base, 'project');
let packed: { filename: string; size: number; files: readonly { path: string }[] };
/** Why the tarball could not be installed, where that is the network's doing. */
let unreachable: string | undefined;

beforeAll(() => {
  copySource();
  // A copy, because packing builds anew while other tests use the build that is there.
  const pack = run('npm', ['pack', '--json', '--pack-destination', base], source);
  expect(pack.code, pack.err).toBe(0);
  packed = JSON.parse(pack.out.slice(pack.out.indexOf('[\n')))[0];
  mkdirSync(project);
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'my-project', private: true, type: 'module' }),
  );
  for (const words of [
    ['init', '-q', '-b', 'main'],
    ['config', 'user.name', 'Ada'],
    ['config', 'user.email', 'ada@example.com'],
  ]) {
    run('git', words, project);
  }
  const tarball = join(base, packed.filename);
  const install = run(
    'npm',
    ['install', '--prefer-offline', '--no-audit', '--no-fund', '--fetch-retries=1', '-D', tarball],
    project,
  );
  if (install.code === 0) return;
  const network =
    /E(?:NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|NOTCACHED|HOSTUNREACH)|ERR_SOCKET_TIMEOUT|E40[13]|CERT/.exec(
      install.err,
    );
  expect(network, install.err).not.toBeNull();
  unreachable = `the package's dependencies cannot be fetched (${network?.[0]})`;
  console.warn(`test/e2e/package.test.ts: installing the tarball is NOT tested: ${unreachable}`);
}, 300_000);

describe('the packed program', () => {
  it('is small enough', () => {
    expect(packed.size).toBeLessThanOrEqual(MOST_BYTES);
  });

  it('holds what a user needs, and nothing of the workshop', () => {
    const paths = packed.files.map((file) => file.path);
    for (const path of [
      'README.md',
      'LICENSE',
      'SKILL.md',
      'bin/murmur8.cjs',
      'dist/history.cjs',
      'docs/files.md',
    ]) {
      expect(paths).toContain(path);
    }
    expect(paths).toContain('.blueprint/pipelines/implement-feature.yaml');
    expect(paths).toContain('examples/greeting/brief.md');
    expect(
      paths.filter((path) =>
        /^(src|test|scripts|bench|\.ci|node_modules)\/|\.map$|tsconfig|\.env/.test(path),
      ),
    ).toEqual([]);
    expect(paths.filter((path) => path.startsWith('.blueprint/features'))).toEqual([]);
  });

  it('names no place of the machine that packed it', () => {
    run('tar', ['xzf', packed.filename], base);
    const root = join(base, 'package');
    const telling = allFiles(root).filter((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return [base, process.cwd()].some((place) => text.includes(place));
    });
    expect(telling).toEqual([]);
    expect(readFileSync('package-lock.json', 'utf8')).not.toContain('"resolved": "http');
  });
});

describe('the installed program', { timeout: 180_000 }, () => {
  beforeEach((context) => {
    if (unreachable !== undefined) context.skip(unreachable);
  });

  it('tells its version through npx', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(murmur8('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
    expect(existsSync(join(project, 'node_modules/.bin/orchestrate'))).toBe(true);
  });

  it('prepares a project, finds it ready, and takes a feature to a commit', () => {
    expect(murmur8('init')).toMatchObject({ code: 0, err: '' });
    const checked = murmur8('validate', '--runner', 'offline', '--json');
    expect(JSON.parse(checked.out)).toMatchObject({ ready: true });
    run('git', ['add', '-A', '--', ':/', ':!node_modules'], project);
    run('git', ['commit', '-q', '-m', 'begin'], project);
    writeFileSync(join(project, 'brief.md'), GREETING);
    const ended = murmur8(
      'implement-feature',
      'greeting',
      '--brief',
      'brief.md',
      '--runner',
      'offline',
      '--json',
    );
    expect(ended.code, ended.err).toBe(0);
    const document = JSON.parse(ended.out);
    expect(document).toMatchObject({
      status: 'completed',
      reason_code: 'ALL_FRAMES_APPROVED',
      slug: 'greeting',
    });
    expect(run('git', ['rev-parse', 'HEAD'], project).out.trim()).toBe(document.commit);
    expect(JSON.parse(murmur8('history', '--json').out)).toMatchObject([
      { slug: 'greeting', status: 'success' },
    ]);
    expect(JSON.parse(murmur8('trace', 'greeting', '--json').out)).toMatchObject({ slug: 'greeting' });
    expect(run(process.execPath, ['--test', 'test/'], project).code).toBe(0);
  });

  it('can be imported', () => {
    const script = `
      import { buildPayload, ensureFeatureId, generateRunId, loadConfig } from 'murmur8';
      import { createRequire } from 'node:module';
      const schema = createRequire(import.meta.url)('murmur8/schema/telemetry.json');
      const events = createRequire(import.meta.url)('murmur8/schema/run-event.json');
      console.log(JSON.stringify({
        config: loadConfig('no-such-file'),
        id: generateRunId(),
        kinds: [typeof buildPayload, typeof ensureFeatureId],
        schema: schema.title,
        events: events.title,
      }));`;
    writeFileSync(join(project, 'use.mjs'), script);
    const { MURMUR8_TELEMETRY_URL: _url, MURMUR8_TELEMETRY_KEY: _key, ...env } = process.env;
    const used = run(process.execPath, ['use.mjs'], project, env);
    expect(used.err).toBe('');
    expect(JSON.parse(used.out)).toEqual({
      config: { url: null, key: null },
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      kinds: ['function', 'function'],
      schema: 'murmur8 telemetry payload',
      events: 'murmur8 run event',
    });
  });

  it('has types that a strict project compiles against, and that refuse a wrong use', () => {
    const good = `
      import { loadConfig, sendTelemetry, type RunStatus, type TelemetryPayload } from 'murmur8';
      const config = loadConfig('.env');
      export const url: string | null = config.url;
      export const send = (payload: TelemetryPayload) => sendTelemetry(payload, config);
      export const word = (status: RunStatus): 'in-progress' | 'completed' | 'stopped' | 'failed' => status.status;
    `;
    const bad = "import { loadConfig } from 'murmur8';\nexport const url: number = loadConfig('.env').url;\n";
    const compiled = compile({ 'good.ts': good, 'bad.ts': bad });
    expect(compiled.out.match(/^.*error TS.*$/gm)).toEqual([
      expect.stringMatching(/^bad\.ts\(2,14\): error TS2322/),
    ]);
  });
});

function murmur8(...words: string[]) {
  return run('npx', ['--no-install', 'murmur8', ...words], project);
}

/** As in any project for Node, with Node's own types. */
function compile(files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'];
  const types = ['--typeRoots', resolve('node_modules/@types'), '--types', 'node'];
  const compiler = resolve('node_modules/typescript/bin/tsc');
  return run(process.execPath, [compiler, ...options, ...types, ...Object.keys(files)], project);
}

/** Everything that is or will be part of the repository, with the dependencies that are installed here. */
function copySource(): void {
  const listed = run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], process.cwd());
  for (const path of listed.out.split('\0')) {
    if (path === '' || !existsSync(path)) continue;
    mkdirSync(dirname(join(source, path)), { recursive: true });
    cpSync(path, join(source, path));
  }
  symlinkSync(resolve('node_modules'), join(source, 'node_modules'));
}

function allFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

/** Without what a surrounding npm tells its scripts. */
function run(
  program: string,
  words: readonly string[],
  cwd: string,
  environment: NodeJS.ProcessEnv = process.env,
) {
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('npm_')));
  const authorities = env['NODE_EXTRA_CA_CERTS'] || env['SSL_CERT_FILE'];
  if (program === 'npm' && authorities !== undefined) env['NODE_EXTRA_CA_CERTS'] = authorities;
  const done = spawnSync(program, words, {
    cwd,
    env: { ...env, npm_config_loglevel: 'error', NO_COLOR: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

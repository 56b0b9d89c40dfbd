import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'murmur8-door-'));
const preload = join(directory, 'count.cjs');
const reportFile = join(directory, 'report.json');

/** Notes every file that is opened and every module that is asked for; left in a file at the end. */
writeFileSync(
  preload,
  `const fs = require('node:fs');
const Module = require('node:module');
const write = fs.writeFileSync;
const opened = new Set();
const asked = [];
const wrap = (object, name, note) => {
  const real = object[name];
  object[name] = function (target, ...rest) { note(target); return real.call(this, target, ...rest); };
};
for (const name of ['openSync', 'readFileSync', 'readdirSync', 'open', 'readFile'])
  wrap(fs, name, (target) => { if (typeof target !== 'number') opened.add(String(target)); });
const load = Module._load;
Module._load = function (request, parent, isMain) { asked.push(request); return load.call(this, request, parent, isMain); };
for (const kind of ['.js', '.cjs', '.json']) {
  const real = Module._extensions[kind] ?? Module._extensions['.js'];
  Module._extensions[kind] = function (module, filename) { opened.add(filename); return real.call(this, module, filename); };
}
process.on('exit', () => write.call(fs, process.env.MURMUR8_DOOR_REPORT, JSON.stringify({ opened: [...opened], asked })));
`,
);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function enter(...words: string[]) {
  const result = spawnSync(
    process.execPath,
    ['--require', preload, join(ROOT, 'bin/murmur8.cjs'), ...words],
    {
      encoding: 'utf8',
      cwd: directory,
      env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1', MURMUR8_DOOR_REPORT: reportFile },
    },
  );
  const report: { opened: string[]; asked: string[] } = JSON.parse(readFileSync(reportFile, 'utf8'));
  return { stdout: result.stdout, status: result.status, ...report };
}

describe('the front door', () => {
  test('opens two files for --version, and loads no package', () => {
    const { stdout, status, opened, asked } = enter('--version');
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect([stdout, status]).toEqual([`${version}\n`, 0]);
    expect(opened.length).toBeLessThanOrEqual(6);
    expect(asked.filter((request) => /^[a-z@]/.test(request) && !isBuiltIn(request))).toEqual([]);
  });

  test.each(['http', 'https', 'net', 'tls', 'child_process', 'readline'])(
    'loads no %s for a short command',
    (name) => {
      for (const words of [['--version'], ['help'], ['retry-config'], ['status', '--json']])
        expect(
          enter(...words).asked.map((request) => request.replace('node:', '')),
          words.join(' '),
        ).not.toContain(name);
    },
  );

  test('reads neither YAML nor schemas, and no parser of options, for a run of commands that is registered', () => {
    writeFileSync(join(directory, 'ci.yaml'), 'name: ci\nstages:\n  - name: one\n    run: "true"\n');
    expect(enter('pipeline', 'create', 'ci.yaml').status).toBe(0);
    const { status, opened } = enter('pipeline', 'run', 'ci');
    expect(status).toBe(0);
    expect(opened.flatMap((file) => /dist\/(.+)$/.exec(file)?.[1] ?? [])).toEqual([
      'pipeline.cjs',
      '_drive.cjs',
    ]);
  });

  test('leads every word that is no command to the help, whatever it looks like', () => {
    for (const word of ['../package', '..', 'package', '_drive', 'index', 'a/b', '%00'])
      expect(
        enter(word).opened.some((file) => file.endsWith('help.cjs')),
        word,
      ).toBe(true);
  });
});

/** Read from where they are installed: in a process of its own that nobody waits for, or while an agent starts. */
const INSTALLED: Readonly<Record<string, RegExp>> = {
  '_drive.cjs': /^@agentclientprotocol\/sdk$/,
  'otel-deliver.cjs': /^@opentelemetry\//,
  'notify-deliver.cjs': /^nodemailer\//,
};

test('every bundle is one file: it asks for nothing but what Node has', () => {
  for (const file of readdirSync(join(ROOT, 'dist')).filter((name) => name.endsWith('.cjs'))) {
    const text = readFileSync(join(ROOT, 'dist', file), 'utf8');
    const requests = [...text.matchAll(/require\("([^"]+)"\)/g)].map((match) => match[1] ?? '');
    const others = requests.filter((request) => !isBuiltIn(request) && !/^\.\/_[a-z]+\.cjs$/.test(request));
    expect(
      others.filter((request) => INSTALLED[file]?.test(request) !== true),
      file,
    ).toEqual([]);
  }
});

function isBuiltIn(request: string): boolean {
  return /^(node:)?[a-z0-9_/]+$/.test(request) && process.getBuiltinModule?.(request) !== undefined;
}

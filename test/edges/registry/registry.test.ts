import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRegistry, type Registry } from '../../../src/edges/registry/registry.ts';
import { bundleProgram } from '../../rig/bundle.ts';
import { runUntilItSurvives, runWithFaults } from '../../rig/crash.ts';

const ONE = 'name: demo\nstages: []  # ünï\r\n';
const TWO = 'name: demo\nstages: [two]\n';

let state: string;
let directory: string;
let registry: Registry;
let time = 0;
const clock = { now: () => Date.UTC(2026, 0, 1) + 1000 * time++, id: () => `id-${time}` };

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'murmur8-registry-'));
  directory = join(state, 'pipelines');
  time = 0;
  registry = createRegistry(state, clock);
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

const file = (name: string) => join(directory, name);
const value = <T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

/** `<verb> <state> <name> <text>`; ends with 3 and the problem's code when it is refused. */
const program = bundleProgram(`
  import { createRegistry } from './src/edges/registry/registry.ts';
  const [verb, state, name, text] = process.argv.slice(2);
  const registry = createRegistry(state);
  const done = verb === 'create' ? registry.create(name, text)
    : verb === 'update' ? registry.update(name, text)
    : verb === 'remove' ? registry.remove(name)
    : registry.setEnabled(name, verb === 'enable');
  if (!done.ok) { console.log(JSON.stringify(done.error)); process.exitCode = 3; }
`);

describe('the registry', () => {
  it('keeps a definition byte for byte, with the columns of a pipeline', () => {
    value(registry.create('demo', ONE));
    expect(readFileSync(file('demo.yaml'), 'utf8')).toBe(ONE);
    expect(JSON.parse(readFileSync(file('registry.json'), 'utf8'))).toEqual({
      v: 1,
      pipelines: [
        {
          id: 'id-1',
          name: 'demo',
          enabled: true,
          created_at: '2026-01-01T00:00:00.000Z',
          updated_at: '2026-01-01T00:00:00.000Z',
          revision: 1,
          hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      ],
    });
    expect(value(registry.find('demo'))).toMatchObject({ text: ONE, file: file('demo.yaml') });
  });

  it('keeps id, creation and switch over an update and counts the revision', () => {
    const first = value(registry.create('demo', ONE)).record;
    value(registry.setEnabled('demo', false));
    const { record, changed } = value(registry.update('demo', TWO));
    expect(changed).toBe(true);
    expect(record).toMatchObject({ id: first.id, created_at: first.created_at, enabled: false, revision: 2 });
    expect(record.hash).not.toBe(first.hash);
    expect(record.updated_at > first.updated_at).toBe(true);
    expect(value(registry.find('demo')).text).toBe(TWO);
  });

  it('says when nothing changed, and writes nothing then', () => {
    const first = value(registry.create('demo', ONE)).record;
    expect(value(registry.update('demo', ONE))).toEqual({ record: first, changed: false });
    expect(value(registry.setEnabled('demo', true))).toEqual({ record: first, changed: false });
    expect(value(registry.setEnabled('demo', false)).changed).toBe(true);
  });

  it('lists by name and forgets what was removed, file and all', () => {
    for (const name of ['b', 'c', 'a']) value(registry.create(name, ONE));
    value(registry.remove('b'));
    expect(value(registry.list()).map(({ record }) => record.name)).toEqual(['a', 'c']);
    expect(existsSync(file('b.yaml'))).toBe(false);
    expect(registry.find('b')).toMatchObject({ ok: false, error: { code: 'not-found' } });
    expect(value(registry.create('b', TWO)).record.revision).toBe(1);
  });

  it('leaves no file behind but definitions and its own', () => {
    value(registry.create('demo', ONE));
    value(registry.update('demo', TWO));
    expect(readdirSync(directory).sort()).toEqual(['.lock', 'demo.yaml', 'registry.json']);
  });

  it('refuses a name twice, and a name that would lie elsewhere', () => {
    value(registry.create('demo', ONE));
    expect(registry.create('demo', TWO)).toMatchObject({ ok: false, error: { code: 'exists' } });
    for (const name of ['../x', 'a/b', '', 'A', '.x', 'x'.repeat(64), 'x\u0000', '\u001b[31m'])
      expect(registry.create(name, ONE), name).toMatchObject({ ok: false, error: { code: 'bad-name' } });
    for (const name of ['../x', '__proto__', 'constructor', '\u001b[31m'])
      expect(registry.find(name), name).toMatchObject({ ok: false, error: { code: 'not-found' } });
  });

  it('names the pipeline that was probably meant', () => {
    value(registry.create('deploy', ONE));
    for (const done of [registry.find('depoly'), registry.update('depoly', ONE), registry.remove('depoly')])
      expect(done).toMatchObject({ ok: false, error: { code: 'not-found', hint: 'did you mean deploy?' } });
  });
});

describe('a definition that was edited by hand', () => {
  beforeEach(() => {
    value(registry.create('demo', ONE));
    writeFileSync(file('demo.yaml'), TWO);
  });

  it('is shown as such and not handed out to be run', () => {
    expect(value(registry.look('demo')).definition).toEqual({ state: 'edited', text: TWO });
    expect(registry.find('demo')).toMatchObject({
      ok: false,
      error: {
        code: 'definition-edited',
        file: file('demo.yaml'),
        hint: `register it: murmur8 pipeline update demo ${file('demo.yaml')}`,
      },
    });
  });

  it('is trusted once it is registered', () => {
    const updated = value(registry.update('demo', TWO));
    expect(updated).toMatchObject({ changed: true, record: { revision: 2 } });
    expect(updated.setAside).toBeUndefined();
    expect(value(registry.find('demo')).text).toBe(TWO);
  });

  it.each([
    ['another text', 'name: demo\nstages: [three]\n', 2],
    ['the registered text again', ONE, 1],
  ])('is kept beside it when %s replaces it', (_what, text, revision) => {
    const updated = value(registry.update('demo', text));
    expect(updated).toMatchObject({ changed: true, record: { revision } });
    expect(readFileSync(updated.setAside ?? '', 'utf8')).toBe(TWO);
    expect(value(registry.find('demo')).text).toBe(text);
  });

  it('is told from one that is gone or no file', () => {
    rmSync(file('demo.yaml'));
    expect(registry.find('demo')).toMatchObject({ ok: false, error: { code: 'definition-missing' } });
    mkdirSync(file('demo.yaml'));
    expect(value(registry.look('demo')).definition.state).toBe('unreadable');
  });
});

describe('a file that nobody registered', () => {
  beforeEach(() => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(file('demo.yaml'), TWO);
  });

  it('is not written over', () => {
    expect(registry.create('demo', ONE)).toMatchObject({
      ok: false,
      error: { code: 'exists', file: file('demo.yaml') },
    });
    expect(readFileSync(file('demo.yaml'), 'utf8')).toBe(TWO);
    expect(value(registry.list())).toEqual([]);
  });

  it('is registered as it is', () => {
    value(registry.create('demo', TWO));
    expect(value(registry.find('demo')).text).toBe(TWO);
  });
});

describe('registry.json', () => {
  const damage = (text: string) => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(file('registry.json'), text);
  };
  const whole = { id: 'i', enabled: true, created_at: 'c', updated_at: 'u', revision: 1, hash: 'h' };

  it.each([
    ['{\n  "v": 1,\n  "pipelines": [,\n', 3],
    ['{"v": 1, "pipelines": [', 1],
    ['', 1],
    ['[]', 1],
    ['{"v": 1}', 1],
    ['{"v": 1, "pipelines": [{"name": "a"}]}', undefined],
    [JSON.stringify({ v: 1, pipelines: [{ ...whole, name: '../../etc/x' }] }), undefined],
    [
      JSON.stringify({
        v: 1,
        pipelines: [
          { ...whole, name: 'a' },
          { ...whole, name: 'a' },
        ],
      }),
      undefined,
    ],
  ])('that is damaged is named with its place and left as it is (%s)', (text, line) => {
    damage(text);
    for (const done of [registry.list(), registry.create('demo', ONE), registry.remove('demo')]) {
      expect(done).toMatchObject({
        ok: false,
        error: { code: 'registry-damaged', file: file('registry.json') },
      });
      if (!done.ok) expect(done.error.line).toBe(line);
    }
    expect(readFileSync(file('registry.json'), 'utf8')).toBe(text);
    expect(existsSync(file('demo.yaml'))).toBe(false);
  });

  it('of a newer program is read, not written', () => {
    value(registry.create('demo', ONE));
    const text = readFileSync(file('registry.json'), 'utf8').replace('"v": 1', '"v": 2, "new": true');
    writeFileSync(file('registry.json'), text);
    expect(value(registry.find('demo')).text).toBe(ONE);
    for (const done of [
      registry.create('x', ONE),
      registry.update('demo', TWO),
      registry.setEnabled('demo', false),
    ])
      expect(done).toMatchObject({ ok: false, error: { code: 'newer-format' } });
    expect(readFileSync(file('registry.json'), 'utf8')).toBe(text);
    expect(readFileSync(file('demo.yaml'), 'utf8')).toBe(ONE);
  });
});

describe('several processes', () => {
  it('that write at once lose nothing', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `p${index}`);
    const codes = await Promise.all(
      names.map((name) => {
        const child = spawn(process.execPath, [program, 'create', state, name, ONE]);
        return new Promise((resolve) => child.on('close', resolve));
      }),
    );
    expect(codes).toEqual(names.map(() => 0));
    expect(value(registry.list()).map(({ record }) => record.name)).toEqual(names);
  });

  it('that create the same name have one winner', async () => {
    const codes = await Promise.all(
      ['1', '2', '3', '4'].map((text) => {
        const child = spawn(process.execPath, [program, 'create', state, 'demo', text]);
        return new Promise((resolve) => child.on('close', resolve));
      }),
    );
    expect(codes.sort()).toEqual([0, 3, 3, 3]);
    expect(value(registry.look('demo')).definition.state).toBe('registered');
  });
});

describe('a process that is killed at any change of a file', () => {
  const expectWhole = (allowed: readonly (string | undefined)[]) => {
    const found = registry.find('demo');
    expect(allowed).toContain(found.ok ? found.value.text : undefined);
    if (!found.ok) expect(found.error.code).toBe('not-found');
  };

  it('leaves a pipeline created or not, and the next one can create it', () => {
    const points = runUntilItSurvives(
      {
        argv: [program, 'create', state, 'demo', ONE],
        under: state,
        prepare: () => rmSync(directory, { recursive: true, force: true }),
      },
      () => {
        expectWhole([ONE, undefined]);
        const again = registry.create('demo', ONE);
        if (!again.ok) expect(again.error.code).toBe('exists');
        value(registry.update('demo', TWO));
        expect(value(registry.find('demo')).text).toBe(TWO);
        expect(existsSync(file('demo.yaml.next'))).toBe(false);
      },
    );
    expect(points).toBeGreaterThan(10);
  });

  it('leaves the old definition or the new one, never a mixture', () => {
    runUntilItSurvives(
      {
        argv: [program, 'update', state, 'demo', TWO],
        under: state,
        prepare: () => {
          rmSync(directory, { recursive: true, force: true });
          value(registry.create('demo', ONE));
        },
      },
      () => {
        expectWhole([ONE, TWO]);
        value(registry.setEnabled('demo', false));
        expectWhole([ONE, TWO]);
        value(registry.update('demo', TWO));
        expect(value(registry.find('demo'))).toMatchObject({ text: TWO, record: { revision: 2 } });
      },
    );
  });

  it('leaves a pipeline that is gone, or can be deleted again', () => {
    runUntilItSurvives(
      {
        argv: [program, 'remove', state, 'demo'],
        under: state,
        prepare: () => {
          rmSync(directory, { recursive: true, force: true });
          value(registry.create('demo', ONE));
        },
      },
      () => {
        registry.remove('demo');
        expect(registry.find('demo')).toMatchObject({ ok: false, error: { code: 'not-found' } });
        value(registry.create('demo', TWO));
      },
    );
  });
});

describe('a disk that refuses', () => {
  it.each(['ENOSPC', 'EROFS', 'EACCES'])('ends a change with a clear problem (%s)', (code) => {
    value(registry.create('demo', ONE));
    for (let at = 1; at < 8; at += 1) {
      const done = runWithFaults(
        { argv: [program, 'update', state, 'demo', TWO], under: state },
        { code, at },
      );
      expect(done.status).toBe(3);
      expect(done.stdout).toContain(code);
      expect(done.stdout).toContain('hint');
      expect(value(registry.find('demo')).text).toBe(ONE);
    }
  });
});

import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configPath, readConfig, removeConfig, writeConfig } from '../../../src/edges/config/config-file.ts';
import { resetConfig, setConfigKey } from '../../../src/edges/config/edit.ts';
import { CONFIG_SCHEMAS, type ConfigKind } from '../../../src/edges/config/kinds.ts';

const KINDS = Object.keys(CONFIG_SCHEMAS) as ConfigKind[];

function stateWith(kind: ConfigKind, text?: string): { stateDir: string; path: string } {
  const stateDir = mkdtempSync(join(tmpdir(), 'murmur8-config-'));
  const path = configPath(stateDir, kind);
  if (text !== undefined) writeFileSync(path, text);
  return { stateDir, path };
}
const stored = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

test.each(KINDS)('without a file, %s-config is its defaults, and reading writes nothing', (kind) => {
  const { stateDir, path } = stateWith(kind);
  expect(readConfig(stateDir, kind)).toEqual({ ok: true, value: CONFIG_SCHEMAS[kind].parse({}) });
  expect(existsSync(path)).toBe(false);
});

test('a file with a part of the keys is filled up with the defaults', () => {
  const { stateDir } = stateWith('feedback', '\uFEFF{"version": 1, "minRating": 4}\r\n');
  expect(readConfig(stateDir, 'feedback')).toEqual({
    ok: true,
    value: { version: 1, enabled: true, minRating: 4, maxRevisions: 1 },
  });
});

test('setting a key stores that key alone, with the version, for the owner alone', () => {
  const { stateDir, path } = stateWith('feedback');
  expect(setConfigKey(stateDir, 'feedback', 'minRating', '2')).toMatchObject({
    ok: true,
    value: { minRating: 2 },
  });
  expect(stored(path)).toEqual({ version: 1, minRating: 2 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a dotted key reaches inside, and what lies beside it stays', () => {
  const { stateDir, path } = stateWith('retry');
  setConfigKey(stateDir, 'retry', 'strategies.alex', 'incremental, add-context');
  setConfigKey(stateDir, 'retry', 'strategies.cass', '["incremental"]');
  setConfigKey(stateDir, 'retry', 'issueStrategies.too big.really', 'incremental');
  expect(stored(path)).toEqual({
    version: 1,
    strategies: { alex: ['incremental', 'add-context'], cass: ['incremental'] },
    issueStrategies: { 'too big.really': 'incremental' },
  });
});

test('the name of a model may hold dots itself', () => {
  const { stateDir, path } = stateWith('cost');
  setConfigKey(stateDir, 'cost', 'models.claude-opus-4.5', '{"input":5,"output":25}');
  setConfigKey(stateDir, 'cost', 'models.claude-opus-4.5.input', '6');
  expect(stored(path)).toMatchObject({ models: { 'claude-opus-4.5': { input: 6, output: 25 } } });
});

test('a text that looks like a number stays one where a text is wanted, and null clears what may be null', () => {
  const { stateDir } = stateWith('stack');
  expect(setConfigKey(stateDir, 'stack', 'linter', '123')).toMatchObject({ value: { linter: '123' } });
  expect(setConfigKey(stateDir, 'stack', 'linter', 'null')).toMatchObject({ value: { linter: null } });
});

test.each([
  ['minRating', 'high', /minRating: "high" is not a number/],
  ['minRating', '9', /minRating: /],
  ['enabled', '1', /enabled: /],
])('a bad value (%s %s) is refused and changes nothing', (key, value, message) => {
  const text = '{"version":1,"minRating":2}';
  const { stateDir, path } = stateWith('feedback', text);
  const result = setConfigKey(stateDir, 'feedback', key, value);
  expect(result).toMatchObject({ ok: false, error: { message: expect.stringMatching(message) } });
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test.each([
  ['minRatin', 'did you mean minRating?'],
  ['MINRATING', 'did you mean minRating?'],
  ['zzzzzzzzzzzz', 'its keys are enabled, minRating, maxRevisions'],
  ['version', 'its keys are enabled, minRating, maxRevisions'],
  ['__proto__', 'its keys are enabled, minRating, maxRevisions'],
])('an unknown key (%s) is refused: %s', (key, hint) => {
  const { stateDir, path } = stateWith('feedback');
  expect(setConfigKey(stateDir, 'feedback', key, '1')).toMatchObject({
    ok: false,
    error: { code: 'unknown-key', hint },
  });
  expect(existsSync(path)).toBe(false);
});

test('resetting one key leaves the others, resetting all removes the file', () => {
  const { stateDir, path } = stateWith(
    'retry',
    '{"version":1,"maxAttempts":5,"strategies":{"alex":["incremental"]}}',
  );
  resetConfig(stateDir, 'retry', 'strategies.alex');
  expect(stored(path)).toEqual({ version: 1, maxAttempts: 5 });
  expect(resetConfig(stateDir, 'retry', undefined)).toEqual({
    ok: true,
    value: CONFIG_SCHEMAS.retry.parse({}),
  });
  expect(existsSync(path)).toBe(false);
});

test.each([
  ['{\n  "minRating": 4,\n}', 3, 1],
  ['[]', 1, 1],
])('a corrupt file (%j) is reported with its place and never written over', (text, line, column) => {
  const { stateDir, path } = stateWith('feedback', text);
  const problem = { ok: false, error: { file: path, line, column } };
  expect(readConfig(stateDir, 'feedback')).toMatchObject(problem);
  expect(setConfigKey(stateDir, 'feedback', 'minRating', '2')).toMatchObject(problem);
  expect(removeConfig(stateDir, 'feedback')).toMatchObject(problem);
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('an invalid file is reported by key; setting that key mends it', () => {
  const { stateDir, path } = stateWith('feedback', '{"version":1,"minRating":99}');
  expect(readConfig(stateDir, 'feedback')).toMatchObject({
    ok: false,
    error: { file: path, message: expect.stringMatching(/^minRating: /) },
  });
  expect(setConfigKey(stateDir, 'feedback', 'minRating', '4')).toMatchObject({ ok: true });
});

test('a file of a newer murmur8 is read as far as it is understood and never written over', () => {
  const text = '{"version":2,"minRating":4,"something":"new"}';
  const { stateDir, path } = stateWith('feedback', text);
  expect(readConfig(stateDir, 'feedback')).toMatchObject({ ok: true, value: { minRating: 4 } });
  expect(setConfigKey(stateDir, 'feedback', 'minRating', '2')).toMatchObject({
    error: { code: 'newer-format' },
  });
  expect(resetConfig(stateDir, 'feedback', undefined)).toMatchObject({ error: { code: 'newer-format' } });
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('a change sees the content of the file at its turn', () => {
  const { stateDir, path } = stateWith('feedback', '{"version":1,"minRating":2}');
  writeConfig(stateDir, 'feedback', (partial) => ({ ...partial, enabled: false }));
  expect(stored(path)).toEqual({ version: 1, minRating: 2, enabled: false });
});

test('what cannot be written is a problem that names the file', () => {
  const { stateDir } = stateWith('feedback');
  const file = join(stateDir, 'file');
  writeFileSync(file, '');
  expect(setConfigKey(join(file, 'state'), 'feedback', 'minRating', '2')).toMatchObject({
    ok: false,
    error: { file: configPath(join(file, 'state'), 'feedback') },
  });
  mkdirSync(configPath(stateDir, 'cost'));
  expect(readConfig(stateDir, 'cost')).toMatchObject({
    ok: false,
    error: { file: configPath(stateDir, 'cost') },
  });
});

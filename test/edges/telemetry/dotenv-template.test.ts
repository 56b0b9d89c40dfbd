import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseDotenv } from '../../../src/core/telemetry/dotenv.ts';
import { ensureDotenv, ensureGitignore } from '../../../src/edges/telemetry/dotenv-template.ts';
import { freshDirectory } from '../../rig/receiver-run.ts';

function projectWith(name: string, content: string | Uint8Array): { root: string; path: string } {
  const root = freshDirectory();
  const path = join(root, name);
  writeFileSync(path, content);
  return { root, path };
}

describe('story init-integration', () => {
  test('AC-1: .env is created with the commented template, for its owner alone', () => {
    const root = freshDirectory();
    expect(ensureDotenv(root)).toEqual({ ok: true, value: 'created' });
    const text = readFileSync(join(root, '.env'), 'utf8');
    expect(text).toMatch(/^# MURMUR8_TELEMETRY_URL=/m);
    expect(text).toMatch(/^# MURMUR8_TELEMETRY_KEY=/m);
    expect([...parseDotenv(text)]).toEqual([]);
    expect(statSync(join(root, '.env')).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['with a final newline', 'A=1\n'],
    ['without one', 'A=1'],
    ['with bytes that are no text', Buffer.from([0x41, 0x3d, 0xff, 0xfe, 0x0a])],
  ])('AC-2: the template is appended to a file %s, whose bytes stay', (_title, content) => {
    const { root, path } = projectWith('.env', content);
    expect(ensureDotenv(root)).toEqual({ ok: true, value: 'appended' });
    const bytes = readFileSync(path);
    expect(bytes.subarray(0, content.length)).toEqual(Buffer.from(content as string));
    expect([...parseDotenv(bytes.toString('utf8')).keys()]).toEqual(['A']);
    expect(bytes.toString('utf8')).toMatch(/^# MURMUR8_TELEMETRY_URL=/m);
  });

  test('AC-2: Windows line ends are kept up', () => {
    const { root, path } = projectWith('.env', 'A=1\r\nB=2');
    ensureDotenv(root);
    const text = readFileSync(path, 'utf8');
    expect(text.startsWith('A=1\r\nB=2\r\n')).toBe(true);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  test.each([
    ['the template', '# MURMUR8_TELEMETRY_URL=\n'],
    ['a value', 'MURMUR8_TELEMETRY_URL=https://x/'],
  ])('AC-3: a file that holds %s already is not touched', (_title, text) => {
    const { root, path } = projectWith('.env', text);
    expect(ensureDotenv(root)).toEqual({ ok: true, value: 'unchanged' });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('AC-3: a second time adds nothing', () => {
    const root = freshDirectory();
    ensureDotenv(root);
    const once = readFileSync(join(root, '.env'), 'utf8');
    ensureDotenv(root);
    expect(readFileSync(join(root, '.env'), 'utf8')).toBe(once);
  });

  test.each([
    ['node_modules\n', 'node_modules\n.env\n'],
    ['node_modules', 'node_modules\n.env\n'],
    ['node_modules\r\n', 'node_modules\r\n.env\r\n'],
    ['', '.env\n'],
    ['# .env\n.env.local\n', '# .env\n.env.local\n.env\n'],
    ['.env\n!.env\n', '.env\n!.env\n.env\n'],
  ])('AC-4: .env is added to %j', (before, after) => {
    const { root, path } = projectWith('.gitignore', before);
    expect(ensureGitignore(root)).toEqual({ ok: true, value: 'appended' });
    expect(readFileSync(path, 'utf8')).toBe(after);
  });

  test('AC-4: a .gitignore is created where there is none', () => {
    const root = freshDirectory();
    expect(ensureGitignore(root)).toEqual({ ok: true, value: 'created' });
    expect(readFileSync(join(root, '.gitignore'), 'utf8')).toBe('.env\n');
  });

  test.each(['.env', 'a\n/.env\nb\n', '\uFEFF.env\r\n', '.env*\n', '*.env'])(
    'AC-5: %j is not touched',
    (text) => {
      const { root, path } = projectWith('.gitignore', text);
      expect(ensureGitignore(root)).toEqual({ ok: true, value: 'unchanged' });
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );
});

test('a dry run says what it would do and does nothing', () => {
  const root = freshDirectory();
  expect([ensureDotenv(root, { dryRun: true }), ensureGitignore(root, { dryRun: true })]).toEqual([
    { ok: true, value: 'created' },
    { ok: true, value: 'created' },
  ]);
  expect([existsSync(join(root, '.env')), existsSync(join(root, '.gitignore'))]).toEqual([false, false]);
});

test('a link stays a link and permissions stay as they are', () => {
  const { root, path } = projectWith('shared.env', 'A=1\n');
  chmodSync(path, 0o640);
  symlinkSync(path, join(root, '.env'));
  ensureDotenv(root);
  expect(readFileSync(path, 'utf8')).toContain('MURMUR8_TELEMETRY_URL');
  expect(statSync(path).mode & 0o777).toBe(0o640);
});

test('what cannot be read is a problem that names the file', () => {
  const root = freshDirectory();
  mkdirSync(join(root, '.env'));
  expect(ensureDotenv(root)).toMatchObject({ ok: false, error: { file: join(root, '.env') } });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/edges/telemetry/load-config.ts';
import { freshDirectory } from '../../rig/receiver-run.ts';

function dotenv(text: string): string {
  const path = join(freshDirectory(), '.env');
  writeFileSync(path, text);
  return path;
}
const both = 'MURMUR8_TELEMETRY_URL=https://file/in\nMURMUR8_TELEMETRY_KEY=file-key\n';

describe('story telemetry-activation (spec)', () => {
  test('neither file nor environment: url and key are null', () => {
    expect(loadConfig(join(freshDirectory(), '.env'), {})).toEqual({ url: null, key: null });
  });

  test('both come from .env when the environment has none', () => {
    expect(loadConfig(dotenv(both), {})).toEqual({ url: 'https://file/in', key: 'file-key' });
  });

  test('AC-3: the real environment wins over .env, each for itself', () => {
    expect(loadConfig(dotenv(both), { MURMUR8_TELEMETRY_URL: 'https://real/in' })).toEqual({
      url: 'https://real/in',
      key: 'file-key',
    });
  });

  test('AC-6: the key of the real environment wins too', () => {
    expect(loadConfig(dotenv(both), { MURMUR8_TELEMETRY_KEY: 'real-key' })).toEqual({
      url: 'https://file/in',
      key: 'real-key',
    });
  });

  test('an empty real variable counts as not set', () => {
    const empty = { MURMUR8_TELEMETRY_URL: '', MURMUR8_TELEMETRY_KEY: '  ' };
    expect(loadConfig(dotenv(both), empty)).toEqual({ url: 'https://file/in', key: 'file-key' });
  });

  test('an empty or commented line in .env sets nothing', () => {
    expect(loadConfig(dotenv('MURMUR8_TELEMETRY_URL=\n# MURMUR8_TELEMETRY_KEY=x\n'), {})).toEqual({
      url: null,
      key: null,
    });
  });

  test('without a second argument the real environment of the process counts', () => {
    process.env['MURMUR8_TELEMETRY_URL'] = 'https://process/in';
    try {
      expect(loadConfig(dotenv(both)).url).toBe('https://process/in');
    } finally {
      delete process.env['MURMUR8_TELEMETRY_URL'];
    }
  });

  test('a .env that cannot be read sets nothing', () => {
    const path = join(freshDirectory(), '.env');
    mkdirSync(path);
    expect(loadConfig(path, {})).toEqual({ url: null, key: null });
  });
});

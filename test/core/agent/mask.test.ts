import { describe, expect, it } from 'vitest';
import { createLineMasker, createMasker, secretValues } from '../../../src/core/agent/mask.ts';

const mask = createMasker(['s3cret/value+1', 's3cret/value+1-longer', 'with "quotes" inside', 'short']);

describe('the masker', () => {
  it('hides known values, the longest first', () => {
    expect(mask('a s3cret/value+1 b s3cret/value+1-longer c')).toBe('a *** b *** c');
  });

  it('hides a known value as it stands inside JSON', () => {
    expect(mask(JSON.stringify({ text: 'it is with "quotes" inside!' }))).toBe('{"text":"it is ***!"}');
  });

  it('hides a known value in the usual encodings, also in the midst of something longer', () => {
    const secret = 'with "quotes" inside';
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const encoded = [
      JSON.stringify(JSON.stringify({ secret })),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('hex'),
      ...['', 'x', 'xy'].map((before) => base64(`${before}${secret} after`)),
      ...['', 'x', 'xy'].map((before) => Buffer.from(`${before}s3cret/value+1??`).toString('base64url')),
    ];
    for (const text of encoded) expect(mask(`<${text}>`).replace('***', '').length, text).toBeLessThan(30);
  });

  it('hides what is left of a value in which a text was cut', () => {
    expect(mask('say s3cret/value… [12 more characters]')).toBe('say ***… [12 more characters]');
    expect(mask('say s3cret/value+1-lo…')).toBe('say ***-lo…');
    expect(mask('say s3cret/other…')).toBe('say s3cret/other…');
  });

  it('leaves values alone that are too short to be told from words', () => {
    expect(mask('a short text')).toBe('a short text');
  });

  it.each([
    ['sk-ant-api03-abcdefghijklmnop', '***'],
    [`ghp_${'a1'.repeat(18)}`, '***'],
    [`github_pat_${'a1'.repeat(20)}`, '***'],
    ['AKIAIOSFODNN7EXAMPLE', '***'],
    ['xoxb-123456789012-abcdef', '***'],
    ['Authorization: Bearer abc.def-ghi_jkl', 'Authorization: Bearer ***'],
    ['https://user:pass@example.org/x', 'https://***@example.org/x'],
    ['https://:token@example.org/x', 'https://***@example.org/x'],
    ['eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF2', '***'],
    ['-----BEGIN PRIVATE KEY-----\nMIIE+/=\n-----END PRIVATE KEY----- rest', '*** rest'],
    ['"-----BEGIN EC PRIVATE KEY-----\\nMIIE\\n-----END EC PRIVATE KEY-----"', '"***"'],
    ['-----BEGIN PRIVATE KEY-----\nMIIEabc', '***'],
  ])('knows the shape of %j', (text, masked) => {
    expect(mask(text)).toBe(masked);
  });

  it.each([
    'https://example.org:8080/path?x=a@b',
    'task-runner and disk-sk-short',
    'bearer of news',
    'const begin = "-----BEGIN CERTIFICATE-----"',
  ])('leaves %j as it is', (text) => {
    expect(mask(text)).toBe(text);
  });

  it('hides a key that comes line by line, and shows what follows', () => {
    const line = createLineMasker(mask);
    const lines = [
      'x',
      '-----BEGIN RSA PRIVATE KEY-----',
      'Proc-Type: 4',
      '',
      'MIIE',
      '-----END RSA PRIVATE KEY-----',
      'y',
    ];
    expect(lines.map(line)).toEqual(['x', '***', '***', '***', '***', '***', 'y']);
    expect(['-----BEGIN PRIVATE KEY-----', 'MII', 'const x = 1;'].map(line)).toEqual([
      '***',
      '***',
      'const x = 1;',
    ]);
  });

  it('stays linear on long hostile lines', () => {
    for (const piece of ['-----BEGIN PRIVATE KEY-----', '://a:', 'sk-', 'eyJaaaaaaaaa.', 'Bearer ']) {
      expect(mask(piece.repeat(1_000_000 / piece.length)).length).toBeGreaterThan(0);
    }
  });
});

describe('the secrets of an environment', () => {
  it('are the values of variables that are named like secrets and are long enough', () => {
    expect(
      secretValues({
        API_KEY: 'abcdefgh',
        DB_PASSWORD: 'hunter2-hunter2',
        MY_TOKEN: 'short',
        HOME: '/home/someone',
      }),
    ).toEqual(['abcdefgh', 'hunter2-hunter2']);
  });
});

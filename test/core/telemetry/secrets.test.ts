import { expect, test } from 'vitest';
import { redacted, secretValues } from '../../../src/core/telemetry/secrets.ts';

test('values of secret-looking variables are found, those of others are not', () => {
  const found = secretValues({
    OPENAI_API_KEY: 'sk-1234567890',
    GITHUB_TOKEN: 'ghp_1234567890',
    DB_PASSWORD: 'correct horse',
    AWS_SECRET_ACCESS_KEY: 'aws-secret-1',
    PWD: '/home/ada/project',
    HOME: '/home/ada',
    MAX_OUTPUT_TOKENS: '1234567890',
    SSH_AUTH_SOCK: '/tmp/ssh-agent.1',
    KEYBOARD: 'qwertz-layout',
  });
  expect(new Set(found)).toEqual(
    new Set(['sk-1234567890', 'ghp_1234567890', 'correct horse', 'aws-secret-1']),
  );
});

test('the password inside an address is a secret, as written and as decoded', () => {
  expect(new Set(secretValues({ DATABASE_URL: 'https://u:long%40pass@host/db' }))).toEqual(
    new Set(['long%40pass', 'long@pass']),
  );
});

test('short values, which occur by chance in any text, are left alone', () => {
  expect(secretValues({ API_TOKEN: 'on', OTHER_SECRET: '' })).toEqual([]);
});

test('every text inside a value is freed of the secrets, keys of objects too', () => {
  const value = { a: ['x topsecret y'], topsecret: { n: 1, none: null } };
  expect(redacted(value, ['topsecret'])).toEqual({
    a: ['x [redacted] y'],
    '[redacted]': { n: 1, none: null },
  });
});

test('a secret that contains another one leaves no rest', () => {
  expect(redacted('token-12345678-suffix', ['token-12345678', 'token-12345678-suffix'])).toBe('[redacted]');
});

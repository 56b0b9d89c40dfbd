import { expect, it } from 'vitest';
import { createSecretFinder } from '../../../src/core/agent/secret-lines.ts';
import { dotenvSecrets, npmrcSecrets } from '../../../src/core/agent/secret-values.ts';

it('secrets of a .env are those that are named so, and what looks like a key under a harmless name', () => {
  const values = new Map([
    ['PORT', '3000'],
    ['NODE_ENV', 'development'],
    ['COMMIT', '0123456789abcdef0123456789abcdef01234567'],
    ['HOME_PAGE', 'https://example.org/a1b2c3d4e5f6g7'],
    ['DB_PASS', 'p4ssw0rd'],
    ['MAILER', 'k3yT0k9Zx81mQ2v7Lp4s'],
  ]);
  expect(dotenvSecrets(values)).toEqual(['p4ssw0rd', 'k3yT0k9Zx81mQ2v7Lp4s']);
});

it('secrets of an .npmrc are its logins, but not those that it takes from the environment', () => {
  const text = [
    'registry=https://registry.example.org/',
    '//registry.example.org/:_authToken=npm-token-1',
    '//other.example.org/:_authToken=${NPM_TOKEN}',
    '_auth="dXNlcjpwYXNz"',
  ].join('\n');
  expect(npmrcSecrets(text)).toEqual(['npm-token-1', 'dXNlcjpwYXNz']);
});

it('finds the lines that hold a known secret in any form, and takes no word for one', () => {
  const find = createSecretFinder(['k3y-T0ken-99', 'postgres', 'line 1 of key\nMIIC0xyz99']);
  const text = [
    'postgres',
    `a ${Buffer.from('k3y-T0ken-99').toString('base64')}`,
    'none',
    'MIIC0xyz99',
    '',
  ].join('\n');
  expect(find(text)).toEqual([2, 4]);
  expect(find('postgres line 1')).toEqual([]);
});

import { describe, expect, test } from 'vitest';
import {
  endpointKind,
  maskedKey,
  repositoryWithoutCredentials,
  shownUrl,
} from '../../../src/core/telemetry/endpoint.ts';

describe('spec telemetry-config: the key is masked', () => {
  test.each([
    [null, 'not set'],
    ['', 'not set'],
    ['short12', '****'],
    ['abcd1234', '****1234'],
    ['sk-abcdefgh1234', 'sk-****1234'],
    ['ghp_abcdefgh1234', 'ghp_****1234'],
  ])('%s is shown as %s', (key, shown) => {
    expect(maskedKey(key)).toBe(shown);
  });

  test('a prefix that would leave too little hidden is hidden too', () => {
    expect(maskedKey('sk-12345')).toBe('****2345');
  });
});

describe('spec telemetry-config: what in a URL is secret is hidden', () => {
  test.each([
    ['https://telemetry.example.com/ingest', 'https://telemetry.example.com/ingest'],
    ['https://ada:hunter2@host/x', 'https://***@host/x'],
    ['https://ada:p@ss@host/x', 'https://***@host/x'],
    ['https://host/x?token=abc&y=2#frag', 'https://host/x?token=***&y=***#***'],
    ['ada:hunter2@host', '***@host'],
  ])('%s is shown as %s', (url, shown) => {
    expect(shownUrl(url, null)).toBe(shown);
  });

  test('a key that stands in the path is hidden', () => {
    expect(shownUrl('https://host/in/topsecretkey', 'topsecretkey')).toBe('https://host/in/****');
  });

  test('control characters do not reach a terminal', () => {
    expect(shownUrl('https://host/\u001b[31m', null)).toBe('https://host/?[31m');
  });
});

test.each([
  ['https://host/x', 'https'],
  ['HTTPS://host', 'https'],
  ['http://host:8080/x', 'http'],
  ['http://localhost:3000', 'http-local'],
  ['http://127.0.0.1:3000/x', 'http-local'],
  ['http://[::1]:3000/x', 'http-local'],
  ['http://localhost.example.com', 'http'],
  ['http://127.0.0.1@evil.example.com/', 'http'],
  ['ftp://host/x', 'malformed'],
  ['host/x', 'malformed'],
  ['https://', 'malformed'],
  ['https://ho st/', 'malformed'],
])('%s is of the kind %s', (url, kind) => {
  expect(endpointKind(url)).toBe(kind);
});

test.each([
  ['https://host/a/b.git', 'https://host/a/b.git'],
  ['https://u:p@host/a/b.git', 'https://host/a/b.git'],
  ['https://token@host/a/b.git', 'https://host/a/b.git'],
  ['https://u:p@ss@host/a', 'https://host/a'],
  ['https://u:p/w@host/a', 'https://host/a'],
  ['https://host:8443/@scope/a', 'https://host:8443/@scope/a'],
  ['https://host/a?access_token=x', 'https://host/a'],
  ['ssh://git:pw@host/a', 'ssh://host/a'],
  ['git@host:a/b.git', 'git@host:a/b.git'],
  ['/srv/git/a.git', '/srv/git/a.git'],
])('the remote %s is sent as %s', (address, sent) => {
  expect(repositoryWithoutCredentials(address)).toBe(sent);
});

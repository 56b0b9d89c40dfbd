import { expect, test } from 'vitest';
import { ignoresDotenv } from '../../../src/core/telemetry/gitignore.ts';

test.each([
  ['.env'],
  ['/.env'],
  ['**/.env'],
  ['.env*'],
  ['*.env'],
  ['.e?v'],
  ['.[de]nv'],
  ['*'],
  ['node_modules\n.env\r\ndist'],
  ['.env   '],
  ['!.env\n.env'],
  ['.env*\n!.env.example'],
])('%j covers .env', (text) => {
  expect(ignoresDotenv(text)).toBe(true);
});

test.each([
  [''],
  ['# .env'],
  ['.env.local'],
  ['.env.*'],
  ['.env/'],
  ['config/.env'],
  ['.envrc'],
  ['\\!.env'],
  ['.env\n!.env'],
  ['.[^e]nv'],
])('%j does not cover .env', (text) => {
  expect(ignoresDotenv(text)).toBe(false);
});

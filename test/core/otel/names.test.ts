import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EVENT, METRIC_NAME, NAME, providerOf } from '../../../src/core/otel/names.ts';

test('every name that can leave stands in the manual, and every name there can leave', () => {
  const manual = readFileSync('docs/opentelemetry.md', 'utf8');
  const names = [NAME, METRIC_NAME, EVENT].flatMap((table) => Object.values<string>(table));
  expect(names.filter((name) => !manual.includes(`\`${name}\``))).toEqual([]);
  const shown = [...manual.matchAll(/`((?:murmur8|cicd|gen_ai|vcs)\.[a-z_.]+)`/g)].map(
    ([, name]) => name ?? '',
  );
  expect(
    shown.filter((name) => !names.includes(name) && !name.endsWith('.url.full') && name !== 'murmur8.'),
  ).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

test('a runner that the conventions know has their name, and another one its own', () => {
  expect(providerOf('claude')).toBe('anthropic');
  expect(providerOf('offline')).toBe('offline');
  expect(providerOf('constructor')).toBe('constructor');
});

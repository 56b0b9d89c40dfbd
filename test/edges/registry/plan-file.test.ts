import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepPlan, type PlanKey, readPlan } from '../../../src/edges/registry/plan-file.ts';
import { createRegistry } from '../../../src/edges/registry/registry.ts';

const KEY: PlanKey = { name: 'demo', hash: 'a1', grammar: 'one', context: '[null,[]]' };
const PLAN = { name: 'demo', stages: [{ name: 'ünï\n', run: 'true' }] };

let directory: string;
let plan: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'murmur8-plan-'));
  plan = join(directory, '.plans', 'demo.json');
  writeFileSync(join(directory, 'demo.yaml'), 'name: demo\n');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('a plan is given back as it was kept, and is its owner’s alone', () => {
  expect(readPlan(directory, KEY)).toBeUndefined();
  keepPlan(directory, KEY, PLAN);
  expect(readPlan(directory, KEY)).toEqual(PLAN);
  expect(statSync(plan).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(directory, '.plans', '.gitignore'), 'utf8')).toBe('*\n');
});

test.each<[string, Partial<PlanKey>]>([
  ['another text', { hash: 'a2' }],
  ['another name', { name: 'other' }],
  ['other code that reads definitions', { grammar: 'two' }],
  ['other agents or approvers', { context: '[["deployer"],[]]' }],
])('a plan is not taken for %s', (_what, other) => {
  keepPlan(directory, KEY, PLAN);
  writeFileSync(join(directory, 'other.yaml'), '');
  expect(readPlan(directory, { ...KEY, ...other })).toBeUndefined();
});

test.each<[string, (text: string) => string]>([
  ['somebody changed', (text) => text.replace('"true"', '"rm"')],
  ['is cut off', (text) => text.slice(0, -3)],
  ['is empty', () => ''],
  ['is one line', () => 'x'],
  ['holds another seal', (text) => text.replace(/^./, (first) => (first === '0' ? '1' : '0'))],
])('a plan that %s is passed over', (_what, change) => {
  keepPlan(directory, KEY, PLAN);
  writeFileSync(plan, change(readFileSync(plan, 'utf8')));
  expect(readPlan(directory, KEY)).toBeUndefined();
});

test('a plan that was made for another file of the same text is passed over: it came from elsewhere', () => {
  keepPlan(directory, KEY, PLAN);
  rmSync(join(directory, 'demo.yaml'));
  writeFileSync(join(directory, 'demo.yaml'), 'name: demo\n');
  expect(readPlan(directory, KEY)).toBeUndefined();
});

test('where plans cannot be kept, there are none', () => {
  writeFileSync(join(directory, '.plans'), 'a file');
  keepPlan(directory, KEY, PLAN);
  expect(readPlan(directory, KEY)).toBeUndefined();
});

test('a plan is forgotten with its pipeline', () => {
  const state = join(directory, 'state');
  mkdirSync(state);
  const registry = createRegistry(state);
  const created = registry.create('demo', 'name: demo\n');
  if (!created.ok) throw new Error(created.error.message);
  const key = { ...KEY, hash: created.value.record.hash };
  registry.keepPlan(key, PLAN);
  expect(registry.plan(key)).toEqual(PLAN);
  registry.remove('demo');
  expect(existsSync(join(state, 'pipelines', '.plans', 'demo.json'))).toBe(false);
});

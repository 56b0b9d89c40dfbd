import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aProject, BIN, type Ended, freshDirectory, runNode } from '../rig/receiver-run.ts';

function config(root: string, ...args: string[]): Promise<Ended> {
  return runNode([BIN, ...args], {}, root).ended;
}

const COMMANDS = [
  ...['retry-config', 'feedback-config', 'cost-config', 'stack-config'],
  ...['approval-config', 'notify-config'],
];

describe.each(COMMANDS)('%s', (command) => {
  test('shows what is in force, as text and as JSON, and writes nothing', async () => {
    const { root, stateDir } = aProject();
    const text = await config(root, command);
    const json = await config(root, command, '--json');
    expect([text.code, text.stderr, json.code]).toEqual([0, '', 0]);
    expect(JSON.parse(json.stdout)).toMatchObject({ version: 1 });
    expect((await config(root, command, 'show')).stdout).toBe(text.stdout);
    expect(existsSync(join(stateDir, `${command}.json`))).toBe(false);
  });

  test('an unknown key ends with 2 and is no file', async () => {
    const { root, stateDir } = aProject();
    const ended = await config(root, command, 'set', 'no.such.key', '1');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/has no key no\.such\.key\nhint: /);
    expect(existsSync(join(stateDir, `${command}.json`))).toBe(false);
  });
});

test('a key is set, shown and reset', async () => {
  const { root, stateDir } = aProject();
  const path = join(stateDir, 'retry-config.json');
  const set = await config(root, 'retry-config', 'set', 'maxAttempts', '5', '--json');
  expect(JSON.parse(set.stdout)).toMatchObject({ maxAttempts: 5 });
  expect((await config(root, 'retry-config')).stdout).toMatch(/^ {2}maxAttempts +5$/m);
  await config(root, 'retry-config', 'reset', 'maxAttempts');
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ version: 1 });
  await config(root, 'retry-config', 'reset');
  expect(existsSync(path)).toBe(false);
});

test('who approves is set as a list, and a way to go on that is none is refused', async () => {
  const { root, stateDir } = aProject();
  const set = await config(root, 'approval-config', 'set', 'defaultApprovers', 'ann, bob', '--json');
  expect(JSON.parse(set.stdout)).toMatchObject({ defaultApprovers: ['ann', 'bob'], user: null });
  await config(root, 'approval-config', 'set', 'user', 'ann');
  const refused = await config(root, 'approval-config', 'set', 'whenDecided', 'perhaps');
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/whenDecided.*continue/)]);
  expect(JSON.parse(readFileSync(join(stateDir, 'approval-config.json'), 'utf8'))).toEqual({
    version: 1,
    defaultApprovers: ['ann', 'bob'],
    user: 'ann',
  });
});

test('a mistyped key is answered with the one that was meant', async () => {
  const { stderr } = await config(aProject().root, 'cost-config', 'set', 'maxCostUds', '3');
  expect(stderr).toMatch(/hint: did you mean maxCostUsd\?/);
});

test('a corrupt file is named with line and column, ends with 1 and stays', async () => {
  const { root, stateDir } = aProject();
  const path = join(stateDir, 'feedback-config.json');
  writeFileSync(path, '{\n  "minRating": 4,\n}\n');
  for (const args of [['show'], ['set', 'minRating', '2'], ['reset']]) {
    const { code, stderr } = await config(root, 'feedback-config', ...args);
    expect([code, stderr.split(' ')[1]]).toEqual([1, `${path}:3:1:`]);
  }
  expect(readFileSync(path, 'utf8')).toBe('{\n  "minRating": 4,\n}\n');
});

test('a file of a newer murmur8 is not overwritten: 7', async () => {
  const { root, stateDir } = aProject();
  writeFileSync(join(stateDir, 'feedback-config.json'), '{"version":2}');
  expect((await config(root, 'feedback-config', 'set', 'minRating', '2')).code).toBe(7);
});

test('--state-dir names another place', async () => {
  const stateDir = freshDirectory();
  await config(aProject().root, 'feedback-config', 'set', 'minRating', '2', '--state-dir', stateDir);
  expect(JSON.parse(readFileSync(join(stateDir, 'feedback-config.json'), 'utf8'))).toMatchObject({
    minRating: 2,
  });
});

test('several processes at once lose no key', async () => {
  const { root, stateDir } = aProject();
  const keys = ['maxAttempts', 'window', 'highFailureRate'];
  const ended = await Promise.all(keys.map((key) => config(root, 'retry-config', 'set', key, '1')));
  expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(JSON.parse(readFileSync(join(stateDir, 'retry-config.json'), 'utf8'))).toEqual({
    version: 1,
    maxAttempts: 1,
    window: 1,
    highFailureRate: 1,
  });
});

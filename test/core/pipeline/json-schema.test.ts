import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { pipelineJsonSchema } from '../../../src/core/pipeline/json-schema.ts';
import { matches } from './match-schema.ts';
import { errorsOf, stages } from './reading.ts';

const schema = pipelineJsonSchema();

function allows(text: string): boolean {
  return matches(schema, load(text), schema);
}

describe('the published schema', () => {
  test.each([
    ['a list of stages', stages('{name: a, run: x}', '{name: b, agent: y, task: z}')],
    [
      'text where a list may stand',
      stages('{name: a, run: x}', '{name: b, run: x, depends_on: a, when: {branch: main}}'),
    ],
    [
      'groups',
      stages('{name: g, when: {or: [{label: a}, {not: {path: b}}]}, parallel: [{name: a, run: x}]}'),
    ],
    ['keys of one’s own', `x-a: 1\n${stages('{name: a, run: x, x-b: {c: [d]}, when: {x-c: d, branch: e}}')}`],
    ['triggers', `triggers: [{event: push}, {schedule: {cron: "@daily"}}]\n${stages('{name: a, run: x}')}`],
    [
      'approvals',
      stages(
        '{name: a, run: x, requires_approval: true, approvers: [b, c], quorum: 2, approval_timeout: 1h30m}',
      ),
    ],
    ['retries', stages('{name: a, run: x, retry: {max: 2, on: [1, timeout]}}')],
    [
      'strategies',
      stages(
        '{name: a, run: x, retry: {max: 1, strategies: MORE}}',
        '{name: b, run: x, retry: {max: 2, strategies: [LESS, {name: MORE_2, task: y}]}}',
        '{name: c, run: x, retry: {max: 1, strategies: {name: LESS}}}',
      ),
    ],
    [
      'audits',
      stages(
        '{name: a, run: x, audit: "test -f y"}',
        '{name: b, run: x, audit: {run: y, timeout: 30s}}',
        '{name: c, run: x, audit: {agent: y, task: z, model: m}}',
      ),
    ],
    [
      'frames and their limits',
      stages(
        '{name: a, run: x, foreach: [b], max_parallel: 4, limits: {retry_rate: 0.5, stall_timeout: 1m}}',
        '{name: b, run: x, frames: {consecutive_fails: 3}}',
      ),
    ],
    [
      'limits of silence and waiting',
      `limits: {stall_timeout: 90s, quota_wait: 0s}\n${stages('{name: a, run: x}')}`,
    ],
    [
      'an export',
      `export: {location: "dist/\${run.id}", run: pack, files: ["*.png"], validate: look, timeout: 5m, dependency: texturepacker}\nclosing: none\n${stages('{name: a, run: x}')}`,
    ],
  ])('allows %s, as the reader does', async (_name, text) => {
    expect(allows(text)).toBe(true);
    expect(await errorsOf(text)).toEqual([]);
  });

  test.each([
    ['an unknown key', stages('{name: a, run: x, whn: {}}')],
    ['an unknown key of a condition', stages('{name: a, run: x, when: {not: [{brnch: main}]}}')],
    ['a missing name', stages('{run: x}')],
    ['no stages', 'name: p\nstages: []\n'],
    ['a bad name', stages('{name: A B, run: x}')],
    ['a time without a unit', stages('{name: a, run: x, timeout: 30}')],
    ['a time of nothing', stages('{name: a, run: x, timeout: 0h0m}')],
    ['a command with an agent', stages('{name: a, run: x, agent: y}')],
    ['two names of one key', stages('{name: a, run: x, when: {branch: a, branches: b}}')],
    ['two forms of retries', stages('{name: a, run: x, retries: 1, retry: {max: 1}}')],
    ['a trigger without a cause', `triggers: [{branch: x}]\n${stages('{name: a, run: x}')}`],
    ['an unknown action', stages('{name: a, run: x, on_failure: explode}')],
    ['a group within a group', stages('{parallel: [{name: a, run: x, parallel: []}]}')],
    ['a variable without a value', `variables: {a: }\n${stages('{name: a, run: x}')}`],
    ['an audit without anybody', stages('{name: a, run: x, audit: {timeout: 1m}}')],
    ['an audit by two', stages('{name: a, run: x, audit: {run: y, agent: z}}')],
    ['an audit as a list', stages('{name: a, run: x, audit: [y]}')],
    ['a misspelt audit', stages('{name: a, run: x, audit: {run: y, timout: 1m}}')],
    ['a strategy that is no name', stages('{name: a, run: x, retry: {max: 1, strategies: [a-b]}}')],
    ['a strategy without a name', stages('{name: a, run: x, retry: {max: 1, strategies: {task: y}}}')],
    ['no strategies', stages('{name: a, run: x, retry: {max: 1, strategies: []}}')],
    ['frames of no items', stages('{name: a, run: x, max_parallel: 2}')],
    ['no frames at all', stages('{name: a, run: x, foreach: [b], max_parallel: 0}')],
    ['limits and frames', stages('{name: a, run: x, limits: {max_attempts: 1}, frames: {max_attempts: 1}}')],
    ['silence without a unit', stages('{name: a, run: x, limits: {stall_timeout: 90}}')],
    ['an export to nowhere', `export: {run: pack}\n${stages('{name: a, run: x}')}`],
    [
      'an export beside a commit',
      `export: {location: dist}\nclosing: commit\n${stages('{name: a, run: x}')}`,
    ],
    ['a misspelt export', `export: {location: dist, valdate: x}\n${stages('{name: a, run: x}')}`],
    ['a quorum of none', stages('{name: a, run: x, requires_approval: true, approvers: b, quorum: 0}')],
  ])('refuses %s, as the reader does', async (_name, text) => {
    expect(allows(text)).toBe(false);
    expect(await errorsOf(text)).not.toEqual([]);
  });

  test('says of every key what it means', () => {
    const silent: string[] = [];
    const open: unknown[] = [schema];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (typeof next !== 'object' || next === null) continue;
      // What excludes what names keys that are described elsewhere.
      open.push(...Object.entries(next).flatMap(([key, value]) => (key === 'allOf' ? [] : [value])));
      if ('properties' in next)
        for (const [key, property] of Object.entries(next.properties as object))
          if (!('description' in property)) silent.push(key);
    }
    expect(silent).toEqual([]);
  });
});

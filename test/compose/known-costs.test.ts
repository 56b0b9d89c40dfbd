import { describe, expect, test } from 'vitest';
import { type CostQuestion, unknownCost } from '../../src/compose/known-costs.ts';
import { costConfigSchema } from '../../src/core/config/cost-config.ts';
import type { RunSettings } from '../../src/core/run/event.ts';
import { aPipeline, aStage, settings } from '../rig/run-builder.ts';

const reviewed = aStage('draw', {
  audit: { work: { kind: 'agent', agent: 'critic' }, timeoutMs: 1_000 },
});
const roles = (different: object = {}): CostQuestion['roles'] =>
  new Map(
    ['draw', 'critic', 'paint'].map((name) => [
      name,
      { name, instructions: '', file: `${name}.md`, ...(name === 'critic' ? different : {}) },
    ]),
  );
const costs = costConfigSchema.parse({ models: { 'priced*': { input: 1, output: 2 } } });

function problem(given: Partial<RunSettings>, different: Partial<CostQuestion> = {}) {
  const pipeline = aPipeline([reviewed, aStage('paint')]);
  return unknownCost({ pipeline, roles: roles(), costs, settings: settings(given), ...different });
}

const LIMIT = { limits: { maxCostMicroUsd: 5 } };

describe('a limit on the cost', () => {
  test('is kept with runners that tell it, and with models that have a price', () => {
    for (const runner of [
      'claude',
      'opencode',
      'offline',
      'acp:opencode acp',
      'acp:npx -y @x/claude-agent-acp@1',
    ])
      expect(problem({ ...LIMIT, runner })).toBeUndefined();
    for (const runner of ['codex', 'gemini', 'acp:other'])
      expect(problem({ ...LIMIT, runner, model: 'priced-2' })).toBeUndefined();
    expect(problem({ runner: 'codex' })).toBeUndefined();
    expect(problem({ runner: 'codex', limits: { maxTokens: 5 } })).toBeUndefined();
  });

  test.each([
    [{ runner: 'codex' }, 'name the model with --model'],
    [{ runner: 'gemini', model: 'new' }, `cost-config set models.new '{"input"`],
    [{ runner: 'acp:other', model: "it's" }, `cost-config set 'models.it'\\''s' '{"input"`],
    [{ runner: 'command:true', model: 'priced' }, 'limit it with --max-tokens'],
    [{ runner: 'claude', fallbackRunners: ['codex'] }, 'name the model with --model'],
  ])('is refused with what would help: %j', (given, hint) => {
    expect(problem({ ...LIMIT, ...given })).toMatchObject({
      code: 'cost-unknown',
      hint: expect.stringContaining(hint),
    });
  });

  test('is looked at for whoever checks a stage, and of one stage for that stage alone', () => {
    const critic = roles({ runner: 'codex', model: 'new' });
    expect(problem(LIMIT, { roles: critic })).toMatchObject({
      message: expect.stringContaining('new has no price'),
    });
    const limited = (stage: string) => ({ stageLimits: { [stage]: { maxCostMicroUsd: 5 } } });
    expect(problem(limited('draw'), { roles: critic })).toBeDefined();
    expect(problem(limited('paint'), { roles: critic })).toBeUndefined();
    const inDefinition = aPipeline([aStage('draw'), aStage('paint', { limits: { maxCostMicroUsd: 5 } })]);
    expect(problem({ runner: 'codex' }, { pipeline: inDefinition })).toBeDefined();
  });
});

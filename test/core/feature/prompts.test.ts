import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAgentRole } from '../../../src/core/agent-role.ts';
import { RETRY_STRATEGIES } from '../../../src/core/config/retry-config.ts';
import { checkHandoff } from '../../../src/core/feature/handoff.ts';
import { FEATURE_STAGES, type FeatureStage } from '../../../src/core/feature/paths.ts';
import { placeholdersOf, quoteContent, renderPrompt } from '../../../src/core/feature/prompt.ts';
import {
  PROMPT_VALUE_NAMES,
  type PromptValues,
  promptValues,
} from '../../../src/core/feature/prompt-values.ts';
import { CONTRACT_RULES } from '../../../src/core/feature/rules.ts';
import { checkSpecification } from '../../../src/core/feature/specification.ts';
import { DEFAULT_STACK } from '../../../src/core/feature/stack.ts';
import { promptFor } from '../../../src/core/feature/stage-prompt.ts';

const read = (path: string): string => readFileSync(`.blueprint/${path}`, 'utf8');
const guardrails = read('templates/guardrails.md');

function valuesFor(stage: FeatureStage, brief = 'greet people'): PromptValues {
  return promptValues({
    stage,
    slug: 'greeting',
    featureId: '3f0d6f3e-3d55-4c3e-9d6f-0a6b3c1c2b11',
    briefPath: 'brief.md',
    brief,
    withStories: true,
    stack: DEFAULT_STACK,
    guardrails,
    today: '2026-01-02',
  });
}

function promptOf(
  name: string,
  stage: FeatureStage,
  more: Partial<Parameters<typeof promptFor>[0]> = {},
): string {
  const prompt = promptFor({
    template: read(`prompts/${name}.md`),
    values: valuesFor(stage),
    findings: [],
    ...more,
  });
  if (!prompt.ok) throw new Error(prompt.error.message);
  return prompt.value;
}

/** Prompts of YAML pipelines, which are filled with other values. */
const PIPELINES = ['stage', 'audit', 'undo'];
const shipped = readdirSync('.blueprint/prompts')
  .map((file) => file.replace(/\.md$/, ''))
  .filter((name) => !PIPELINES.includes(name));

describe('the shipped prompts', () => {
  it('are one for each stage, one for ratings and one for repairs', () => {
    expect(shipped.sort()).toEqual([...FEATURE_STAGES, 'repair', 'review'].sort());
  });

  it.each(shipped)('%s is filled completely', (name) => {
    expect(placeholdersOf(promptOf(name, 'nigel'))).toEqual([]);
  });

  it.each(FEATURE_STAGES)('%s names every rule that is checked after it', (stage) => {
    const prompt = promptOf(stage, stage);
    for (const [rule, words] of Object.entries(CONTRACT_RULES[stage])) {
      expect(prompt).toContain(rule);
      expect(prompt).toContain(words);
    }
  });

  it.each(shipped)('%s says how to ask, how to answer and what is only material', (name) => {
    const prompt = promptOf(name, 'alex');
    expect(prompt).toContain('MURMUR8_ANSWER');
    expect(prompt).toContain('{"question": {"text":');
    expect(prompt).toContain('is material');
  });

  it('use every value that is offered', () => {
    const used = new Set(shipped.flatMap((name) => placeholdersOf(read(`prompts/${name}.md`))));
    expect(PROMPT_VALUE_NAMES.filter((name) => !used.has(name))).toEqual([]);
  });

  it.each(['alex', 'cass', 'nigel', 'codey'])('come with the role %s', (name) => {
    const role = parseAgentRole(read(`agents/${name}.md`), { name, file: name });
    expect(role).toMatchObject({
      ok: true,
      value: { name, maxTurns: expect.any(Number), timeoutMs: expect.any(Number) },
    });
  });

  it('come with templates that a stage cannot pass by copying them', () => {
    const check = { file: 'x', featureId: 'id', withStories: true };
    const findings = checkSpecification({ ...check, text: read('templates/FEATURE_SPEC.md') });
    // Only the change log, whose table has a header of its own, counts as filled.
    expect(findings.filter(({ rule }) => rule === 'spec-section')).toHaveLength(11);
    expect(
      checkHandoff({ file: 'x', text: read('templates/handoff.md'), slug: 's', next: ['Cass'] }).length,
    ).toBeGreaterThan(3);
  });
});

describe('a prompt', () => {
  it('refuses placeholders that nothing fills, all at once', () => {
    const result = renderPrompt('{{slug}} {{nope}} {{ other }}', { slug: 'x' });
    expect(result).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/\{\{nope\}\}.*\{\{other\}\}/) },
    });
  });

  it('treats values as data, also when they look like placeholders or replacement patterns', () => {
    expect(renderPrompt('{{a}}-{{b}}', { a: '{{b}} $& $1', b: 'x' })).toEqual({
      ok: true,
      value: '{{b}} $& $1-x',
    });
    expect(renderPrompt('{{constructor}}', {})).toMatchObject({ ok: false });
  });

  it('quotes content so that the content cannot end its own quotation', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('QUOTED>>>', 'QUOTED-2>>>', 'QUOTED'),
        fc.string(),
        (before, mark, after) => {
          const quoted = quoteContent('x', `${before}\n${mark}\n${after}`);
          const end = quoted.slice(quoted.lastIndexOf('\n') + 1);
          expect(quoted.indexOf(end)).toBe(quoted.length - end.length);
        },
      ),
    );
  });

  it('puts findings back as material, with file and line', () => {
    const prompt = promptOf('alex', 'alex', { findings: ['FEATURE_SPEC.md:3: mend me'] });
    expect(prompt).toContain('- FEATURE_SPEC.md:3: mend me');
  });

  it.each(RETRY_STRATEGIES)('changes under %s, and its contract and rules do not', (strategy) => {
    const findings = ['x: a finding'];
    const material = [{ label: 'FEATURE_SPEC.md', text: 'the text' }];
    const plain = promptOf('cass', 'cass', { findings });
    const changed = promptOf('cass', 'cass', { findings, strategy, material });
    expect(changed).not.toBe(plain);
    for (const kept of [
      valuesFor('cass').contract,
      guardrails.trim(),
      'a finding',
      'What you leave behind',
    ]) {
      expect(changed).toContain(kept);
    }
  });

  it('adds the material with add-context and drops advice with simplify-prompt', () => {
    const material = [{ label: 'FEATURE_SPEC.md', text: 'the text' }];
    expect(promptOf('cass', 'cass', { strategy: 'add-context', material })).toContain(
      'FEATURE_SPEC.md: material to work with',
    );
    expect(promptOf('cass', 'cass', { strategy: 'simplify-prompt' })).not.toContain('## Advice');
  });

  it('never takes a heading of the brief for one of its own', () => {
    const values = valuesFor('alex', '# X\n## Background\nkeep me\n```\n## Contract');
    const prompt = promptOf('alex', 'alex', { values, strategy: 'simplify-prompt' });
    expect(prompt).toContain('keep me');
    expect(prompt).toContain(values.contract);
    expect(prompt).not.toContain('none of whom sees');
  });
});

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { pipelineJsonSchema } from '../../../src/core/pipeline/json-schema.ts';
import { pipelineSchema } from '../../../src/core/run/definition-schema.ts';
import { matches } from './match-schema.ts';
import { accepted } from './reading.ts';

const schema = pipelineJsonSchema();

const some = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const oneOrMore = (one: fc.Arbitrary<string>) =>
  fc.oneof(one, fc.uniqueArray(one, { minLength: 1, maxLength: 3 }));
const duration = fc.constantFrom('1s', '90s', '1h30m', '2d');
const text = fc.constantFrom('x', 'say "${target}"', 'with ${run.id} and $${HOME}', 'a: b # c', 'è\n- f');
const tool = some(fc.constantFrom('kubectl', 'texture-packer'));
const count = fc.integer({ min: 1, max: 1000 });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const word = fc.constantFrom('A', 'IDENTITY_RESCUE', 'b_2', 'Palette');

const limits = fc.record({
  retry_rate: some(share),
  reject_rate: some(share),
  after_frames: some(count),
  consecutive_fails: some(count),
  max_attempts: some(count),
  max_cost_usd: some(fc.constantFrom(0.5, 20)),
  max_tokens: some(count),
  max_duration: some(duration),
  stall_timeout: some(duration),
  quota_wait: some(fc.constantFrom('0s', '2h')),
});

const agentWork = { agent: fc.constant('critic'), task: some(text), model: some(fc.constant('big')) };

const audit = fc.oneof(
  text,
  fc.record({ run: text, timeout: some(duration) }),
  fc.record({ ...agentWork, timeout: some(duration) }),
);

const strategies = fc.uniqueArray(fc.record({ name: word, task: some(text), short: fc.boolean() }), {
  selector: ({ name }) => name,
  minLength: 1,
  maxLength: 4,
});

const retry = fc
  .record({ max: fc.integer({ min: 1, max: 5 }), delay: some(fc.constant('5s')), named: some(strategies) })
  .map(({ named, ...rest }) => ({
    ...rest,
    strategies: named?.map(({ short, ...one }) => (short ? one.name : one)),
  }));

const stage = fc
  .record({
    work: fc.oneof(fc.record({ run: text }), fc.record(agentWork)),
    foreach: some(oneOrMore(fc.constantFrom('a.json', 'b', '${target}'))),
    max_parallel: some(count),
    audit: some(audit),
    limits: some(limits),
    frames: some(limits),
    retry: some(retry),
    dependency: tool,
  })
  .map(({ work, max_parallel, frames, ...rest }) => ({
    ...work,
    ...rest,
    ...(rest.foreach === undefined ? {} : { max_parallel }),
    ...(rest.limits === undefined ? { frames } : {}),
  }));

const exported = fc.record({
  location: fc.constantFrom('dist', 'runs/${run.id}/export/', './${target}/x'),
  run: some(text),
  files: some(oneOrMore(fc.constantFrom('*.png', 'sub/{a,b}.json', '**'))),
  validate: some(text),
  timeout: some(duration),
  dependency: tool,
});

const file = fc
  .record({
    stages: fc.array(stage, { minLength: 1, maxLength: 4 }),
    limits: some(limits),
    max_parallel: some(count),
    export: some(exported),
  })
  .map(({ stages, ...rest }) => ({
    name: 'p',
    variables: { target: 'eu' },
    ...rest,
    stages: stages.map((one, index) => ({ name: `s${index}`, ...one })),
  }));

describe('the normal form', () => {
  test('of any file is what a run can keep, and such a file holds the published schema', async () => {
    await fc.assert(
      fc.asyncProperty(file, async (authored) => {
        // JSON is YAML; what is undefined is left out of it.
        const written = JSON.stringify(authored);
        const pipeline = await accepted(written);
        expect(pipelineSchema.parse(JSON.parse(JSON.stringify(pipeline)))).toEqual(pipeline);
        expect(matches(schema, load(written), schema)).toBe(true);
        for (const [index, one] of authored.stages.entries()) {
          const read = pipeline.stages[index];
          expect(read?.audit === undefined).toBe(one.audit === undefined);
          expect(read?.limits === undefined).toBe(one.limits === undefined && one.frames === undefined);
          expect(read?.retry?.strategies?.length).toBe(one.retry?.strategies?.length);
          expect(read?.maxParallel).toBe('max_parallel' in one ? one.max_parallel : undefined);
        }
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    '.blueprint/pipelines/implement-feature.yaml',
    'examples/pipelines/deploy.yaml',
    'examples/pipelines/docs.yaml',
    'examples/pipelines/feature-complete.yaml',
    'examples/pipelines/greet.yaml',
    'examples/sprite-atlas/sprite-atlas.yaml',
  ])('of %s, which ships, is what a run can keep', async (path) => {
    const written = readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');
    const pipeline = await accepted(written);
    expect(pipelineSchema.parse(pipeline)).toEqual(pipeline);
    expect(matches(schema, load(written), schema)).toBe(true);
  });
});

import * as z from 'zod';
import { readAllCriteria } from './contract.ts';
import { readFeatureId } from './feature-id.ts';
import { featurePaths, storyPaths } from './paths.ts';
import { parsePlan } from './plan.ts';
import { parseStory } from './story.ts';
import { criteriaOf, mappedTestIds, parseTestSpecification, pendingTestIds } from './test-specification.ts';

const resultSchema = z.enum(['passed', 'failed', 'pending', 'skipped', 'unknown']);

const tracedTestSchema = z.object({
  id: z.string(),
  result: resultSchema,
  steps: z.array(z.int()),
});

/** Which story led to which criterion, test, result, step of the plan and file. */
export const traceSchema = z.object({
  slug: z.string(),
  featureId: z.string().nullable(),
  criteria: z.array(
    z.object({
      /** `story-login`, or `FEATURE_SPEC` where the feature has no stories. */
      source: z.string(),
      storyTitle: z.string().nullable(),
      id: z.string(),
      title: z.string(),
      tests: z.array(tracedTestSchema),
    }),
  ),
  steps: z.array(
    z.object({
      number: z.int(),
      path: z.string(),
      action: z.enum(['CREATE', 'MODIFY']),
      what: z.string(),
      tests: z.array(z.string()),
      /** Whether the file is there now. */
      exists: z.boolean(),
    }),
  ),
  /** Where the chain is broken, one sentence each. */
  gaps: z.array(z.string()),
});

export type Trace = z.infer<typeof traceSchema>;
export type TracedResult = z.infer<typeof resultSchema>;

export interface TraceInput {
  readonly slug: string;
  /** Relative path to text: the feature's directory and nigel's artefacts. */
  readonly files: ReadonlyMap<string, string>;
  /** Last known result by test id; a test that is missing here is unknown, or pending where declared. */
  readonly results: ReadonlyMap<string, TracedResult>;
  readonly exists: (path: string) => boolean;
}

export function buildTrace({ slug, files, results, exists }: TraceInput): Trace {
  const paths = featurePaths(slug);
  const stories = storyPaths(files.keys(), slug);
  const mapping = parseTestSpecification(files.get(paths.testSpecification) ?? '');
  const pending = new Set(pendingTestIds(mapping));
  const steps = parsePlan(files.get(paths.plan) ?? '').steps;
  const all = readAllCriteria({ slug, withStories: stories.length > 0, files });
  const titles = new Map(
    stories.map((path) => [
      path.slice(paths.directory.length + 1, -3),
      parseStory(files.get(path) ?? '').title,
    ]),
  );
  const criteria = all.map((criterion) => {
    const lines = mapping.filter(
      (line) =>
        line.criteria.includes(criterion.id) && criteriaOf(line, criterion.id, all).includes(criterion),
    );
    const ids = [...new Set(lines.flatMap((line) => line.tests))];
    return {
      source: criterion.source,
      storyTitle: titles.get(criterion.source) ?? null,
      id: criterion.id,
      title: criterion.title,
      tests: ids.map((id) => ({
        id,
        result: results.get(id) ?? (pending.has(id) ? 'pending' : 'unknown'),
        steps: steps.filter((step) => step.tests.includes(id)).map((step) => step.number),
      })),
    };
  });
  const tracedSteps = steps.map(({ number, path, action, what, tests }) => ({
    number,
    path,
    action,
    what,
    tests: [...tests],
    exists: exists(path),
  }));
  const specification = files.get(paths.specification);
  const partial = {
    slug,
    featureId: specification === undefined ? null : (readFeatureId(specification) ?? null),
    criteria,
    steps: tracedSteps,
  };
  return { ...partial, gaps: gapsOf(partial, mappedTestIds(mapping)) };
}

function gapsOf({ criteria, steps }: Omit<Trace, 'gaps'>, testIds: readonly string[]): string[] {
  const traced = new Set(criteria.flatMap((criterion) => criterion.tests.map((test) => test.id)));
  const covered = new Set(steps.flatMap((step) => step.tests));
  return [
    ...criteria
      .filter((criterion) => criterion.tests.length === 0)
      .map((criterion) => `${criterion.source} ${criterion.id} has no test`),
    ...testIds.filter((id) => !traced.has(id)).map((id) => `${id} tests no criterion that exists`),
    ...(steps.length === 0
      ? []
      : testIds.filter((id) => !covered.has(id)).map((id) => `${id} is covered by no step`)),
    ...steps
      .filter((step) => !step.exists)
      .map((step) => `step ${step.number} names ${step.path}, which is not there`),
  ];
}

/** The trace for a terminal: story, criterion, test with its result, then the steps and their files. */
export function formatTrace(trace: Trace): string {
  const paths = new Map(trace.steps.map((step) => [step.number, step.path]));
  const lines = [`feature ${trace.slug}${trace.featureId === null ? '' : ` (${trace.featureId})`}`];
  let source: string | undefined;
  for (const criterion of trace.criteria) {
    if (criterion.source !== source) {
      source = criterion.source;
      lines.push('', `${source}${criterion.storyTitle === null ? '' : `: ${criterion.storyTitle}`}`);
    }
    lines.push(`  ${criterion.id}${criterion.title === '' ? '' : ` ${criterion.title}`}`);
    if (criterion.tests.length === 0) lines.push('    no test');
    for (const test of criterion.tests) {
      const steps = test.steps.map((number) => `step ${number} ${paths.get(number) ?? ''}`.trimEnd());
      lines.push(`    ${test.id} ${test.result}${steps.length === 0 ? '' : ` ← ${steps.join(', ')}`}`);
    }
  }
  if (trace.criteria.length === 0) lines.push('', 'no criteria yet');
  if (trace.gaps.length > 0) lines.push('', 'gaps:', ...trace.gaps.map((gap) => `  - ${gap}`));
  return `${lines.join('\n')}\n`;
}

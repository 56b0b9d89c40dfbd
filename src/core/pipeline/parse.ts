import { load, YAMLException } from 'js-yaml';
import * as z from 'zod';
import type { Problem } from '../problem.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Pipeline, Stage } from './definition.ts';
import { parseDuration } from './duration.ts';

const DEFAULT_TIMEOUT_MS = 30 * 60_000;
const DEFAULT_RETRIES = 2;
const DEFAULT_REPAIRS = 2;

const name = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    'a name begins with a letter or digit and holds only a-z, 0-9, ".", "_" and "-"',
  );
const names = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms === undefined)
    context.addIssue({ code: 'custom', message: `"${text}" is no duration; write 90s, 30m, 1h30m or 2d` });
  return ms ?? 0;
});

const stageSchema = z.strictObject({
  name,
  agent: z.string().optional(),
  task: z.string().optional(),
  run: z.string().optional(),
  model: z.string().optional(),
  timeout: duration.optional(),
  retries: z.int().min(0).max(100).optional(),
  on_failure: z.enum(['halt', 'continue']).optional(),
  depends_on: names.optional(),
  contract: z.string().optional(),
  foreach: z.string().optional(),
  reviews: names.optional(),
  when: z.strictObject({ variable: z.record(z.string(), z.string()) }).optional(),
});

const pipelineSchema = z.strictObject({
  name,
  description: z.string().optional(),
  version: z.int().optional(),
  variables: z.record(z.string(), z.string()).optional(),
  max_parallel: z.int().min(1).optional(),
  stages: z.array(stageSchema).min(1),
  closing: z.enum(['commit', 'none']).optional(),
});

/**
 * Reads a pipeline's definition. A stage without `depends_on` waits for the one before it (spec: pipelines 2). Unknown
 * keys, unknown references, duplicate names and cycles are problems; `file` stands in them.
 */
export function parsePipeline(text: string, file: string): Result<Pipeline> {
  let document: unknown;
  try {
    document = load(text);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    return fail({
      code: 'SYS_MANIFEST_INVALID',
      message: `is not valid YAML: ${error.reason}`,
      file,
      line: (error.mark?.line ?? 0) + 1,
      column: (error.mark?.column ?? 0) + 1,
    });
  }
  const parsed = pipelineSchema.safeParse(document);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      (issue) => `${issue.path.join('.') || 'the document'}: ${issue.message}`,
    );
    return fail(invalid(file, lines.join('; ')));
  }
  const pipeline = normalise(parsed.data);
  const wrong = [
    ...duplicates(pipeline),
    ...unknownReferences(pipeline),
    ...earlyReviews(pipeline),
    ...cycles(pipeline),
  ];
  return wrong.length > 0 ? fail(invalid(file, wrong.join('; '))) : ok(pipeline);
}

function normalise(parsed: z.output<typeof pipelineSchema>): Pipeline {
  return {
    name: parsed.name,
    description: parsed.description ?? '',
    variables: parsed.variables ?? {},
    maxParallel: parsed.max_parallel ?? 4,
    limits: {},
    stages: parsed.stages.map((stage, index) => normaliseStage(stage, parsed.stages[index - 1]?.name)),
    closing: parsed.closing ?? 'none',
  };
}

function normaliseStage(stage: z.output<typeof stageSchema>, before: string | undefined): Stage {
  const work =
    stage.run === undefined
      ? {
          kind: 'agent' as const,
          agent: stage.agent ?? stage.name,
          ...(stage.task === undefined ? {} : { task: stage.task }),
          ...(stage.model === undefined ? {} : { model: stage.model }),
        }
      : { kind: 'command' as const, run: stage.run };
  return {
    name: stage.name,
    needs: stage.depends_on ?? (before === undefined ? [] : [before]),
    work,
    timeoutMs: stage.timeout ?? DEFAULT_TIMEOUT_MS,
    retries: stage.retries ?? DEFAULT_RETRIES,
    repairs: DEFAULT_REPAIRS,
    onFailure: stage.on_failure ?? 'halt',
    ...(stage.contract === undefined ? {} : { contract: stage.contract }),
    ...(stage.foreach === undefined ? {} : { foreach: stage.foreach }),
    ...(stage.reviews === undefined ? {} : { reviews: stage.reviews }),
    ...(stage.when === undefined ? {} : { when: stage.when }),
  };
}

function duplicates(pipeline: Pipeline): string[] {
  const seen = new Set<string>();
  return pipeline.stages.flatMap(({ name: stage }) => {
    if (seen.has(stage)) return [`two stages are named ${stage}`];
    seen.add(stage);
    return [];
  });
}

function unknownReferences(pipeline: Pipeline): string[] {
  const known = new Set(pipeline.stages.map((stage) => stage.name));
  return pipeline.stages.flatMap((stage) =>
    [...stage.needs, ...(stage.reviews ?? [])]
      .filter((reference) => !known.has(reference))
      .map((reference) => `${stage.name} names ${reference}, which is no stage`),
  );
}

/** What a stage rates has to be finished before it starts, and must not be passed by when it is sent back. */
function earlyReviews(pipeline: Pipeline): string[] {
  return pipeline.stages.flatMap((stage) =>
    (stage.reviews ?? [])
      .filter((about) => !stage.needs.includes(about))
      .map((about) => `${stage.name} reviews ${about} and has to name it in depends_on as well`),
  );
}

/** Stages that can never start, found by taking away whatever can; O(stages + edges), no recursion. */
function cycles(pipeline: Pipeline): string[] {
  const left = new Map(pipeline.stages.map((stage) => [stage.name, new Set(stage.needs).size]));
  const dependents = new Map<string, string[]>();
  for (const stage of pipeline.stages) {
    for (const need of new Set(stage.needs))
      dependents.set(need, [...(dependents.get(need) ?? []), stage.name]);
  }
  const free = [...left].filter(([, count]) => count === 0).map(([stage]) => stage);
  for (let stage = free.pop(); stage !== undefined; stage = free.pop()) {
    left.delete(stage);
    for (const dependent of dependents.get(stage) ?? []) {
      const count = (left.get(dependent) ?? 1) - 1;
      left.set(dependent, count);
      if (count === 0) free.push(dependent);
    }
  }
  return left.size === 0 ? [] : [`these stages wait for each other: ${[...left.keys()].join(', ')}`];
}

function invalid(file: string, message: string): Problem {
  return {
    code: 'SYS_MANIFEST_INVALID',
    message,
    file,
    hint: 'correct the file, then run the same command again',
  };
}

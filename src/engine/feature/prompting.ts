import { RETRY_STRATEGIES } from '../../core/config/retry-config.ts';
import type { AttemptWork, Work } from '../../core/decide/decision.ts';
import { type FeatureStage, featurePaths, isFeatureStage } from '../../core/feature/paths.ts';
import { SYSTEM_SPECIFICATION } from '../../core/feature/permission.ts';
import { parsePlan } from '../../core/feature/plan.ts';
import { quoteContent } from '../../core/feature/prompt.ts';
import { type PromptValues, promptValues } from '../../core/feature/prompt-values.ts';
import { promptFor, type StrategyContext } from '../../core/feature/stage-prompt.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import { featureOf, hasStories, testFilesOf } from './evidence.ts';
import { systemSpecificationTask } from './system-specification.ts';
import type { FeatureWorld } from './world.ts';

const MAX_BRIEF_BYTES = 1 << 20;

/** The whole prompt of one attempt: the stage's template, findings, what the strategy changes, an answered question. */
export async function promptForAttempt(
  world: FeatureWorld,
  state: RunState,
  work: AttemptWork,
): Promise<Result<string>> {
  // A session that goes on knows its task: it is told only what to mend.
  const mends =
    work.sessionId !== undefined && work.findings.length > 0 && work.strategy !== 'rollback-to-checkpoint';
  const template = await world.prompt(mends ? 'repair' : work.stage);
  if (!template.ok) return template;
  const values = await valuesFor(world, state, stageOf(work.stage), work.frame);
  if (!values.ok) return values;
  const strategy = RETRY_STRATEGIES.find((name) => name === work.strategy);
  const prompt = promptFor({
    template: template.value,
    values: values.value,
    findings: work.findings,
    material: await materialFor(world, state, work),
    ...(strategy === undefined ? {} : { strategy }),
  });
  if (!prompt.ok) return prompt;
  const whole = `${prompt.value}${mends ? '' : systemSpecificationTask(state, work.stage)}`;
  if (work.question === undefined) return ok(whole);
  const answered = `${quoteContent('your question', work.question)}\n\n${quoteContent('the answer', work.answer ?? '')}`;
  return ok(
    `${whole}\n## Your question was answered\n\n${answered}\n\nGo on with the work; ask again only if you cannot.\n`,
  );
}

/** The prompt of a rating: the next agent looks at what it received, and only at that. */
export async function promptForReview(
  world: FeatureWorld,
  state: RunState,
  work: Extract<Work, { kind: 'review' }>,
): Promise<Result<string>> {
  const template = await world.prompt('review');
  if (!template.ok) return template;
  const values = await valuesFor(world, state, stageOf(work.about), 0);
  if (!values.ok) return values;
  return promptFor({ template: template.value, values: values.value, findings: [] });
}

async function valuesFor(
  world: FeatureWorld,
  state: RunState,
  stage: FeatureStage,
  frame: number,
): Promise<Result<PromptValues>> {
  const feature = featureOf(state);
  const brief = await world.files.read(feature.briefPath, MAX_BRIEF_BYTES);
  if (!brief.ok) return brief;
  const plan = await world.files.read(featurePaths(feature.slug).plan);
  if (!plan.ok) return plan;
  const step = stage === 'codey-implement' ? parsePlan(plan.value ?? '').steps[frame] : undefined;
  return ok(
    promptValues({
      stage,
      slug: feature.slug,
      featureId: feature.featureId,
      briefPath: feature.briefPath,
      brief: brief.value ?? '',
      withStories: hasStories(state),
      stack: world.stack,
      guardrails: world.guardrails,
      ...((await world.files.exists(SYSTEM_SPECIFICATION))
        ? { systemSpecificationPath: SYSTEM_SPECIFICATION }
        : {}),
      today: new Date(world.clock.now()).toISOString().slice(0, 10),
      ...(step === undefined ? {} : { step }),
    }),
  );
}

/** For `add-context`: the files that the findings are about, as the agent left them. */
async function materialFor(
  world: FeatureWorld,
  state: RunState,
  work: AttemptWork,
): Promise<StrategyContext['material']> {
  if (work.strategy !== 'add-context') return [];
  const paths = featurePaths(featureOf(state).slug);
  const candidates = [paths.specification, paths.testSpecification, paths.plan, ...testFilesOf(world, state)];
  const named = candidates.filter((path) => work.findings.some((finding) => finding.includes(path)));
  const material: { label: string; text: string }[] = [];
  for (const path of named.slice(0, 3)) {
    const read = await world.files.read(path);
    if (read.ok && read.value !== undefined) material.push({ label: path, text: read.value });
  }
  return material;
}

function stageOf(name: string): FeatureStage {
  if (!isFeatureStage(name)) throw new Error(`${name} is not a stage of the feature pipeline`);
  return name;
}

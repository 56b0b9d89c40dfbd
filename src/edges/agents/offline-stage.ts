import { mergeWithDefaults } from '../../core/config/merge.ts';
import { stackConfigSchema } from '../../core/config/stack-config.ts';
import { checkStage } from '../../core/feature/contract.ts';
import type { Feedback } from '../../core/feature/feedback.ts';
import { moduleFiles, planFiles } from '../../core/feature/offline/code.ts';
import { type Derivation, derive } from '../../core/feature/offline/derivation.ts';
import { dialectFor, moduleCandidates } from '../../core/feature/offline/dialect.ts';
import { type DerivedFiles, specificationFiles, storyFiles } from '../../core/feature/offline/documents.ts';
import { isDerived } from '../../core/feature/offline/mark.ts';
import { rateReceived } from '../../core/feature/offline/review.ts';
import { moduleUnderTest, testFiles } from '../../core/feature/offline/tests.ts';
import { FEATURE_STAGES, type FeatureStage, featurePaths } from '../../core/feature/paths.ts';
import { parsePlan } from '../../core/feature/plan.ts';
import { type Stack, testFileFor } from '../../core/feature/stack.ts';
import { detectStack } from '../../core/feature/stack-detection.ts';
import { ok, type Result } from '../../core/result.ts';
import type { AgentJob } from '../../engine/ports.ts';
import type { OfflineWorkspace } from './offline-workspace.ts';

/** The files of one stage, derived from the brief and from what earlier stages left. */
export function deriveStage(
  stage: FeatureStage,
  job: AgentJob,
  workspace: OfflineWorkspace,
  today: string,
): Result<DerivedFiles> {
  const derivation = deriveBrief(job, workspace);
  if (!derivation.ok) return derivation;
  switch (stage) {
    case 'alex':
      return ok(specificationFiles(derivation.value, today));
    case 'cass':
      return ok(storyFiles(derivation.value));
    case 'nigel':
      return deriveTests(derivation.value, workspace);
    case 'codey-plan':
      return derivePlan(derivation.value, workspace);
    case 'codey-implement':
      return deriveCode(derivation.value, workspace, job.step);
  }
}

/** The rating of the work that the stage before left. */
export function rateForStage(job: AgentJob, workspace: OfflineWorkspace): Result<Feedback> {
  const derivation = deriveBrief(job, workspace);
  if (!derivation.ok) return derivation;
  const before = stageBefore(job);
  if (before === undefined) return ok(rateReceived([], derivation.value));
  const stack = readStack(workspace);
  const files = readFeatureFiles(job, workspace, testFileFor(stack, job.slug));
  const planned = parsePlan(files.get(featurePaths(job.slug).plan) ?? '').steps.map((step) => step.path);
  const projectPaths = new Set(planned.filter((path) => isThere(workspace, path)));
  const { slug, featureId, withStories } = job;
  const findings = checkStage(before, { slug, featureId, withStories, files, projectPaths });
  return ok(rateReceived(findings, derivation.value));
}

function stageBefore(job: AgentJob): FeatureStage | undefined {
  const stages = FEATURE_STAGES.filter((stage) => job.withStories || stage !== 'cass');
  const index = (stages as readonly string[]).indexOf(job.stage);
  return index > 0 ? stages[index - 1] : undefined;
}

function deriveBrief(job: AgentJob, workspace: OfflineWorkspace): Result<Derivation> {
  const brief = workspace.read(job.briefPath);
  if (!brief.ok) return brief;
  const { slug, featureId, briefPath, withStories } = job;
  return ok(derive({ slug, featureId, briefPath, withStories, text: brief.value ?? '' }));
}

function deriveTests(derivation: Derivation, workspace: OfflineWorkspace): Result<DerivedFiles> {
  const { slug } = derivation;
  const stack = readStack(workspace);
  const dialect = dialectFor(stack, slug, packageType(workspace));
  if (!dialect.ok) return dialect;
  const testFile = testFileFor(stack, slug);
  const candidates = moduleCandidates(testFile, slug, dialect.value.typed);
  const free = candidates.find((path) => {
    const text = workspace.read(path);
    return text.ok && isDerived(text.value);
  });
  const moduleFile = free ?? candidates[candidates.length - 1] ?? `src/${slug}.js`;
  return ok(testFiles(derivation, { testFile, moduleFile, dialect: dialect.value }));
}

function derivePlan(derivation: Derivation, workspace: OfflineWorkspace): Result<DerivedFiles> {
  const moduleFile = moduleOf(derivation, workspace);
  if (!moduleFile.ok) return moduleFile;
  return ok(planFiles(derivation, moduleFile.value, isThere(workspace, moduleFile.value)));
}

function deriveCode(
  derivation: Derivation,
  workspace: OfflineWorkspace,
  step: number | undefined,
): Result<DerivedFiles> {
  const moduleFile = moduleOf(derivation, workspace);
  if (!moduleFile.ok) return moduleFile;
  const dialect = dialectFor(readStack(workspace), derivation.slug, packageType(workspace));
  if (!dialect.ok) return dialect;
  const plan = workspace.read(featurePaths(derivation.slug).plan);
  const planned = parsePlan(plan.ok ? (plan.value ?? '') : '').steps;
  const wanted = planned.find((candidate) => candidate.number === step);
  if (wanted !== undefined && wanted.path !== moduleFile.value) {
    return {
      ok: false,
      error: {
        code: 'offline-unsupported',
        message: `the offline runner can only write ${moduleFile.value}, and step ${wanted.number} of the plan asks for ${wanted.path}`,
        hint: 'choose a coding agent with --runner for a plan that a person or a model wrote',
      },
    };
  }
  return ok(moduleFiles(derivation, moduleFile.value, dialect.value));
}

function moduleOf(derivation: Derivation, workspace: OfflineWorkspace): Result<string> {
  const path = featurePaths(derivation.slug).testSpecification;
  const text = workspace.read(path);
  if (!text.ok) return text;
  const moduleFile = moduleUnderTest(text.value ?? '');
  if (moduleFile !== undefined) return ok(moduleFile);
  return {
    ok: false,
    error: {
      code: 'offline-unsupported',
      message:
        'the test specification was not written by the offline runner, so it names no module under test',
      file: path,
      hint: 'let the same runner do nigel and codey, or choose a coding agent with --runner',
    },
  };
}

/** The stack as it was recorded for this project, else as the project looks. */
function readStack(workspace: OfflineWorkspace): Stack {
  const recorded = workspace.read('.claude/stack-config.json');
  if (recorded.ok && recorded.value !== undefined) {
    const config = mergeWithDefaults(stackConfigSchema, parseJson(recorded.value));
    if (config.ok) return config.value;
  }
  return detectStack((path) => {
    const text = workspace.read(path);
    return text.ok ? text.value : undefined;
  }, workspace.names('.'));
}

function packageType(workspace: OfflineWorkspace): string | undefined {
  const text = workspace.read('package.json');
  const manifest = text.ok ? parseJson(text.value ?? '') : undefined;
  if (typeof manifest !== 'object' || manifest === null || !('type' in manifest)) return undefined;
  return typeof manifest.type === 'string' ? manifest.type : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

function readFeatureFiles(job: AgentJob, workspace: OfflineWorkspace, testFile: string): Map<string, string> {
  const { directory, artefacts } = featurePaths(job.slug);
  const paths = [directory, artefacts].flatMap((folder) =>
    workspace.names(folder).map((name) => `${folder}/${name}`),
  );
  const files = new Map<string, string>();
  for (const path of [...paths, testFile]) {
    const text = workspace.read(path);
    if (text.ok && text.value !== undefined) files.set(path, text.value);
  }
  return files;
}

function isThere(workspace: OfflineWorkspace, path: string): boolean {
  const text = workspace.read(path);
  return !text.ok || text.value !== undefined;
}

import type { ContractInput } from '../../core/feature/contract.ts';
import { checkStage } from '../../core/feature/contract.ts';
import { type Finding, formatFinding } from '../../core/feature/finding.ts';
import { featurePaths, isFeatureStage, testPaths } from '../../core/feature/paths.ts';
import { type PlanStep, parsePlan } from '../../core/feature/plan.ts';
import { routeStories } from '../../core/feature/routing.ts';
import { commandForTests } from '../../core/feature/test-command.ts';
import { type GreenJudgement, judgeGreen, judgeRed } from '../../core/feature/test-judgement.ts';
import { parseTestReport, type TestReport } from '../../core/feature/test-report.ts';
import {
  mappedTestIds,
  parseTestSpecification,
  pendingTestIds,
} from '../../core/feature/test-specification.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { gatherEvidence, testFilesOf } from './evidence.ts';
import { missingSystemSpecification } from './system-specification.ts';
import type { FeatureWorld } from './world.ts';

type Judged = Extract<RunEventBody, { type: 'attempt.judged' }>;
type Verdict = Omit<Judged, 'type' | 'stage' | 'frame' | 'attempt'>;

/** What is judged: one attempt at one frame. */
export interface JudgeWork {
  readonly stage: string;
  readonly frame: number;
  readonly attempt: number;
}

const TEST_TIMEOUT_MS = 15 * 60_000;

/** Holds what an attempt left behind against its stage's contract. The agent's own word counts for nothing. */
export async function judge(
  world: FeatureWorld,
  state: RunState,
  work: JudgeWork,
  signal: AbortSignal,
): Promise<Result<readonly RunEventBody[]>> {
  const frames = state.stages.get(work.stage)?.frames.length ?? 1;
  const evidence = await gatherEvidence(world, state, work.frame < frames - 1 ? work.frame : undefined);
  if (!evidence.ok) return evidence;
  const verdict = await verdictOn(world, state, work, evidence.value, signal);
  if (signal.aborted || verdict === undefined) return ok([]);
  return ok([
    { type: 'attempt.judged', stage: work.stage, frame: work.frame, attempt: work.attempt, ...verdict },
  ]);
}

async function verdictOn(
  world: FeatureWorld,
  state: RunState,
  work: JudgeWork,
  evidence: ContractInput,
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  if (!isFeatureStage(work.stage)) throw new Error(`no contract is known for stage ${work.stage}`);
  switch (work.stage) {
    case 'alex':
      return judgeSpecification(world, state, evidence);
    case 'nigel':
      return judgeTests(world, state, evidence, work, signal);
    case 'codey-implement':
      return judgeStep(world, state, evidence, work, signal);
    default: {
      const findings = checkStage(work.stage, evidence);
      return findings.length > 0 ? rejected('OUTPUT_INVALID', findings) : approved();
    }
  }
}

async function judgeSpecification(
  world: FeatureWorld,
  state: RunState,
  evidence: ContractInput,
): Promise<Verdict> {
  const path = featurePaths(evidence.slug).specification;
  const text = evidence.files.get(path) ?? '';
  const route = routeStories(text);
  const asked = state.created.variables['stories'];
  const withStories = asked === undefined ? route.withStories : asked === 'yes';
  const outputs = { stories: route.withStories ? 'yes' : 'no', stories_reason: route.reason };
  const findings = checkStage('alex', { ...evidence, withStories });
  const missing = await missingSystemSpecification(world, state, 'alex');
  if (findings.length > 0 || missing !== undefined) {
    const verdict = rejected('OUTPUT_INVALID', findings);
    return {
      ...verdict,
      findings: [...(missing === undefined ? [] : [missing]), ...verdict.findings],
      outputs,
    };
  }
  if (state.settings.interactive && world.person.present) {
    const wish = await world.person.revision(path, text);
    if (wish !== undefined) return { verdict: 'rejected', code: 'REVISION_ASKED', findings: [wish] };
  }
  return approved(outputs);
}

/** The tests must be there, be complete, and be red before the code exists. */
async function judgeTests(
  world: FeatureWorld,
  state: RunState,
  evidence: ContractInput,
  work: JudgeWork,
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  const files = await nigelsFiles(world, state);
  const complete = await withFiles(world, evidence, files);
  const incomplete = checkStage('nigel', complete);
  if (incomplete.length > 0) return rejected('OUTPUT_INVALID', incomplete);
  const mapping = parseTestSpecification(
    complete.files.get(featurePaths(evidence.slug).testSpecification) ?? '',
  );
  const testIds = mappedTestIds(mapping);
  const report = await runTests(world, state, work, files, { judged: testIds, selected: testIds }, signal);
  if (report === undefined) return undefined;
  const input = { report, testIds, pendingIds: pendingTestIds(mapping), ...fileOf(files) };
  const strict = judgeRed(input);
  const isAnew = strict.alreadyGreen.length > 0 && (await wasPlannedBefore(world, state, evidence.slug));
  const { findings, alreadyGreen } = isAnew ? judgeRed({ ...input, greenIsAllowed: true }) : strict;
  if (findings.length > 0) return rejected('OUTPUT_INVALID', findings);
  return approved({
    ...(isAnew ? { already_green: alreadyGreen.join(', ') } : {}),
    test_files: JSON.stringify(files),
    test_ids: JSON.stringify(testIds),
  });
}

/** A feature that is done anew stands on code that is there: its tests may be green from the start, and are named. */
async function wasPlannedBefore(world: FeatureWorld, state: RunState, slug: string): Promise<boolean> {
  const { base } = state.created;
  if (base === undefined) return false;
  const plan = await world.repository.show(base, featurePaths(slug).plan);
  return plan.ok && plan.value !== undefined;
}

/** One step of the plan: its files are there, and the tests that it completes are green. */
async function judgeStep(
  world: FeatureWorld,
  state: RunState,
  evidence: ContractInput,
  work: JudgeWork,
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  const paths = featurePaths(evidence.slug);
  const { steps } = parsePlan(evidence.files.get(paths.plan) ?? '');
  const step = steps[work.frame];
  const last = work.frame >= steps.length - 1;
  const findings = checkStage(
    'codey-implement',
    step === undefined || last ? evidence : { ...evidence, step: step.number },
  );
  if (findings.length > 0) return rejected('OUTPUT_INVALID', findings);
  const mapping = parseTestSpecification(evidence.files.get(paths.testSpecification) ?? '');
  const testIds = last ? mappedTestIds(mapping) : completedBy(steps, work.frame);
  if (testIds.length === 0 && !last) return approved();
  const files = testFilesOf(world, state);
  const report = await runTests(
    world,
    state,
    work,
    files,
    { judged: testIds, selected: last ? [] : testIds },
    signal,
  );
  if (report === undefined) return undefined;
  const judgement = judgeGreen({ report, testIds, pendingIds: pendingTestIds(mapping), ...fileOf(files) });
  if (judgement.findings.length > 0) return rejected('TESTS_FAILED', judgement.findings);
  if (!last) return approved();
  const whole = await runWholeSuite(world, state, work, signal);
  if (whole === undefined) return undefined;
  if (whole !== '') return { verdict: 'rejected', code: 'TESTS_FAILED', findings: [whole] };
  return {
    ...approved({ test_results: JSON.stringify(resultsOf(judgement)) }),
    ...(judgement.pending.length === 0 ? {} : { pendingTests: [...judgement.pending] }),
  };
}

/** Tests whose last covering step is this one: earlier ones cannot be asked to pass them. */
function completedBy(steps: readonly PlanStep[], index: number): string[] {
  const later = new Set(steps.slice(index + 1).flatMap((step) => step.tests));
  return (steps[index]?.tests ?? []).filter((id) => !later.has(id));
}

async function runTests(
  world: FeatureWorld,
  state: RunState,
  work: JudgeWork,
  files: readonly string[],
  ids: { readonly judged: readonly string[]; readonly selected: readonly string[] },
  signal: AbortSignal,
): Promise<TestReport | undefined> {
  const commandLine = commandForTests(world.stack, { files, ids: ids.selected });
  const outcome = await runCommand(world, state, `${nameOf(work)}-tests`, commandLine, signal);
  if (signal.aborted) return undefined;
  return parseTestReport(
    world.stack.reporter,
    { stdout: outcome.stdout, stderr: outcome.stderr, exitCode: outcome.exitCode ?? null },
    ids.judged,
  );
}

/** Empty when the project's whole test command passes, else the finding. */
async function runWholeSuite(
  world: FeatureWorld,
  state: RunState,
  work: JudgeWork,
  signal: AbortSignal,
): Promise<string | undefined> {
  const outcome = await runCommand(world, state, `${nameOf(work)}-suite`, world.stack.testCommand, signal);
  if (signal.aborted) return undefined;
  if (outcome.outcome === 'ok') return '';
  const tail = `${outcome.stdout}\n${outcome.stderr}`.trim().slice(-1500);
  return `the project's whole test command (${world.stack.testCommand}) ${outcome.message ?? `ended with ${outcome.exitCode ?? 'a signal'}`}:\n${tail}`;
}

function runCommand(
  world: FeatureWorld,
  state: RunState,
  name: string,
  commandLine: string,
  signal: AbortSignal,
) {
  const places = world.places(state, name);
  return world.commands.run(
    {
      runId: state.executionId,
      commandLine,
      cwd: world.root,
      env: { CI: '1' },
      timeoutMs: TEST_TIMEOUT_MS,
      logFile: places.logFile,
      scratchDir: places.scratchDir,
    },
    signal,
  );
}

/** Test files that this run's nigel made or changed; the expected one counts also when it was there before. */
async function nigelsFiles(world: FeatureWorld, state: RunState): Promise<readonly string[]> {
  const expected = testFilesOf(world, state);
  // A first attempt whose owner died has no checkpoint in the journal.
  const before = state.stages.get('nigel')?.frames[0]?.attempts[0]?.checkpoint ?? state.created.base;
  if (before === undefined) return expected;
  const changes = await world.repository.changesSince(before);
  if (!changes.ok) return expected;
  const { slug } = state.created.feature ?? { slug: '' };
  const made = testPaths(
    changes.value.filter((change) => change.kind !== 'delete').map((change) => change.path),
    slug,
  );
  return made.length > 0 ? made : expected;
}

async function withFiles(
  world: FeatureWorld,
  evidence: ContractInput,
  paths: readonly string[],
): Promise<ContractInput> {
  const files = new Map(evidence.files);
  for (const path of paths) {
    const read = await world.files.read(path);
    if (read.ok && read.value !== undefined) files.set(path, read.value);
  }
  return { ...evidence, files };
}

function resultsOf(judgement: GreenJudgement): Record<string, string> {
  return Object.fromEntries([
    ...judgement.passed.map((id) => [id, 'passed']),
    ...judgement.pending.map((id) => [id, 'pending']),
    ...judgement.failing.map((test) => [test.id, 'failed']),
  ]);
}

function rejected(code: string, findings: readonly Finding[]): Verdict {
  return { verdict: 'rejected', code, findings: findings.map(formatFinding) };
}

function approved(outputs?: Record<string, string>): Verdict {
  return { verdict: 'approved', findings: [], ...(outputs === undefined ? {} : { outputs }) };
}

function nameOf(work: JudgeWork): string {
  return `${work.stage}/${work.frame}-${work.attempt}`;
}

function fileOf(files: readonly string[]): { file?: string } {
  return files[0] === undefined ? {} : { file: files[0] };
}

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { RunEvent } from '../../src/core/run/event.ts';
import type { RunDetailsDocument } from '../../src/interfaces/contract/run.ts';
import { brokenRule } from './check-run.ts';
import { type Ended, murmur8 } from './cli.ts';
import { brokenGateRule, repeatedRollback } from './gate-model.ts';
import { createGatedProject, type GatedProject } from './gated-project.ts';
import { NOTED_BEFORE_THE_GATE, NOTED_BEHIND_THE_GATE, TWENTY_STAGES } from './twenty-stages.ts';

const PRELOAD = fileURLToPath(new URL('./crash-at.cjs', import.meta.url));

/**
 * The processes that bring the pipeline of twenty stages from its start to its rollback, one after the other: the one
 * that starts it, two that vote, and the owner in the background that the second vote leaves behind.
 */
export const PHASES = ['run', 'first vote', 'second vote', 'owner'] as const;
export type Phase = (typeof PHASES)[number];

/** Variables for crash-at.cjs. */
type Rig = Readonly<Record<string, string>>;

/** One way in which a process of the run is disturbed, then everything is made good again. */
export interface DisturbedPipeline {
  /** How many changes of files each process makes when nothing disturbs it. */
  readonly changes: Readonly<Record<Phase, number>>;
  /** Kills the process of a phase at a change of a file, goes on as a person would, and holds the end against the undisturbed one. */
  kill(phase: Phase, point: number): Promise<void>;
  /**
   * Lets changes of files fail from one on, as a full or broken disk does (`times`: only so many), then does what the
   * program asks for. What could not be begun may have failed meanwhile; the run comes to the same end all the same.
   */
  fail(phase: Phase, point: number, code: string, times?: number): Promise<void>;
  remove(): void;
}

/** Makes the project, and one undisturbed run of it as the measure for all others. */
export async function createDisturbedPipeline(): Promise<DisturbedPipeline> {
  const project = createGatedProject();
  const shelf = mkdtempSync(join(tmpdir(), 'murmur8-shelf-'));
  const keep = (name: string): void => cpSync(project.root, join(shelf, name), { recursive: true });
  /** The project as it was before a phase. */
  const restore = (name: string): void => {
    rmSync(project.root, { recursive: true });
    cpSync(join(shelf, name), project.root, { recursive: true, preserveTimestamps: true });
  };
  await project.register(TWENTY_STAGES);
  const changes: Partial<Record<Phase, number>> = {};
  for (const phase of PHASES) {
    // The owner belongs to the second vote: both begin where the first vote ended.
    if (phase !== 'owner') keep(phase);
    else restore('second vote');
    const report = join(shelf, `${phase}.json`);
    const ended = await perform(project, phase, { MURMUR8_RIG_REPORT: report });
    expect(ended.code).toBe(phase === 'run' ? 3 : 0);
    await project.comesToRest();
    changes[phase] = (JSON.parse(readFileSync(report, 'utf8')) as { changes: number }).changes;
  }
  const measure = await outcomeOf(project, runOf(project));
  expect(measure.run).toMatchObject({ status: 'failed', reason_code: 'ROLLED_BACK' });
  expect(project.lines('ran').slice(0, -NOTED_BEHIND_THE_GATE.length).sort()).toEqual(NOTED_BEFORE_THE_GATE);
  expect(project.lines('ran').slice(-NOTED_BEHIND_THE_GATE.length)).toEqual(NOTED_BEHIND_THE_GATE);
  const prepare = async (phase: Phase, rig: Rig): Promise<Ended> => {
    await project.comesToRest();
    restore(phase === 'owner' ? 'second vote' : phase);
    const ended = await perform(project, phase, rig);
    await project.comesToRest();
    expect(ended.stderr).not.toContain('internal error');
    expect(ended.stderr).not.toMatch(/\n\s+at /);
    return ended;
  };
  return {
    changes: changes as Record<Phase, number>,
    async kill(phase, point) {
      const { code, signal } = await prepare(phase, { MURMUR8_RIG_CRASH_AT: String(point) });
      // Not killed: this time it had fewer changes to make.
      const usual = [phase === 'run' ? 3 : 0, null];
      expect([[code, signal]]).toEqual(phase === 'owner' || signal === null ? [usual] : [[null, 'SIGKILL']]);
      const before = finishedWork(project);
      const run = await goOn(project, phase);
      await project.comesToRest();
      expectNothingTwice(project, run, before);
      expect(await outcomeOf(project, run)).toEqual(measure);
      expect((await project.verified(run)).intact).toBe(true);
    },
    async fail(phase, point, code, times) {
      const ended = await prepare(phase, {
        MURMUR8_RIG_FAIL_CODE: code,
        MURMUR8_RIG_FAIL_AT: String(point),
        ...(times === undefined ? {} : { MURMUR8_RIG_FAIL_TIMES: String(times) }),
      });
      // Where the state had to be kept elsewhere, there is nothing here to go on with.
      if (ended.stderr.includes('state is kept in')) return;
      if (phase !== 'owner' && ended.code !== (phase === 'run' ? 3 : 0))
        expectClearFailure(ended, project, code);
      const before = finishedWork(project);
      const run = await putRight(project);
      expectNothingTwice(project, run, before);
      expect(resultOf(await outcomeOf(project, run))).toEqual(resultOf(measure));
      expect((await project.verified(run)).intact).toBe(true);
    },
    remove() {
      project.remove();
      rmSync(shelf, { recursive: true });
    },
  };
}

/** Lets the process of a phase do its work, disturbed by the rig. */
async function perform(project: GatedProject, phase: Phase, rig: Rig = {}): Promise<Ended> {
  const disturbed = { MURMUR8_RIG_UNDER: join(project.root, '.claude'), ...rig };
  if (phase === 'owner') return disturbOwner(project, disturbed);
  const options = (person: string) => ({
    cwd: project.root,
    ...(Object.keys(rig).length === 0 ? {} : { node: ['--require', PRELOAD] }),
    env: { MURMUR8_USER: person, ...(Object.keys(rig).length === 0 ? {} : disturbed) },
  });
  if (phase === 'run') return murmur8(['pipeline', 'run', 'twenty'], options('eve'));
  const approve = ['approval', 'approve', approvalOf(project)];
  return murmur8(approve, options(phase === 'first vote' ? 'ann' : 'bob'));
}

/** The owner in the background takes its environment from the run's record, so the rig is written there. */
async function disturbOwner(project: GatedProject, rig: Rig): Promise<Ended> {
  const file = project.path('.claude/runs', runOf(project), 'owner.json');
  const text = readFileSync(file, 'utf8');
  const record = JSON.parse(text) as { environment: Record<string, string> };
  const environment = { ...record.environment, ...rig, NODE_OPTIONS: `--require=${PRELOAD}` };
  writeFileSync(file, JSON.stringify({ ...record, environment }));
  const ended = await perform(project, 'second vote');
  await project.comesToRest();
  writeFileSync(file, text);
  return ended;
}

/** What a person does next, who sees only what the program shows; answers with the id of the run that came to its end. */
async function goOn(project: GatedProject, phase: Phase): Promise<string> {
  if (phase === 'run') await goOnToGate(project);
  if (phase === 'run' || phase === 'first vote')
    await voteUntilCounted(project, 'ann', phase === 'first vote');
  if (phase !== 'owner') await voteUntilCounted(project, 'bob', phase === 'second vote');
  // Whoever votes a second time, because the first process died, sets the run going as well.
  await project.comesToRest();
  const run = runOf(project);
  const { reason_code } = (await project.details(run)).run;
  if (reason_code === 'SYS_OWNER_LOST' && phase === 'owner')
    expect((await project.pipeline('resume', run)).code).toBe(1);
  return run;
}

/** Does what the status of the run asks for, until it has come to its end; the disk is good again. */
async function putRight(project: GatedProject): Promise<string> {
  for (let step = 0; step < 8; step += 1) {
    await project.comesToRest();
    const [run] = project.runs();
    if (run === undefined || !project.has(`.claude/runs/${run}/state.json`)) {
      await goOnToGate(project);
      continue;
    }
    const { run: record, approvals } = await project.details(run);
    if (record.reason_code === 'ROLLED_BACK') return run;
    if (record.status === 'waiting_approval') {
      const open = approvals.at(-1)?.seats.find(({ decision }) => decision === null);
      await voteUntilCounted(project, open?.holder ?? '', true);
    } else if (record.reason_code === 'ROLLBACK_FAILED')
      expect((await project.pipeline('rollback', run, '--to', 'deploy-a')).code).toBe(0);
    else expect([1, 3]).toContain((await project.pipeline('resume', run)).code);
  }
  throw new Error('the run does not come to its end');
}

/** Continues the run, or starts it again where it was killed before it could be seen: then nothing had begun. */
async function goOnToGate(project: GatedProject): Promise<void> {
  const [run] = project.runs();
  const resumed = run === undefined ? undefined : await project.pipeline('resume', run);
  if (resumed !== undefined && resumed.code !== 6) {
    expect([resumed.code, resumed.stderr]).toEqual([3, expect.any(String)]);
    return;
  }
  expect(project.lines('ran')).toEqual([]);
  if (run !== undefined) rmSync(project.path('.claude/runs', run), { recursive: true });
  expect((await project.pipeline('run', 'twenty')).code).toBe(3);
}

/** A vote whose process died before it answered is given again; it is refused only where the first one counts. */
async function voteUntilCounted(project: GatedProject, person: string, isAgain: boolean): Promise<void> {
  const ended = await project.as(person, 'approval', 'approve', approvalOf(project));
  const votes = project
    .journal(runOf(project))
    .filter((event) => event.type === 'approval.voted' && event.actor === person);
  expect(votes).toHaveLength(1);
  expect(isAgain ? [0, 7] : [0]).toContain(ended.code);
}

function runOf(project: GatedProject): string {
  const runs = project.runs();
  expect(runs).toHaveLength(1);
  return runs[0] ?? '';
}

function approvalOf(project: GatedProject): string {
  const asked = project.journal(runOf(project)).findLast(({ type }) => type === 'approval.requested');
  return asked?.type === 'approval.requested' ? asked.approvalId : '';
}

/** Work that is on record as done, with how often it was noted. */
function finishedWork(project: GatedProject): ReadonlyMap<string, number> {
  const [run] = project.runs();
  const file = `.claude/runs/${run}/journal.jsonl`;
  const journal = run !== undefined && project.has(file) ? project.journal(run) : [];
  const noted = project.lines('ran');
  return new Map(
    journal.flatMap((event): [string, number][] => {
      const name = finishedBy(event);
      return name === undefined ? [] : [[name, noted.filter((line) => line === name).length]];
    }),
  );
}

function finishedBy(event: RunEvent): string | undefined {
  // What could not be begun is asked for again.
  if (event.type === 'stage.finished')
    return event.code === undefined || event.code === 'STAGE_FAILED' ? event.stage : undefined;
  if (event.type === 'rollback.step.finished' && event.status === 'succeeded')
    return event.stage.replace('deploy-', 'undo-');
  return undefined;
}

function expectNothingTwice(project: GatedProject, run: string, before: ReadonlyMap<string, number>): void {
  const noted = project.lines('ran');
  for (const [name, times] of before)
    expect([name, noted.filter((line) => line === name).length]).toEqual([name, times]);
  const journal = project.journal(run);
  // What was done twice was in flight when its owner died.
  const lost = journal.flatMap((event) => {
    if (event.type === 'attempt.abandoned') return [event.stage];
    if (event.type === 'attempt.generated' && ['spawn-error', 'cancelled'].includes(event.outcome))
      return [event.stage];
    if (event.type !== 'rollback.step.finished' || event.status !== 'interrupted') return [];
    return [event.stage.replace('deploy-', 'undo-')];
  });
  // A check that could not even be begun failed as well, and was answered by the rollback.
  const notBegun = journal.some(
    (event) =>
      event.type === 'stage.finished' && event.stage === 'verify' && event.code === 'DEP_RUNNER_FAIL',
  );
  const expected = [...NOTED_BEFORE_THE_GATE, ...NOTED_BEHIND_THE_GATE];
  const isExpected = (name: string): boolean => !notBegun || name !== 'verify';
  expect([...new Set(noted)].sort()).toEqual(expected.filter(isExpected).sort());
  for (const name of expected.filter(isExpected)) {
    const times = noted.filter((line) => line === name).length;
    expect([name, times >= 1 && times <= 1 + lost.filter((stage) => stage === name).length]).toEqual([
      name,
      true,
    ]);
  }
  expect(brokenRule(journal)).toBeUndefined();
  expect(brokenGateRule(journal)).toBeUndefined();
  expect(repeatedRollback(journal)).toBeUndefined();
}

/** Everything of a run that does not depend on the way that led to it. */
async function outcomeOf(project: GatedProject, run: string) {
  const { run: record, stages, approvals, rollbacks }: RunDetailsDocument = await project.details(run);
  return {
    run: { status: record.status, reason_code: record.reason_code, message: record.message },
    stages: stages.map(({ stage_name, status, reason_code, message, outputs, attempts, rolled_back_by }) => {
      const { outcome, exit_code } = attempts.at(-1) ?? {};
      const isUndone = rolled_back_by !== null;
      return { stage_name, status, reason_code, message, outputs, outcome, exit_code, isUndone };
    }),
    approvals: approvals.map(({ stage_name, status, decisions }) => {
      return { stage_name, status, decisions: decisions.map(({ actor, decision }) => [actor, decision]) };
    }),
    rollbacks: rollbacks.map(({ cause, target_stage, failed_stage, status, steps }) => {
      const undone = steps.map((step) => [step.stage_name, step.status]);
      return { cause, target_stage, failed_stage, status, undone };
    }),
  };
}

/** What has to be the same also where work that could not be begun was asked for again. */
function resultOf({ run, stages, approvals, rollbacks }: Awaited<ReturnType<typeof outcomeOf>>) {
  return {
    reason: run.reason_code,
    stages: stages.map(({ stage_name, status, outputs, isUndone }) => [
      stage_name,
      status,
      outputs,
      isUndone,
    ]),
    votes: approvals.at(-1),
    undone: rollbacks.flatMap(({ undone }) => undone.filter(([, status]) => status === 'succeeded')),
  };
}

function expectClearFailure(ended: Ended, project: GatedProject, code: string): void {
  const said = ended.stdout + ended.stderr;
  expect(ended.code).toBe(1);
  expect(said).toContain(code);
  expect(said).toContain(project.root);
}

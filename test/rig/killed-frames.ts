import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { replay } from '../../src/core/run/apply.ts';
import type { RunEvent } from '../../src/core/run/event.ts';
import type { FailedDetails, StoppedDetails } from '../../src/core/status/run-status.ts';
import { type RunStatusDocument, runStatusDocumentContract } from '../../src/interfaces/contract/status.ts';
import { brokenRule } from './check-run.ts';
import { type Ended, murmur8 } from './cli.ts';
import { createFramesProject, SHEET } from './frames-project.ts';
import type { GatedProject } from './gated-project.ts';

const PRELOAD = fileURLToPath(new URL('./crash-at.cjs', import.meta.url));

/** The process that begins the run of frames, and the one that goes on with it after a limit had stopped it. */
export const FRAME_PHASES = ['run', 'resume'] as const;
export type FramePhase = (typeof FRAME_PHASES)[number];

/** One way in which a process of the run is disturbed, then everything is made good again. */
export interface DisturbedFrames {
  /** How many changes of files each process makes when nothing disturbs it. */
  readonly changes: Readonly<Record<FramePhase, number>>;
  /** Kills the process of a phase at a change of a file, does what `status` says, and holds the end against the undisturbed one. */
  kill(phase: FramePhase, point: number): Promise<void>;
  /** Lets changes of files fail from one on (`times`: only so many), then does what the program asks for on a good disk. */
  fail(phase: FramePhase, point: number, code: string, times?: number): Promise<void>;
  remove(): void;
}

const RAISED = ['--limit', 'max_attempts=60'];
const EXIT_STOPPED = 4;
const EXIT_CONFLICT = 7;
/** Frames that are approved where nothing comes between. */
const APPROVED = 4;

/** Makes the project, and one undisturbed run of each phase as the measure for all others. */
export async function createDisturbedFrames(): Promise<DisturbedFrames> {
  const project = await createFramesProject();
  const shelf = mkdtempSync(join(tmpdir(), 'murmur8-shelf-'));
  const keep = (name: FramePhase): void => cpSync(project.root, join(shelf, name), { recursive: true });
  const restore = async (name: FramePhase): Promise<void> => {
    await project.comesToRest();
    rmSync(project.root, { recursive: true });
    cpSync(join(shelf, name), project.root, { recursive: true, preserveTimestamps: true });
  };
  const changes: Partial<Record<FramePhase, number>> = {};
  const measures: Partial<Record<FramePhase, Awaited<ReturnType<typeof outcomeOf>>>> = {};
  keep('run');
  for (const phase of FRAME_PHASES) {
    if (phase === 'resume') {
      await restore('run');
      const stopped = await project.pipeline('run', 'frames', '--limit', 'max_attempts=5');
      expect([stopped.code, stopped.stderr]).toEqual([
        EXIT_STOPPED,
        expect.stringContaining('CIRCUIT_BREAKER'),
      ]);
      keep('resume');
    }
    const report = join(shelf, `${phase}.json`);
    expect((await perform(project, phase, { MURMUR8_RIG_REPORT: report })).code).toBe(0);
    changes[phase] = (JSON.parse(readFileSync(report, 'utf8')) as { changes: number }).changes;
    measures[phase] = await outcomeOf(project);
    expect(measures[phase]).toMatchObject({
      reason: 'PARTIAL_SUCCESS',
      frames: ['approved', 'approved', 'rejected', 'failed', 'approved', 'approved'],
      sheet: SHEET,
    });
  }
  return {
    changes: changes as Record<FramePhase, number>,
    async kill(phase, point) {
      await restore(phase);
      const { code, signal, stderr } = await perform(project, phase, {
        MURMUR8_RIG_CRASH_AT: String(point),
      });
      // Not killed: this time it had fewer changes to make.
      expect([
        [0, null, expect.any(String)],
        [null, 'SIGKILL', expect.any(String)],
      ]).toContainEqual([code, signal, expect.any(String)]);
      expectNoBug(stderr);
      await project.comesToRest();
      const before = approvedWork(project);
      await goOn(project, phase);
      await project.comesToRest();
      expectNothingTwice(project, before);
      expect(await outcomeOf(project)).toEqual(measures[phase]);
      await expectOneInHistory(project);
    },
    async fail(phase, point, code, times) {
      await restore(phase);
      const ended = await perform(project, phase, {
        MURMUR8_RIG_FAIL_CODE: code,
        MURMUR8_RIG_FAIL_AT: String(point),
        ...(times === undefined ? {} : { MURMUR8_RIG_FAIL_TIMES: String(times) }),
      });
      expectNoBug(ended.stderr);
      await project.comesToRest();
      // Where the state had to be kept elsewhere, there is nothing here to go on with.
      if (ended.stderr.includes('state is kept in')) return;
      if (ended.code !== 0) {
        expect(ended.code).toBe(1);
        for (const part of [code, project.root]) expect(ended.stdout + ended.stderr).toContain(part);
      }
      const before = approvedWork(project);
      await putRight(project, phase);
      await project.comesToRest();
      expectNothingTwice(project, before);
      const { frames, sheet, reason } = await outcomeOf(project);
      // A frame that nobody approves anyway may have failed because its work could not be begun.
      expect({ approved: frames?.map(isApproved), sheet, reason }).toEqual({
        approved: measures[phase]?.frames?.map(isApproved),
        sheet: SHEET,
        reason: 'PARTIAL_SUCCESS',
      });
    },
    remove() {
      project.remove();
      rmSync(shelf, { recursive: true });
    },
  };
}

function perform(project: GatedProject, phase: FramePhase, rig: Readonly<Record<string, string>>) {
  const words = phase === 'run' ? ['run', 'frames'] : ['run', '--resume', runOf(project), ...RAISED];
  return murmur8(['pipeline', ...words], {
    cwd: project.root,
    node: ['--require', PRELOAD],
    env: { MURMUR8_RIG_UNDER: join(project.root, '.claude'), ...rig },
  });
}

/** What a person does after a kill, who sees only what `status` shows. */
async function goOn(project: GatedProject, phase: FramePhase): Promise<void> {
  if (hasNotBegun(project)) return begin(project);
  const status = await statusOf(project);
  const id = runOf(project);
  const events = project.journal(id);
  const command = `murmur8 pipeline run --resume ${id}`;
  if (events.some(({ type, runId }) => type === 'run.finished' && runId === events.at(-1)?.runId)) {
    expect(status).toMatchObject({ status: 'completed', reason_code: 'PARTIAL_SUCCESS' });
    // Nobody has seen its end so far: its books are closed, nothing is done again. They may have been closed in time.
    const history = await project.pipeline('history', 'frames', '--json');
    expect(JSON.parse(history.stdout)).toMatchObject({ runs: [{ reason_code: 'PARTIAL_SUCCESS' }] });
    const isRecorded = events.some(
      ({ type, runId }) => type === 'history.recorded' && runId === events.at(-1)?.runId,
    );
    const { code } = await project.pipeline('run', '--resume', id);
    return expect(code).toBe(isRecorded ? EXIT_CONFLICT : 0);
  }
  if (status.status === 'stopped') {
    // Killed before it had gone on.
    expect([phase, status.reason_code]).toEqual(['resume', 'CIRCUIT_BREAKER']);
    expect((status.details as StoppedDetails).resume_command).toBe(command);
  } else {
    expect(status).toMatchObject({
      status: 'failed',
      reason_code: 'SYS_OWNER_LOST',
      message: expect.stringContaining(command),
      details: { error_type: 'system', error_code: 'SYS_OWNER_LOST' },
      owner: { state: 'lost' },
    });
    expect((status.details as FailedDetails).error_message).not.toBe('');
    const shown = await murmur8(['status'], { cwd: project.root });
    expect(shown.stdout).toContain(command);
  }
  const [, ...words] = command.split(' ');
  const { code, stderr } = await resumeAs(project, words, phase);
  expect([code, stderr]).toEqual([0, expect.stringContaining('PARTIAL_SUCCESS')]);
  expectNoBug(stderr);
}

function resumeAs(project: GatedProject, words: readonly string[], phase: FramePhase): Promise<Ended> {
  return murmur8([...words, ...(phase === 'resume' ? RAISED : [])], { cwd: project.root });
}

/** A run that was ended before its first event was whole: nothing had been done, and it is started anew. */
async function begin(project: GatedProject): Promise<void> {
  expect(project.lines('made')).toEqual([]);
  for (const id of project.runs()) rmSync(project.path('.claude/runs', id), { recursive: true });
  expect((await project.pipeline('run', 'frames')).code).toBe(0);
}

function hasNotBegun(project: GatedProject): boolean {
  const [id] = project.runs();
  return (
    id === undefined || !project.has(`.claude/runs/${id}/journal.jsonl`) || project.journal(id).length === 0
  );
}

/**
 * Does what the status asks for until the run has come to its end; the disk is good again. A frame whose work could not
 * even be begun has failed for good, and the others went on: it is tried again on demand.
 */
async function putRight(project: GatedProject, phase: FramePhase): Promise<void> {
  for (let step = 0; step < 4; step += 1) {
    if (hasNotBegun(project)) return begin(project);
    const { run_status, executionId, metrics } = await statusOf(project);
    const hasEnded = run_status === 'succeeded';
    if (hasEnded && metrics.frames_completed === APPROVED) return;
    const more = phase === 'resume' && !hasEnded ? RAISED : [];
    const verb = hasEnded ? ['retry', executionId] : ['run', '--resume', executionId];
    const ended = await project.pipeline(...verb, ...more);
    expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining('PARTIAL_SUCCESS')]);
    await project.comesToRest();
  }
  throw new Error('the run does not come to its end');
}

/** How often work of each frame that is on record as approved was noted. */
function approvedWork(project: GatedProject): ReadonlyMap<string, number> {
  if (hasNotBegun(project)) return new Map();
  const noted = project.lines('made');
  const journal = project.journal(runOf(project));
  const titles = titlesIn(journal);
  return new Map(
    journal.flatMap((event): [string, number][] => {
      if (event.type !== 'attempt.judged' || event.verdict !== 'approved') return [];
      const name = titles[event.frame] ?? '';
      return [[name, timesIn(noted, name)]];
    }),
  );
}

function expectNothingTwice(project: GatedProject, before: ReadonlyMap<string, number>): void {
  const noted = project.lines('made');
  for (const [name, times] of before) expect([name, timesIn(noted, name)]).toEqual([name, times]);
  const journal = project.journal(runOf(project));
  for (const [frame, name] of titlesIn(journal).entries()) {
    const begun = journal.filter((event) => event.type === 'attempt.started' && event.frame === frame);
    expect([name, timesIn(noted, name) <= begun.length]).toEqual([name, true]);
    const approvals = journal.filter(
      (event) => event.type === 'attempt.judged' && event.frame === frame && event.verdict === 'approved',
    );
    expect([name, approvals.length <= 1]).toEqual([name, true]);
  }
  expect(brokenRule(journal)).toBeUndefined();
}

function timesIn(lines: readonly string[], name: string): number {
  return lines.filter((line) => line === name).length;
}

function titlesIn(journal: readonly RunEvent[]): readonly string[] {
  const opened = journal.find(({ type }) => type === 'stage.started');
  return opened?.type === 'stage.started' ? opened.frames.map(({ title }) => title) : [];
}

function runOf(project: GatedProject): string {
  const runs = project.runs();
  expect(runs).toHaveLength(1);
  return runs[0] ?? '';
}

async function statusOf(project: GatedProject): Promise<RunStatusDocument> {
  const { code, stdout, stderr } = await murmur8(['status', '--json'], { cwd: project.root });
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return runStatusDocumentContract.parse(JSON.parse(stdout));
}

/** Everything of a run that does not depend on the way that led to it. */
async function outcomeOf(project: GatedProject) {
  const status = await statusOf(project);
  const { total_frames, frames_completed, frames_failed, frames_remaining, reject_rate } = status.metrics;
  const state = replay(project.journal(runOf(project)));
  return {
    run: status.run_status,
    reason: status.reason_code,
    message: status.message,
    metrics: { total_frames, frames_completed, frames_failed, frames_remaining, reject_rate },
    details: { ...status.details, total_duration_ms: 0 },
    frames: state?.stages.get('draw')?.frames.map(({ phase }) => phase),
    sheet: project.has('out/sheet.txt') ? project.read('out/sheet.txt') : undefined,
  };
}

async function expectOneInHistory(project: GatedProject): Promise<void> {
  const history = await project.pipeline('history', 'frames', '--json');
  const { runs } = JSON.parse(history.stdout) as { runs: object[] };
  expect(runs).toMatchObject([{ status: 'succeeded', reason_code: 'PARTIAL_SUCCESS', with_warnings: true }]);
  // A line that the kill has torn is closed, and stays.
  const recorded = project
    .lines('.claude/pipelines/history.jsonl')
    .flatMap((line) => (line.endsWith('}') ? [(JSON.parse(line) as { run_id: string }).run_id] : []));
  expect(recorded).toEqual([...new Set(recorded)]);
  expect(recorded).toContain(project.journal(runOf(project)).at(-1)?.runId);
}

function isApproved(phase: string): boolean {
  return phase === 'approved';
}

function expectNoBug(text: string): void {
  expect(text).not.toContain('internal error');
  expect(text).not.toMatch(/\n\s+at /);
}

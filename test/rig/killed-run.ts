import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type Ended, murmur8 } from './cli.ts';
import { createProject, type TestProject } from './project.ts';

const PRELOAD = fileURLToPath(new URL('./crash-at.cjs', import.meta.url));

function implement(project: TestProject, rig?: Readonly<Record<string, string>>): Promise<Ended> {
  return murmur8(['implement-feature', 'greeting', '--brief', project.brief, '--runner', 'offline'], {
    cwd: project.root,
    ...(rig === undefined
      ? {}
      : { node: ['--require', PRELOAD], env: { MURMUR8_RIG_UNDER: project.root, ...rig } }),
  });
}

/** How many changes of files one whole run with the offline runner makes. */
export async function countChanges(): Promise<number> {
  const project = createProject();
  const report = join(mkdtempSync(join(tmpdir(), 'murmur8-report-')), 'report.json');
  const ended = await implement(project, { MURMUR8_RIG_REPORT: report });
  project.remove();
  expect(ended.code).toBe(0);
  const { changes } = JSON.parse(readFileSync(report, 'utf8')) as { changes: number };
  return changes;
}

/** So many points spread evenly over all of them, the first and the last among them. */
export function spread(all: number, points: number): number[] {
  return Array.from({ length: points }, (_, index) => 1 + Math.floor((index * (all - 1)) / (points - 1)));
}

/** Kills a whole run at a change of a file, runs the same command again, and holds what it left against what was promised. */
export async function killAndContinue(point: number): Promise<void> {
  const project = createProject();
  const killed = await implement(project, { MURMUR8_RIG_CRASH_AT: String(point) });
  expect([killed.signal, killed.code]).toEqual(killed.signal === null ? [null, 0] : ['SIGKILL', null]);
  const again = await implement(project);
  expect(again.stderr).not.toContain('internal error');
  // 7: there was nothing left to do.
  expect([0, 7]).toContain(again.code);
  expectFinishedOnce(project);
  expect(project.history()).toHaveLength(1);
  project.remove();
}

/** Lets changes of files fail from one on, as a full or broken disk does; then runs the same command with a good disk. */
export async function failAndContinue(code: string, point: number, times?: number): Promise<void> {
  const project = createProject();
  const failed = await implement(project, {
    MURMUR8_RIG_FAIL_CODE: code,
    MURMUR8_RIG_FAIL_AT: String(point),
    ...(times === undefined ? {} : { MURMUR8_RIG_FAIL_TIMES: String(times) }),
  });
  expect(failed.stderr).not.toContain('internal error');
  expect(failed.stderr).not.toMatch(/\n\s+at /);
  if (failed.code !== 0) {
    expect(failed.code).toBe(1);
    expect(failed.stdout + failed.stderr).toContain(code);
    // The place: absolute, or a document of the feature as the project names it.
    expect(
      [project.root, '.blueprint/'].some((place) => (failed.stdout + failed.stderr).includes(place)),
    ).toBe(true);
  }
  // State that had to be kept elsewhere is a run of that place: here there is nothing to go on with.
  if (!failed.stderr.includes('state is kept in')) {
    const again = await implement(project);
    expect([0, 7]).toContain(again.code);
    expectFinishedOnce(project);
  }
  project.remove();
}

function expectFinishedOnce(project: TestProject): void {
  const history = project.history();
  expect(history.at(-1)?.status).toBe('success');
  expect(history.filter((entry) => entry.status === 'success')).toHaveLength(1);
  expect(new Set(history.map((entry) => entry.runId)).size).toBe(history.length);
  const finished = project
    .runs()
    .filter((id) => project.has(`.claude/runs/${id}/journal.jsonl`) && project.journal(id).length > 0);
  expect(finished).toHaveLength(1);
  const approved = project
    .journal(finished[0])
    .flatMap((event) =>
      event.type === 'attempt.judged' && event.verdict === 'approved'
        ? [`${event.stage} ${event.frame}`]
        : [],
    );
  expect(approved).toEqual([...new Set(approved)]);
  expect(approved).toHaveLength(5);
  expect(project.git('rev-list', '--count', 'HEAD').trim()).toBe('2');
  expect(project.uncommitted()).toEqual([]);
}

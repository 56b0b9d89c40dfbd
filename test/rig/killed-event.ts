import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { brokenRule } from './check-run.ts';
import { type Ended, murmur8 } from './cli.ts';
import { createGatedProject, type GatedProject } from './gated-project.ts';

const PRELOAD = fileURLToPath(new URL('./crash-at.cjs', import.meta.url));
const NAMES = ['left', 'right'];

export interface KilledEmission {
  readonly project: GatedProject;
  /** Changes of files that bringing the event in makes; the owners that it starts make some as well. */
  readonly changes: number;
  /** Kills the process that brings an event in at one of them, and each owner it starts; then delivers it again. */
  kill(point: number): Promise<void>;
}

/** A project with two pipelines that wait for the same event. */
export async function killedEmission(): Promise<KilledEmission> {
  const project = createGatedProject();
  const shelf = mkdtempSync(join(tmpdir(), 'murmur8-shelf-'));
  for (const name of NAMES)
    await project.register(`
name: ${name}
triggers: [{event: push}]
stages: [{name: one, run: echo ${name} one >> ran}, {name: two, run: echo ${name} two >> ran}]
`);
  const emit = (rig: Readonly<Record<string, string>> = {}): Promise<Ended> =>
    murmur8(['event', 'emit', 'push', '--id', 'delivery-1'], {
      cwd: project.root,
      node: ['--require', PRELOAD],
      env: { MURMUR8_RIG_UNDER: join(project.root, '.claude'), ...rig },
    });
  cpSync(project.root, join(shelf, 'before'), { recursive: true });
  const report = join(shelf, 'report.json');
  expect((await emit({ MURMUR8_RIG_REPORT: report })).code).toBe(0);
  const { changes } = JSON.parse(readFileSync(report, 'utf8')) as { changes: number };
  await project.comesToRest();
  return {
    project,
    changes,
    async kill(point) {
      await project.comesToRest();
      rmSync(project.root, { recursive: true });
      cpSync(join(shelf, 'before'), project.root, { recursive: true });
      const killed = await emit({ MURMUR8_RIG_CRASH_AT: String(point) });
      expect([null, 0, 1]).toContain(killed.code);
      await project.comesToRest();
      const again = await emit();
      expect([again.code, again.stderr]).toEqual([0, '']);
      await project.comesToRest();
      const runs = project.runs().map((run) => project.journal(run));
      expect(runs).toHaveLength(NAMES.length);
      for (const journal of runs) {
        expect(journal.filter(({ type }) => type === 'run.created')).toHaveLength(1);
        expect(journal.filter(({ type }) => type === 'run.finished')).toMatchObject([
          { status: 'succeeded' },
        ]);
        expect(brokenRule(journal)).toBeUndefined();
      }
      // What was done twice was in flight when its owner died.
      const lost = runs.flat().filter(({ type }) => type === 'attempt.abandoned').length;
      const done = project.lines('ran');
      expect([...new Set(done)].sort()).toEqual(['left one', 'left two', 'right one', 'right two']);
      expect(done.length).toBeLessThanOrEqual(4 + lost);
    },
  };
}

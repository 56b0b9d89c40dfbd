import { describe, expect, test } from 'vitest';
import { logRows, namesExport } from '../../../src/core/record/logs.ts';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import {
  aPipeline,
  approved,
  aStage,
  begun,
  created,
  EXECUTION,
  generated,
  happens,
  rejected,
  started,
  stateAfter,
  succeeds,
} from '../../rig/run-builder.ts';

const audit = { work: { kind: 'command', run: './check' }, timeoutMs: 1000 } as const;
const pipeline = aPipeline(
  [
    aStage('draw', { foreach: ['a', 'b'], maxParallel: 2, audit }),
    aStage('ship', { needs: ['draw'], audit }),
  ],
  { export: { location: 'out', run: './pack', files: [], validate: './check', timeoutMs: 1000 } },
);
const [one, two] = [{ frame: 0 }, { frame: 1 }];
const log = (name: string) => ({ logFile: `/runs/x/logs/${name}.log` });

/** Frame 1 is checked in vain, then rejected, and made again; frame 2 goes through meanwhile. */
const drawn: RunEventBody[] = [
  started('draw', 2),
  begun('draw', one),
  begun('draw', two),
  generated('draw', one),
  { type: 'audit.failed', stage: 'draw', frame: 0, attempt: 1, outcome: 'timeout', ...log('draw/0-1-audit') },
  generated('draw', two),
  approved('draw', { ...two, ...log('draw/1-1-audit') }),
  rejected('draw', { ...one, ...log('draw/0-1-audit-2') }),
  {
    type: 'attempt.started',
    stage: 'draw',
    frame: 0,
    attempt: 2,
    agent: 'draw',
    runner: 'x',
    strategy: 'SNAP',
  },
  generated('draw', { ...one, attempt: 2 }),
];

function told(state: RunState, only = {}, lostOwner = false): string[] {
  return logRows(state, only, lostOwner).map(
    ({ name, job, title, outcome }) => `${name} | ${job} | ${title} | ${outcome}`,
  );
}

describe('the logs of a run', () => {
  test('are those of attempts in the order in which they began, each followed by its audits', () => {
    expect(told(stateAfter(created(pipeline), ...drawn), { stage: 'draw' })).toEqual([
      'draw/0-1 | work | frame 1, attempt 1 | ok',
      'draw/0-1-audit | audit | frame 1, attempt 1, audit | timeout',
      'draw/0-1-audit-2 | audit | frame 1, attempt 1, audit 2 | rejected',
      'draw/1-1 | work | frame 2, attempt 1 | ok',
      'draw/1-1-audit | audit | frame 2, attempt 1, audit | approved',
      'draw/0-2 | work | frame 1, attempt 2 (SNAP) | ok',
      'draw/0-2-audit | audit | frame 1, attempt 2, audit | running',
    ]);
  });

  test('are interrupted where nobody drives the run any more', () => {
    const state = stateAfter(created(pipeline), ...drawn);
    happens(state, approved('draw', { ...one, attempt: 2, ...log('draw/0-2-audit') }), {
      type: 'stage.finished',
      stage: 'draw',
      status: 'succeeded',
    });
    happens(state, started('ship'), begun('ship'));
    expect(told(state, { stage: 'ship' }, true)).toEqual(['ship/0-1 | work | attempt 1 | interrupted']);
    happens(state, generated('ship'));
    expect(told(state, { stage: 'ship' }, true).at(-1)).toBe(
      'ship/0-1-audit | audit | attempt 1, audit | interrupted',
    );
  });

  test('are no audits of a result that was judged by what it left', () => {
    const state = stateAfter(
      created(pipeline),
      started('draw', 2),
      begun('draw', one),
      generated('draw', one),
    );
    happens(state, rejected('draw', one));
    expect(told(state, { stage: 'draw' })).toEqual(['draw/0-1 | work | frame 1, attempt 1 | ok']);
  });

  test('of one attempt number are its own and those of its audits, of every frame', () => {
    const rows = told(stateAfter(created(pipeline), ...drawn), { attempt: 2 });
    expect(rows).toEqual([
      'draw/0-2 | work | frame 1, attempt 2 (SNAP) | ok',
      'draw/0-2-audit | audit | frame 1, attempt 2, audit | running',
    ]);
  });

  test('of a rollback are those of each frame that may have been undone, the last first', () => {
    const state = stateAfter(created(pipeline), ...drawn);
    const key = { rollbackId: 'r', stage: 'draw' };
    happens(
      state,
      { type: 'rollback.started', rollbackId: 'r', cause: 'manual', target: 'draw', stages: ['draw'] },
      { type: 'rollback.step.started', ...key, agent: 'command', runner: 'command' },
    );
    expect(logRows(state, { stage: 'draw' }, false).slice(-2)).toMatchObject([
      { name: 'draw/undo-1-1', job: 'undo', title: 'undoing frame 2', outcome: 'running', unsure: true },
      { name: 'draw/undo-1-0', job: 'undo', title: 'undoing frame 1', outcome: 'running', unsure: true },
    ]);
  });

  test('end with the export, of every part of the run that may have begun one', () => {
    const plain = aPipeline([aStage('build')], {
      export: { location: 'out', run: './pack', files: [], validate: './check', timeoutMs: 1000 },
    });
    const state = stateAfter(created(plain), ...succeeds('build'));
    expect(told(state).slice(1)).toEqual([
      'export/run | export | making | running',
      'export/validate | validate | validating | running',
    ]);
    happens(
      state,
      { type: 'run.stopped', code: 'USER_INTERRUPT', threshold: 0, actual: 1 },
      { type: 'segment.started', previousRunId: EXECUTION },
      { type: 'run.closed', outcome: 'exported', files: [], validationPassed: false, location: 'out/' },
    );
    state.runIds.push('second');
    const parts = told(state, { stage: 'export' }).slice(-2);
    expect(parts).toEqual([
      `export/run-${state.runIds.length} | export | making, part ${state.runIds.length} of the run | ok`,
      `export/validate-${state.runIds.length} | validate | validating, part ${state.runIds.length} of the run | failed`,
    ]);
    expect(told(state, { stage: 'build' })).toEqual(['build/0-1 | work | attempt 1 | ok']);
    expect(told(state, { attempt: 1 })).toEqual(['build/0-1 | work | attempt 1 | ok']);
  });

  test('of a stage called export are its own', () => {
    const named = aPipeline([aStage('export')], {
      export: { location: 'out', run: './pack', files: [], timeoutMs: 1 },
    });
    const state = stateAfter(created(named), ...succeeds('export'));
    expect(namesExport(state, 'export')).toBe(false);
    expect(told(state, { stage: 'export' })).toEqual(['export/0-1 | work | attempt 1 | ok']);
    expect(namesExport(stateAfter(created(pipeline)), 'export')).toBe(true);
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Pipeline } from '../../../../src/core/pipeline/definition.ts';
import type { RunEventBody } from '../../../../src/core/run/event.ts';
import type { RunState } from '../../../../src/core/run/state.ts';
import { PLAIN } from '../../../../src/interfaces/cli/report/style.ts';
import { createLiveView, type LiveView } from '../../../../src/interfaces/cli/terminal/live-view.ts';
import {
  aPipeline,
  approved,
  aStage,
  BEGINNING,
  begun,
  created,
  envelopes,
  generated,
  happens,
  rejected,
  started,
  stateAfter,
  succeeds,
} from '../../../rig/run-builder.ts';
import { FEATURE_COMPLETE, layered } from '../report/graph/samples.ts';
import { createScreen, type Screen } from './screen.ts';

const APPROVAL = 'a0000000-0000-4000-8000-000000000001';
const views: LiveView[] = [];

beforeEach(() => {
  vi.useFakeTimers({ now: BEGINNING + 60_000 });
  vi.stubEnv('TERM', 'xterm');
  vi.stubEnv('LC_ALL', 'C.UTF-8');
  vi.stubEnv('npm_lifecycle_event', '');
});
afterEach(() => {
  for (const view of views.splice(0)) view.close();
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

interface Show {
  readonly screen: Screen;
  readonly view: LiveView;
  readonly state: RunState;
  /** Folds events, shows them, and lets the redraw come. */
  tell(...bodies: RunEventBody[]): void;
}

function watching(pipeline: Pipeline, screen: Screen): Show {
  const view = createLiveView(screen, PLAIN);
  views.push(view);
  const state = stateAfter(created(pipeline));
  return {
    screen,
    view,
    state,
    tell(...bodies) {
      happens(state, ...bodies);
      view.events(envelopes(bodies), state);
      vi.advanceTimersByTime(100);
    },
  };
}

const asked: RunEventBody = {
  type: 'approval.requested',
  approvalId: APPROVAL,
  stage: 'deploy-prod',
  approvers: ['team-lead', 'devops'],
  quorum: 2,
  deadline: new Date(BEGINNING + 60_000 + 7_200_000).toISOString(),
  onTimeout: 'reject',
  preventSelfApproval: false,
  requestedBy: 'ann',
  subject: { definition: 'd', inputs: 'i', commit: null },
  summary: 'Deploy to production',
};

describe('the live view', () => {
  test('draws the graph with states, elapsed time and what is being done', () => {
    const show = watching(FEATURE_COMPLETE, createScreen(60));
    show.tell(...succeeds('validate'), started('security-scan'), begun('security-scan'));
    show.view.agent('security-scan', { type: 'message', text: 'reading \u001b[31mpackage.json\nand more' });
    vi.advanceTimersByTime(100);
    expect(show.screen.text()).toBe(
      `
╭─✓ validate        4.0s
├─▸ security-scan   53.2s  reading package.json and more
├─╯
·   deploy-staging
·   smoke-test
·   deploy-prod
1 of 5 ended, 1 running, 3 pending, 59.2s`.slice(1),
    );
  });

  test('tells who has still to approve and how long there is, and keeps what to type above', () => {
    const show = watching(FEATURE_COMPLETE, createScreen(100));
    for (const stage of ['validate', 'security-scan', 'deploy-staging', 'smoke-test'])
      show.tell(...succeeds(stage));
    show.tell(asked, {
      type: 'approval.voted',
      approvalId: APPROVAL,
      stage: 'deploy-prod',
      actor: 'devops',
      decision: 'approved',
      channel: 'cli',
      comment: 'LGTM',
    });
    const text = show.screen.text();
    expect(text).toContain(`murmur8 approval approve ${APPROVAL} --comment "…"\n`);
    expect(text).toContain('  deploy-prod: approved by devops (1 of 2): LGTM\n');
    expect(text).toContain(
      '?   deploy-prod       approval 1 of 2  2h 00m left, else rejected  waits for team-lead',
    );
    expect(text).toContain('4 of 5 ended, 1 waiting for approval, ');
  });

  test('tells for whom a stage waits and how long, and keeps a line of it above', () => {
    const show = watching(aPipeline([aStage('alex')]), createScreen(100));
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const wait = { stage: 'alex', frame: 0, runner: 'claude', outcome: 'quota', until } as const;
    show.tell(started('alex'), begun('alex'), generated('alex', { outcome: 'quota', message: 'used up' }));
    show.tell({ type: 'attempt.waiting', ...wait });
    const text = show.screen.text();
    expect(text).toContain('  alex: quota, used up\n  alex: waiting for claude until 2026-01-05 ');
    expect(text).toMatch(/▸ alex .*waiting for claude \(quota\), 1h 00m left/);
  });

  test('tells why a stage was skipped or failed, and what is undone', () => {
    const show = watching(FEATURE_COMPLETE, createScreen(80));
    for (const stage of ['validate', 'security-scan', 'deploy-staging']) show.tell(...succeeds(stage));
    show.tell(
      started('smoke-test'),
      begun('smoke-test'),
      {
        type: 'stage.finished',
        stage: 'smoke-test',
        status: 'failed',
        code: 'STAGE_FAILED',
        message: 'exit 1',
      },
      { type: 'stage.skipped', stage: 'deploy-prod', reason: 'UPSTREAM_FAILED' },
      {
        type: 'rollback.started',
        rollbackId: 'r1',
        cause: 'failure',
        target: 'deploy-staging',
        stages: ['deploy-staging'],
        failedStage: 'smoke-test',
      },
      {
        type: 'rollback.step.started',
        rollbackId: 'r1',
        stage: 'deploy-staging',
        agent: 'deployer',
        runner: 'x',
      },
    );
    const text = show.screen.text();
    expect(text).toContain('✗   smoke-test        2.0s  STAGE_FAILED exit 1\n');
    expect(text).toContain('–   deploy-prod       UPSTREAM_FAILED\n');
    expect(text).toMatch(/↶ rollback to deploy-staging\n {2}▸ deploy-staging {4}\S+ {2}undoing\n/);
    show.tell(
      { type: 'rollback.step.finished', rollbackId: 'r1', stage: 'deploy-staging', status: 'succeeded' },
      { type: 'rollback.finished', rollbackId: 'r1', status: 'succeeded' },
    );
    expect(show.screen.text()).toContain(
      '↶ rollback to deploy-staging, succeeded\n  ✓ deploy-staging    1.0s  undone\n',
    );
    expect(show.screen.text()).toMatch(/↶ {3}deploy-staging {4}4\.0s {2}undone\n/);
  });

  describe('of a pipeline with frames', () => {
    const audit = { work: { kind: 'command', run: './audit' }, timeoutMs: 1000 } as const;
    const SPRITE = aPipeline(
      [aStage('draw', { foreach: 'frames.json', maxParallel: 2, audit, onFailure: 'continue' })],
      {
        export: {
          location: 'runs/${run.id}/',
          run: './pack',
          files: [],
          validate: './check',
          timeoutMs: 1000,
        },
      },
    );
    const at = (frame: number, number = 1) => ({ frame, attempt: number });
    const again = (frame: number, number: number): RunEventBody => ({
      type: 'attempt.started',
      stage: 'draw',
      ...at(frame, number),
      agent: 'draw',
      runner: 'x',
      strategy: 'PALETTE_SNAP',
    });
    const drawnUpTo3: RunEventBody[] = [
      started('draw', 8),
      begun('draw', at(0)),
      begun('draw', at(1)),
      generated('draw', at(0)),
      rejected('draw', { ...at(0), findings: ['56 away'] }),
      {
        type: 'frame.failed',
        stage: 'draw',
        frame: 0,
        status: 'rejected',
        code: 'OUTPUT_INVALID',
        message: '56 away',
      },
      generated('draw', at(1)),
      approved('draw', at(1)),
      begun('draw', at(2)),
      generated('draw', at(2)),
      rejected('draw', { ...at(2), findings: ['9 away'] }),
      again(2, 2),
      begun('draw', at(4)),
    ];

    test.each([60, 120] as const)(
      'says which are at work, how, and how many failed, on %i columns',
      (columns) => {
        const show = watching(SPRITE, createScreen(columns));
        show.tell(...drawnUpTo3);
        show.view.agent('draw', { type: 'message', text: 'of another frame' }, 4);
        vi.advanceTimersByTime(100);
        const [row, exported, summary] = show.screen.text().split('\n').slice(-3);
        const wanted = {
          60: '▸ draw      46.0s  frames 3, 5/8  attempt 2, PALETTE_SNAP…',
          120: '▸ draw              46.0s  frames 3, 5/8  attempt 2, PALETTE_SNAP  1 failed  working',
        };
        expect(row?.replace(/\d+\.\ds/, '46.0s')).toBe(wanted[columns]);
        expect(exported).toBe('· export');
        expect(summary).toMatch(/^0 of 1 ended, 1 running, 1 of 8 frames failed, /);
        expect(show.screen.text()).toContain('draw 1/8: rejected, OUTPUT_INVALID');
      },
    );

    test('says what the agent of the lowest frame at work does', () => {
      const show = watching(SPRITE, createScreen(120));
      show.tell(...drawnUpTo3);
      show.view.agent('draw', { type: 'message', text: 'of frame 5' }, 4);
      show.view.agent('draw', { type: 'message', text: 'of frame 3' }, 2);
      vi.advanceTimersByTime(100);
      expect(show.screen.text()).toMatch(/PALETTE_SNAP {2}1 failed {2}of frame 3\n/);
      show.tell(generated('draw', at(2, 2)), approved('draw', at(2, 2)));
      expect(show.screen.text()).toMatch(/frame 5\/8 {2}1 failed {2}of frame 5\n/);
    });

    test('shows that it exports, what came of it, and how many frames were approved', () => {
      const pipeline = {
        ...SPRITE,
        stages: [aStage('draw', { foreach: ['a', 'b'], onFailure: 'continue' })],
      };
      const [good, bad] = [watching(pipeline, createScreen(80)), watching(pipeline, createScreen(80))];
      const ended: RunEventBody[] = [
        started('draw', 2),
        begun('draw', at(0)),
        generated('draw', at(0)),
        approved('draw', at(0)),
        begun('draw', at(1)),
        generated('draw', { ...at(1), outcome: 'failed' }),
        { type: 'frame.failed', stage: 'draw', frame: 1, status: 'failed', code: 'STAGE_FAILED' },
        { type: 'stage.finished', stage: 'draw', status: 'succeeded', code: 'PARTIAL_SUCCESS' },
      ];
      for (const each of [good, bad]) each.tell(...ended);
      expect(good.screen.text()).toMatch(
        /✓ draw {14}\S+ {2}1\/2 frames {2}1 failed\n▸ export {12}\S+ {2}exporting to runs\/e0/,
      );
      good.tell({
        type: 'run.closed',
        outcome: 'exported',
        files: ['a', 'b'],
        location: 'runs/x/',
        validationPassed: false,
      });
      expect(good.screen.text()).toContain('✓ export            exported 2 files to runs/x/  not valid\n');
      bad.tell({
        type: 'run.closed',
        outcome: 'failed',
        files: [],
        validationPassed: false,
        code: 'DEP_PACKER_FAIL',
        message: 'exit code 3',
      });
      expect(bad.screen.text()).toContain('✗ export            DEP_PACKER_FAIL exit code 3\n');
    });

    test('keeps to the height of the terminal with the export', () => {
      const show = watching(
        { ...layered(100, 10), export: { location: 'o', files: [], timeoutMs: 1 } },
        createScreen(80, 12),
      );
      show.tell(...succeeds('s0-0'));
      expect(show.screen.text().split('\n').length).toBeLessThan(12);
      expect(show.screen.text()).toContain('\n· export\n');
    });
  });

  test('counts steps of a feature', () => {
    const screen = createScreen(80);
    const view = createLiveView(screen, PLAIN);
    views.push(view);
    const feature = { slug: 'x', featureId: 'f', briefPath: 'b' };
    const bodies = [started('codey-implement', 3), begun('codey-implement')];
    const state = happens(
      stateAfter(created(aPipeline([aStage('codey-implement')]), { feature })),
      ...bodies,
    );
    view.events(envelopes(bodies), state);
    vi.advanceTimersByTime(100);
    expect(screen.text()).toContain('step 1/3');
  });

  test('shows what matters most of a run that is higher than the terminal', () => {
    const show = watching(layered(100, 10), createScreen(80, 12));
    show.tell(...succeeds('s0-0'), started('s0-1'), begun('s0-1'), started('s0-2'), begun('s0-2'), {
      type: 'stage.finished',
      stage: 's0-2',
      status: 'failed',
      code: 'STAGE_FAILED',
    });
    const lines = show.screen.text().split('\n');
    expect(lines.length).toBeLessThan(12);
    expect(lines).toContainEqual(expect.stringMatching(/^✓ s0-0 /));
    expect(lines).toContainEqual(expect.stringMatching(/^▸ s0-1 /));
    expect(lines).toContainEqual(expect.stringMatching(/^✗ s0-2 /));
    expect(lines.at(-1)).toMatch(/^… 991 more; 2 of 1000 ended, 1 failed, 1 running, 997 pending, /);
  });

  test('redraws ten times a second at most, however many events there are', () => {
    const pipeline = layered(100, 10);
    const show = watching(pipeline, createScreen(80));
    const before = show.screen.writes.length;
    for (const stage of pipeline.stages.slice(0, 500)) {
      const bodies = succeeds(stage.name);
      happens(show.state, ...bodies);
      show.view.events(envelopes(bodies), show.state);
    }
    vi.advanceTimersByTime(1000);
    expect(show.screen.writes.length - before).toBeLessThanOrEqual(11);
  });

  test('writes nothing when nothing has changed', () => {
    const show = watching(aPipeline([aStage('a')]), createScreen(80));
    show.tell(...succeeds('a'), { type: 'run.finished', status: 'succeeded', code: 'ALL_STAGES_SUCCEEDED' });
    const { length } = show.screen.writes;
    vi.advanceTimersByTime(5000);
    expect(show.screen.writes).toHaveLength(length);
  });

  test('finds its place again when the terminal becomes narrower', () => {
    const show = watching(FEATURE_COMPLETE, createScreen(100));
    for (const stage of ['validate', 'security-scan', 'deploy-staging', 'smoke-test'])
      show.tell(...succeeds(stage));
    show.tell(asked);
    show.view.line('a line that stays');
    show.screen.resize(45, 24);
    show.tell({ type: 'notice', message: 'after' });
    const text = show.screen.text();
    expect(text.match(/smoke-test/g)).toHaveLength(1);
    expect(text.match(/a line that stays/g)).toHaveLength(1);
    expect(text).toMatch(/\n\? {3}deploy-prod {5}approval 0 of 2 {2}2h.*…\n/);
  });

  test('takes the drawing away while a question stands, and shows afterwards what came meanwhile', async () => {
    const show = watching(aPipeline([aStage('a')]), createScreen(80));
    show.tell(started('a'), begun('a'));
    await show.view.aside(async () => {
      expect(show.screen.text()).toBe('');
      show.tell({ type: 'notice', message: 'meanwhile' });
      expect(show.screen.text()).toBe('');
    });
    vi.advanceTimersByTime(100);
    expect(show.screen.text()).toMatch(/^ {2}run: meanwhile\n▸ a /);
  });

  test('leaves the last picture in place', () => {
    const show = watching(aPipeline([aStage('a')]), createScreen(80));
    show.tell(...succeeds('a'), { type: 'run.finished', status: 'succeeded', code: 'ALL_STAGES_SUCCEEDED' });
    show.view.close();
    show.screen.write('the end\n');
    expect(show.screen.text()).toMatch(/^✓ a {17}4\.0s\n1 of 1 ended, 6\.0s\nthe end$/);
  });

  test('has no codes but those for moving where there is no colour', () => {
    const show = watching(FEATURE_COMPLETE, createScreen(80));
    show.tell(...succeeds('validate'));
    expect(show.screen.writes.join('')).not.toMatch(/\x1b\[[0-9;]*m/);
  });
});

import { describe, expect, test } from 'vitest';
import { graphAsText } from '../../../../../src/interfaces/cli/report/graph/as-text.ts';
import { ASCII, charactersFor, UNICODE } from '../../../../../src/interfaces/cli/report/graph/characters.ts';
import { PLAIN } from '../../../../../src/interfaces/cli/report/style.ts';
import { displayWidth } from '../../../../../src/interfaces/cli/report/table.ts';
import { aPipeline, aStage } from '../../../../rig/run-builder.ts';
import { FEATURE_COMPLETE, fanOut, layered, UNEVEN } from './samples.ts';

const at = (width: number) => ({ width, style: PLAIN });
const widest = (text: string): number => Math.max(...text.split('\n').map(displayWidth));

describe('a pipeline as text', () => {
  test('shows order, siblings, gate and rollback of the seed’s example', () => {
    expect(graphAsText(FEATURE_COMPLETE, at(80))).toBe(`feature-complete: 5 stages, at most 4 at a time
Full deployment pipeline after feature merge
starts on pull_request.merged to branch main

╭─○ validate        regression-tester
├─○ security-scan   security-scanner
├─╯
○   deploy-staging  deployer · staging
○   smoke-test      smoke-tester
│     on failure rolls back to deploy-staging
◆   deploy-prod     deployer · production
      approval by all of team-lead, devops, within 24h, else rejected

◆ waits for an approval
`);
  });

  test('shows frames, who checks them, where the run stops and what it gives out', () => {
    const draw = aStage('draw', {
      foreach: 'frames.json',
      maxParallel: 2,
      audit: { work: { kind: 'command', run: './audit' }, timeoutMs: 1000 },
      retry: {
        delayMs: 0,
        factor: 1,
        maxDelayMs: 0,
        jitter: 0,
        strategies: [{ name: 'SNAP' }, { name: 'LOCK' }],
      },
      limits: { consecutiveFails: 3, maxDurationMs: 5_400_000 },
      dependency: 'painter',
    });
    const pipeline = aPipeline([draw], {
      limits: { retryRate: 0.5, afterFrames: 4, maxCostMicroUsd: 2_500_000 },
      export: { location: 'out', run: './pack', files: ['a.png'], validate: './check', timeoutMs: 1000 },
    });
    expect(graphAsText(pipeline, at(60))).toBe(`sample: 1 stage
stops at retry_rate 0.5, after_frames 4, max_cost_usd 2.5
exports out, made by $ ./pack, with a.png, checked by $
  ./check

○ draw  draw
    for each of frames.json, 2 at a time
    audited by $ ./audit
    tried again with SNAP, then LOCK
    stops at consecutive_fails 3, max_duration 1h30m
    depends on painter
`);
  });

  test('needs nothing but ASCII where the terminal has no more, and breaks lines at 60 columns', () => {
    const text = graphAsText(FEATURE_COMPLETE, { ...at(60), characters: ASCII });
    expect(text).toContain(`.-o validate        regression-tester
+-o security-scan   security-scanner
+-'
o   deploy-staging  deployer - staging
o   smoke-test      smoke-tester
|     on failure rolls back to deploy-staging
#   deploy-prod     deployer - production
      approval by all of team-lead, devops, within 24h,
        else rejected
`);
    expect(text).toMatch(/^[\n -~]*$/);
  });

  test('lets a branch go on to its end beside others, and says what a stage needs where rails meet', () => {
    expect(graphAsText(UNEVEN, at(80))).toContain(`
○     install    install
├─○   web-lint   web-lint
│ ○   web-build  web-build
├─│─◌ api-test   api-test
│ │ │   when a path matches api/** or a label is full
│ ├─╯
│ ○   release    release  needs web-build, api-test
○ │   docs       $ npm run docs
├─╯
○     announce   announce  needs release, docs
        on failure the run continues

◌ runs under a condition
`);
  });

  test('draws no line for what a stage needs anyway, but says so', () => {
    const stages = [aStage('a'), aStage('b', { needs: ['a'] }), aStage('c', { needs: ['a', 'b'] })];
    expect(graphAsText(aPipeline(stages), at(80))).toContain('\n○ a  a\n○ b  b\n○ c  c  needs a, b\n');
  });

  test('sets a stage apart from one above it with which it has nothing to do', () => {
    const text = graphAsText(aPipeline([aStage('a'), aStage('b', { needs: ['a'] }), aStage('c')]), at(80));
    expect(text).toContain('○ a  a\n○ b  b\n\n○ c  c\n');
  });

  test('shows how the stages of a run stand', () => {
    const states = new Map([
      ['validate', { status: 'succeeded', note: '2m 05s' }],
      ['security-scan', { status: 'running' }],
    ]);
    const text = graphAsText(FEATURE_COMPLETE, { ...at(80), states });
    expect(text).toContain('╭─✓ validate        succeeded, 2m 05s  regression-tester\n');
    expect(text).toContain('├─▸ security-scan   running  security-scanner\n');
  });

  test('tells many siblings as a number, but never hides a gate', () => {
    expect(graphAsText(fanOut(30), at(80))).toContain(`
○   build    build
├─○ shard-1  tester
├─○ shard-2  tester
├─○ shard-3  tester
├─… 27 more: shard-4 to shard-30  tester
├─╯
○   report   report
`);
    const pipeline = fanOut(30);
    const stages = pipeline.stages.map((stage) =>
      stage.name === 'shard-20' ? { ...stage, when: { branch: ['main'] } } : stage,
    );
    expect(graphAsText({ ...pipeline, stages }, at(80))).toContain('◌ shard-20');
  });

  test('lists in steps what would take too many rails', () => {
    const text = graphAsText(layered(4, 10), at(60));
    expect(text).toContain('1 ╭ ○ s0-0  s0-0\n');
    expect(text).toContain('2 ╭ ○ s1-0  s1-0  needs s0-0, s0-1\n');
    expect(text).toContain('  ╰ ○ s1-9  s1-9  needs s0-9, s0-0\n');
  });

  test.each([60, 80, 120])('keeps to %i columns, whatever names and commands are like', (width) => {
    const long = 'a-very-long-name-of-a-stage-that-somebody-thought-up-for-a-test';
    const stages = [
      aStage(long, {
        work: { kind: 'command', run: `echo ${'word '.repeat(60)}` },
        environment: '産業'.repeat(20),
      }),
      aStage('b', { needs: [long], when: { branch: ['x'.repeat(200), 'y'.repeat(90)] } }),
      ...UNEVEN.stages,
    ];
    expect(
      widest(graphAsText(aPipeline(stages, { description: 'd'.repeat(300) }), at(width))),
    ).toBeLessThanOrEqual(width);
  });

  test('neutralises terminal escapes in texts from the file', () => {
    const stages = [
      aStage('a', { work: { kind: 'command', run: 'echo \u001b[31mred\u001b]0;title\u0007\nmore' } }),
    ];
    const text = graphAsText(aPipeline(stages), at(80));
    expect(text).toContain('○ a  $ echo red more\n');
    expect(text).not.toContain('\u001b');
  });

  test('draws a thousand stages in layers and a chain of five thousand without deep recursion', () => {
    expect(graphAsText(layered(100, 10), at(80)).split('\n').length).toBeLessThan(1100);
    const chain = Array.from({ length: 5_000 }, (_, index) =>
      aStage(`c${index}`, { needs: index === 0 ? [] : [`c${index - 1}`] }),
    );
    expect(graphAsText(aPipeline(chain), at(80))).toContain('○ c4999  c4999\n');
  });
});

test('plain characters are chosen for a simple terminal or the C locale only', () => {
  expect(charactersFor({ TERM: 'dumb', LANG: 'en_US.UTF-8' })).toBe(ASCII);
  expect(charactersFor({ LC_ALL: 'C', LANG: 'en_US.UTF-8' })).toBe(ASCII);
  expect(charactersFor({ LANG: 'C.UTF-8' })).toBe(UNICODE);
  expect(charactersFor({ LANG: 'POSIX' })).toBe(ASCII);
  expect(charactersFor({})).toBe(UNICODE);
});

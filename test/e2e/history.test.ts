import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BIN } from '../rig/cli.ts';

let project: string;
let file: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'murmur8-history-'));
  mkdirSync(join(project, '.claude'));
  mkdirSync(join(project, 'src'));
  file = join(project, '.claude', 'pipeline-history.json');
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

function history(words: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  const result = spawnSync(process.execPath, [BIN, 'history', ...words], {
    cwd: options.cwd ?? project,
    encoding: 'utf8',
    env: {
      ...process.env,
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      MURMUR8_STATE_DIR: undefined,
      ...options.env,
    },
    maxBuffer: 1 << 26,
  });
  return { code: result.status, out: result.stdout, err: result.stderr };
}

const runId = (number: number) => `${String(number).padStart(4, '0')}0000-0000-4000-8000-000000000000`;

function entry(number: number, unusual: object = {}) {
  const day = String(number).padStart(2, '0');
  return {
    slug: `feature-${number}`,
    status: 'success',
    runId: runId(number),
    startedAt: `2026-01-${day}T10:00:00.000Z`,
    completedAt: `2026-01-${day}T10:05:00.000Z`,
    totalDurationMs: 300_000,
    stages: {
      alex: {
        startedAt: `2026-01-${day}T10:00:00.000Z`,
        completedAt: `2026-01-${day}T10:01:00.000Z`,
        durationMs: 60_000,
        model: 'large',
        cost: 0.5,
      },
    },
    failedStage: null,
    pausedAfter: null,
    totalCost: 0.5,
    ...unusual,
  };
}

function record(entries: readonly object[]): void {
  writeFileSync(file, JSON.stringify(entries, null, 2));
}

const twelve = Array.from({ length: 12 }, (_, index) => entry(index + 1));

describe('murmur8 history', () => {
  it('says that there is nothing yet, makes no file, and is no failure', () => {
    const before = readdirSync(join(project, '.claude'));
    expect(history([])).toMatchObject({ code: 0, out: expect.stringContaining('No runs recorded yet') });
    expect(history(['--json']).out).toBe('[]\n');
    expect(history(['--stats']).code).toBe(0);
    expect(readdirSync(join(project, '.claude'))).toEqual(before);
  });

  it('shows the newest ten, newest first, from anywhere inside the project', () => {
    record(twelve);
    const { code, out } = history([], { cwd: join(project, 'src') });
    expect(code).toBe(0);
    const slugs = [...out.matchAll(/feature-\d+/g)].map(([slug]) => slug);
    expect(slugs).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map((number) => `feature-${number}`));
  });

  it('shows every run with --all, as JSON with --json, and without colour where it goes to a pipe', () => {
    record(twelve);
    expect(JSON.parse(history(['--all', '--json']).out)).toEqual(twelve.toReversed());
    expect(JSON.parse(history(['--json']).out)).toHaveLength(10);
    expect(history(['--all']).out.match(/feature-/g)).toHaveLength(12);
    expect(history([], { env: { NO_COLOR: undefined } }).out).not.toContain('\u001b');
    expect(history([], { env: { NO_COLOR: undefined, FORCE_COLOR: '1' } }).out).toContain('\u001b[32m');
  });

  it('figures: outcomes, stages and costs, for people and as JSON', () => {
    record([...twelve, entry(13, { status: 'failed', failedStage: 'nigel', stages: {} })]);
    expect(history(['--stats']).out).toMatch(/Success rate: +92\.3%[\s\S]*alex +12 +1m 00s/);
    expect(JSON.parse(history(['--stats', '--json']).out)).toMatchObject({
      runs: 13,
      failed: 1,
      mostCommonFailingStage: { name: 'nigel', failures: 1 },
    });
    expect(history(['--cost']).out).toMatch(/Total: +\$6\.50/);
    expect(JSON.parse(history(['--cost', '--json']).out)).toMatchObject({
      totalMicroUsd: 6_500_000,
      runsWithCost: 13,
    });
  });

  it('show: one run by the beginning of its id; exit 6 with the nearest where there is none, 2 where it is not clear', () => {
    record(twelve);
    expect(JSON.parse(history(['show', '0007', '--json']).out)).toEqual(twelve[6]);
    expect(history(['show', runId(7)]).out).toMatch(/Feature: +feature-7[\s\S]*STAGE[\s\S]*alex/);
    expect(history(['show', '00x7'])).toMatchObject({
      code: 6,
      out: '',
      err: expect.stringMatching(/no recorded run "00x7"\nhint: did you mean 00/),
    });
    expect(history(['show', '000'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('begins 9 run ids'),
    });
  });

  it('reads what 4.x wrote and leaves its file as it is, byte by byte', () => {
    const content = JSON.stringify(
      [
        {
          slug: 'old',
          status: 'failed',
          startedAt: '2025-01-01T00:00:00.000Z',
          completedAt: '2025-01-01T00:01:00.000Z',
          totalDurationMs: 60_000,
          stages: { 'nigel-spec': { durationMs: 1000 }, 'nigel-tests': { durationMs: 2000 } },
          failedStage: 'nigel-tests',
        },
      ],
      null,
      2,
    );
    writeFileSync(file, content);
    expect(history([]).out).toMatch(/- +old +✖ failed .* nigel/);
    expect(history(['show', 'old']).out).toMatch(/nigel +- +- +3\.0s/);
    expect(JSON.parse(history(['export', '--format', 'json']).out)).toEqual(JSON.parse(content));
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it('export: CSV and JSON, filtered, oldest first, to standard output or a file for its owner', () => {
    record([...twelve, entry(13, { slug: '=cmd', status: 'failed' })]);
    const csv = history(['export', '--since', '2026-01-12', '--until', '2026-01-13']).out.split('\r\n');
    expect(csv).toHaveLength(4);
    expect(csv[0]).toMatch(/^runId,/);
    expect(csv[2]).toContain(",'=cmd,failed,");
    expect(
      JSON.parse(
        history(['export', '--format', 'json', '--status', 'success', '--feature', 'feature-3']).out,
      ),
    ).toEqual([twelve[2]]);
    expect(history(['export', '--format', 'json', '--output', 'out.json']).out).toBe('');
    expect(JSON.parse(readFileSync(join(project, 'out.json'), 'utf8'))).toHaveLength(13);
    expect(statSync(join(project, 'out.json')).mode & 0o777).toBe(0o600);
    expect(history(['export', '--since', 'yesterday'])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('2026-02-24'),
    });
    expect(history(['export', '--format', 'xml']).code).toBe(2);
  });

  it('clear: refuses without a terminal, deletes with --force', () => {
    record(twelve);
    expect(history(['clear'])).toMatchObject({ code: 2, err: expect.stringContaining('--force') });
    expect(existsSync(file)).toBe(true);
    expect(history(['clear', '--force']).code).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  it('names the place of damage with exit 1, and repair saves every whole entry', () => {
    const lines = twelve.map((one) => JSON.stringify(one));
    lines[4] = lines[4]?.slice(0, 90) ?? '';
    const damaged = `[\n${lines.join(',\n')}\n]\n`;
    writeFileSync(file, damaged);
    const failed = history(['--stats']);
    expect(failed).toMatchObject({ code: 1, out: '' });
    expect(failed.err).toMatch(
      /pipeline-history\.json:6:\d+: .*byte \d+.*\nhint: (npx --no-install )?murmur8 history repair/,
    );
    expect(history(['export', '--output', 'out.csv']).code).toBe(1);
    expect(existsSync(join(project, 'out.csv'))).toBe(false);
    expect(history(['repair'])).toMatchObject({ code: 0, out: expect.stringContaining('Saved 11 runs') });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveLength(11);
    const aside = readdirSync(join(project, '.claude')).find((name) => name.includes('.damaged-')) ?? '';
    expect(readFileSync(join(project, '.claude', aside), 'utf8')).toBe(damaged);
    expect(history(['repair', '--json']).out).toContain('"sound"');
    expect(history(['--stats']).code).toBe(0);
  });

  it('takes the state directory from the flag and from the variable', () => {
    record(twelve);
    const state = join(project, 'elsewhere');
    expect(history(['--state-dir', state]).out).toContain('No runs recorded yet');
    expect(history([], { env: { MURMUR8_STATE_DIR: state } }).out).toContain('No runs recorded yet');
    expect(
      history(['show', '0003', '--state-dir', join(project, '.claude')], { cwd: tmpdir() }).out,
    ).toContain('feature-3');
    expect(existsSync(state)).toBe(false);
  });

  it('answers an unknown word or switch with exit 2 and where help is', () => {
    expect(history(['shwo'])).toMatchObject({ code: 2, err: expect.stringContaining('--help') });
    expect(history(['--nothing'])).toMatchObject({ code: 2, err: expect.stringContaining('--help') });
    expect(history(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('repair') });
  });
});

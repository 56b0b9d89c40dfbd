import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closedAddress, decodePng, README, type Sheet } from '../examples/atlas-files.ts';
import { type AtlasProject, createAtlasProject } from '../examples/atlas-project.ts';

let project: AtlasProject;
beforeEach(async () => {
  project = await createAtlasProject();
});
afterEach(() => project.remove());

/** Status as printed, without what no two runs have in common. */
async function shown(): Promise<string> {
  return withoutTimes((await project.shown()).replaceAll(project.id(), 'abc123'));
}

function withoutTimes(text: string): string {
  return text.replace(/(Elapsed|Duration): +.*/g, '$1:');
}

/** The two outputs that seed 002 prints, as readers of the example see them. */
const IN_PROGRESS = `📊 Run Status: abc123
═══════════════════════════════════════════════════════

Status:     🔄 in-progress (GENERATING)
Frame:      3 of 8 (Attempt 2)
Elapsed:
Progress:   [██████░░░░░░░░░░] 37.5%

Metrics:
  Completed:  2/8 frames
  Failed:     1/8 frames
  Attempts:   7 total
  Retry Rate: 25.0%

Current:    Generating frame 3 with IDENTITY_RESCUE strategy
`;
const COMPLETED = `📊 Run Status: abc123
═══════════════════════════════════════════════════════

Status:     ✅ completed (PARTIAL_SUCCESS)
Duration:
Progress:   [████████████████] 100%

Metrics:
  Success:    7/8 frames (87.5%)
  Failed:     1/8 frames
  Attempts:   15 total
  Retry Rate: 37.5%

Export:
  Location:   runs/abc123/export/
  Atlas:      blaze_idle.png, blaze_idle.json
  Validation: ✅ PASSED
`;

describe('the sprite atlas', () => {
  test('is exported when every frame was approved', async () => {
    expect((await project.run()).code).toBe(0);
    const { reason_code, metrics, details } = await project.status();
    expect(reason_code).toBe('ALL_FRAMES_APPROVED');
    expect(metrics).toEqual({
      total_frames: 8,
      frames_completed: 8,
      frames_failed: 0,
      frames_remaining: 0,
      total_attempts: 8,
      retry_rate: 0,
      reject_rate: 0,
    });
    const location = `runs/${project.id()}/export/`;
    expect(details).toMatchObject({
      success_rate: 1,
      export_location: location,
      atlas_files: ['blaze_idle.png', 'blaze_idle.json'],
      validation_passed: true,
    });
    const sheet = JSON.parse(project.read(`${location}blaze_idle.json`)) as Sheet;
    expect(Object.keys(sheet.frames)).toHaveLength(8);
    const picture = decodePng(readFileSync(project.path(location, 'blaze_idle.png')));
    expect(sheet.meta.size).toEqual({ w: picture.width, h: picture.height });
  });

  test('comes to the figures of both printed examples in one run', async () => {
    const { ended } = project.begin({ drift: '1:1,3:3,6:3', broken: '4', hold: '3:2,5' });
    // Frames 3 and 5 wait for somebody to say go; the others ended as they were to.
    await project.whenStatus({ metrics: { frames_completed: 2, frames_failed: 1, total_attempts: 7 } });
    expect(await shown()).toContain(IN_PROGRESS);
    expect(await project.status()).toMatchObject({
      status: 'in-progress',
      reason_code: 'GENERATING',
      metrics: {
        total_frames: 8,
        frames_completed: 2,
        frames_failed: 1,
        frames_remaining: 5,
        total_attempts: 7,
        retry_rate: 0.25,
        reject_rate: 0,
      },
      details: {
        current_frame_index: 2,
        current_attempt: 2,
        current_action: 'Generating frame 3 with IDENTITY_RESCUE strategy',
      },
    });
    project.write('go', '');
    expect((await ended).code).toBe(0);
    expect(await shown()).toContain(COMPLETED);
    expect(await project.status()).toMatchObject({
      metrics: { frames_completed: 7, frames_failed: 1, total_attempts: 15, retry_rate: 0.375 },
      details: { success_rate: 0.875, validation_passed: true },
    });
    const sheet = JSON.parse(project.read(`runs/${project.id()}/export/blaze_idle.json`)) as Sheet;
    expect(Object.keys(sheet.frames)).not.toContain('blaze_idle_04.png');
  });

  test('is shown to its readers as it stands', () => {
    for (const text of [IN_PROGRESS, COMPLETED]) expect(withoutTimes(README)).toContain(text);
  });
});

describe('what is under way, asked by another process', () => {
  test('is AUDITING while a frame is checked', async () => {
    const { ended } = project.begin({ hold_audit: '2' });
    const { metrics, details } = await project.whenStatus({
      reason_code: 'AUDITING',
      metrics: { frames_completed: 7 },
    });
    expect(metrics).toMatchObject({ total_attempts: 8, frames_remaining: 1 });
    expect(details).toMatchObject({ current_frame_index: 1, current_action: 'Auditing frame 2' });
    project.write('go', '');
    expect((await ended).code).toBe(0);
  });

  test('is RETRYING in the pause before another attempt', async () => {
    const { child, ended } = project.begin({ flaky: '1:3,2:3' });
    const { details, metrics } = await project.whenStatus({
      status: 'in-progress',
      reason_code: 'RETRYING',
      details: { current_frame_index: 0 },
    });
    expect(metrics.frames_remaining).toBeGreaterThan(0);
    expect(details).toMatchObject({ current_action: 'Preparing the next attempt at frame 1' });
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
  });
});

describe('a run fails', () => {
  async function failure() {
    const { status, reason_code, metrics, details } = await project.status();
    expect(status).toBe('failed');
    if (!('error_type' in details)) throw new Error('these are no details of a failed run');
    expect(details.error_code).toBe(reason_code);
    const diagnostic = details.diagnostic_path ?? '';
    expect(existsSync(diagnostic), diagnostic).toBe(true);
    return { reason_code, metrics, ...details, diagnostic: readFileSync(diagnostic, 'utf8') };
  }

  test('with SYS_MANIFEST_INVALID when its list of frames is no list', async () => {
    expect((await project.run({ manifest: 'frames-broken' })).code).toBe(1);
    const failed = await failure();
    expect(failed).toMatchObject({ reason_code: 'SYS_MANIFEST_INVALID', error_type: 'system' });
    expect(failed.error_message).toContain('frames-broken.json');
    expect(failed.metrics.total_attempts).toBe(0);
  });

  test('with SYS_MANIFEST_INVALID when there is no list of frames', async () => {
    expect((await project.run({ manifest: 'nowhere' })).code).toBe(1);
    expect(await failure()).toMatchObject({
      reason_code: 'SYS_MANIFEST_INVALID',
      error_message: expect.stringContaining('nowhere.json'),
    });
  });

  test('with DEP_API_UNAVAILABLE when nobody answers where the palette comes from', async () => {
    const api = await closedAddress();
    expect((await project.run({ api })).code).toBe(1);
    const failed = await failure();
    expect(failed).toMatchObject({ reason_code: 'DEP_API_UNAVAILABLE', error_type: 'dependency' });
    expect(failed.error_message).toContain(`the palette service at ${api} is not available`);
    // Drawing it once more would not bring the service back.
    expect(failed.metrics.retry_rate).toBe(0);
    expect(failed.diagnostic).toContain('ECONNREFUSED');
  });

  test('with DEP_TEXTUREPACKER_FAIL when the frames do not fit into the atlas', async () => {
    expect((await project.run({ atlas_size: '64' })).code).toBe(1);
    const failed = await failure();
    expect(failed).toMatchObject({
      reason_code: 'DEP_TEXTUREPACKER_FAIL',
      error_type: 'dependency',
      metrics: { frames_completed: 8, frames_failed: 0 },
    });
    expect(failed.error_message).toContain('8 frames do not fit into one atlas of 64x64');
    expect(failed.diagnostic).toContain('8 frames do not fit into one atlas of 64x64');
  });

  test('with SYS_WRITE_ERROR when a file is in the way of its export', async () => {
    expect((await project.run({ export_to: 'frames.json' })).code).toBe(1);
    const failed = await failure();
    expect(failed).toMatchObject({ reason_code: 'SYS_WRITE_ERROR', error_type: 'system' });
    expect(failed.error_message).toContain('frames.json');
    expect(JSON.parse(project.read('frames.json'))).toHaveLength(8);
  });
});

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closedAddress, copyExample, decodePng, encodePng, type Sheet } from './atlas-files.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'murmur8-atlas-'));
  copyExample(directory);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The typed answer that was left. */
  readonly answer: unknown;
}

interface Order {
  readonly frame?: number;
  readonly attempt?: number;
  readonly strategy?: string;
}

/** Starts one of the example's programs as murmur8 does. */
function program(
  words: readonly string[],
  { frame = 1, attempt = 1, strategy = '' }: Order = {},
): Promise<Ended> {
  const answerFile = join(directory, 'answer.json');
  rmSync(answerFile, { force: true });
  const env = {
    PATH: process.env['PATH'],
    MURMUR8_RUN_ID: 'run',
    MURMUR8_ITEM: `blaze_idle_0${frame}`,
    MURMUR8_FRAME: String(frame - 1),
    MURMUR8_ATTEMPT_NUMBER: String(attempt),
    MURMUR8_STRATEGY: strategy,
    MURMUR8_ANSWER: answerFile,
    MURMUR8_EXPORT: join(directory, 'export'),
  };
  return new Promise((resolve) =>
    execFile(process.execPath, words, { cwd: directory, env }, (error, stdout, stderr) => {
      const answer: unknown = existsSync(answerFile)
        ? JSON.parse(readFileSync(answerFile, 'utf8'))
        : undefined;
      resolve({
        code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
        stdout,
        stderr,
        answer,
      });
    }),
  );
}

const generate = (order: Order = {}, ...words: string[]) => program(['generate.mjs', ...words], order);
const audit = (frame = 1, ...words: string[]) => program(['audit.mjs', ...words], { frame });

function drawn(frame: number): Buffer {
  return readFileSync(join(directory, `work/run/drawn/blaze_idle_0${frame}.png`));
}

function isApproved(frame: number): boolean {
  return existsSync(join(directory, `work/run/approved/blaze_idle_0${frame}.png`));
}

describe('a frame', () => {
  test('is a picture of its own in the loop, and the same each time it is drawn', async () => {
    await generate({ frame: 1 });
    await generate({ frame: 2 });
    const [one, two] = [drawn(1), drawn(2)];
    await generate({ frame: 1 });
    expect(drawn(1).equals(one)).toBe(true);
    expect(two.equals(one)).toBe(false);
    const { width, height, data } = decodePng(one);
    expect([width, height]).toEqual([48, 64]);
    const covered = data.filter((value, index) => index % 4 === 3 && value === 255).length;
    expect(covered).toBeGreaterThan(600);
  });

  test('that is as it should be is approved, whatever its place in the loop', async () => {
    for (const frame of [1, 4, 8]) {
      await generate({ frame });
      expect(await audit(frame)).toMatchObject({ code: 0, answer: { verdict: 'approved', findings: [] } });
      expect(isApproved(frame)).toBe(true);
    }
  });

  test.each([
    ['palette', /^palette: the colours are \d+\.\d away from the reference, at most 12\.0 wanted$/],
    ['size', /^size: 50x64, 48x64 wanted$/],
    ['alpha', /^alpha: \d+\.\d % of the frame are covered, 20\.0 % to 50\.0 % wanted$/],
  ])('that drifts in its %s is rejected with that as the finding', async (defect, finding) => {
    await generate({}, '--drift=1:1', `--defect=${defect}`);
    const { code, answer } = await audit();
    expect(code).toBe(1);
    expect(answer).toEqual({ verdict: 'rejected', findings: [expect.stringMatching(finding)] });
  });

  test('that is rejected is no longer approved', async () => {
    await generate();
    await audit();
    expect(isApproved(1)).toBe(true);
    await generate({}, '--drift=1');
    await audit();
    expect(isApproved(1)).toBe(false);
  });

  test('is put right by a strategy that takes back as many steps as it drifted, and by none beyond', async () => {
    const strategies = ['IDENTITY_RESCUE', 'PALETTE_SNAP', 'REFERENCE_LOCK'];
    for (const [index, strategy] of strategies.entries()) {
      await generate({ strategy }, `--drift=1:${index + 1}`);
      expect((await audit()).code).toBe(0);
      await generate({ strategy }, `--drift=1:${index + 2}`);
      expect((await audit()).code).toBe(1);
    }
    await generate({ strategy: 'REFERENCE_LOCK' }, '--drift=1');
    expect((await audit()).code).toBe(1);
  });

  test('that cannot be drawn, or whose place in a list cannot be read, fails with the reason', async () => {
    expect(await generate({ frame: 4 }, '--broken=3,4')).toMatchObject({
      code: 1,
      stderr: 'blaze_idle_04 cannot be drawn\n',
      answer: undefined,
    });
    expect(await generate({}, '--drift=3:none')).toMatchObject({
      code: 1,
      stderr: 'drift: "3:none" names no frame; write 4, or 3:2, or 4,3:2\n',
    });
  });

  test('fails for the moment as often as it is told to, with an exit code of its own', async () => {
    const codes: number[] = [];
    for (const attempt of [1, 2, 3]) codes.push((await generate({ frame: 3, attempt }, '--flaky=3:2')).code);
    expect(codes).toEqual([75, 75, 0]);
  });

  test('that is not there is not audited, which is no verdict', async () => {
    expect(await audit()).toMatchObject({ code: 126, answer: undefined });
  });

  test('waits at the attempt that is held until there is a file named go', async () => {
    let isOver = false;
    const held = generate({ frame: 3, attempt: 2 }, '--hold=3:2').then((ended) => {
      isOver = true;
      return ended;
    });
    // The others pass it by.
    await generate({ frame: 3, attempt: 1 }, '--hold=3:2');
    await generate({ frame: 2, attempt: 2 }, '--hold=3:2');
    expect(isOver).toBe(false);
    writeFileSync(join(directory, 'go'), '');
    expect((await held).code).toBe(0);
  });
});

describe('the service that gives the palette', () => {
  test('is reported as not available when nobody listens', async () => {
    const api = await closedAddress();
    const { code, answer } = await generate({}, `--api=${api}`);
    expect(code).toBe(1);
    expect(answer).toEqual({
      failure: {
        code: 'DEP_API_UNAVAILABLE',
        text: expect.stringContaining(`${api} is not available: connect`),
      },
    });
  });

  test('gives the colours of the frame when it answers', async () => {
    const server = createServer((_, response) => response.end('["#0000ff"]'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect((await generate({}, `--api=http://127.0.0.1:${port}/`)).code).toBe(0);
    await new Promise((resolve) => server.close(resolve));
    const { data } = decodePng(drawn(1));
    const colours = new Set<string>();
    for (let at = 0; at < data.length; at += 4) colours.add(data.subarray(at, at + 4).toString('hex'));
    expect([...colours].sort()).toEqual(['00000000', '0000ffff']);
  });
});

describe('the atlas', () => {
  const FRAMES = [1, 2, 4, 5];
  const place = (name: string) => join(directory, 'export', name);
  const sheet = () => JSON.parse(readFileSync(place('blaze_idle.json'), 'utf8')) as Sheet;

  beforeEach(async () => {
    mkdirSync(join(directory, 'export'));
    for (const frame of FRAMES) {
      await generate({ frame });
      await audit(frame);
    }
    // Drawn and rejected.
    await generate({ frame: 3 }, '--drift=3');
    await audit(3);
  });

  test('holds the approved frames in the form of a JSON hash, none over another, and is validated', async () => {
    expect((await program(['pack.mjs', '--size=256'])).code).toBe(0);
    const { frames, meta } = sheet();
    expect(Object.keys(frames)).toEqual(FRAMES.map((frame) => `blaze_idle_0${frame}.png`));
    const picture = decodePng(readFileSync(place('blaze_idle.png')));
    expect(meta).toMatchObject({ image: 'blaze_idle.png', size: { w: picture.width, h: picture.height } });
    const boxes = Object.values(frames).map(({ frame }) => frame);
    for (const [index, one] of boxes.entries()) {
      expect(one.x + one.w).toBeLessThanOrEqual(picture.width);
      expect(one.y + one.h).toBeLessThanOrEqual(picture.height);
      for (const other of boxes.slice(index + 1)) {
        const beside = one.x + one.w <= other.x || other.x + other.w <= one.x;
        const above = one.y + one.h <= other.y || other.y + other.h <= one.y;
        expect(beside || above).toBe(true);
      }
    }
    for (const { spriteSourceSize: part, sourceSize } of Object.values(frames)) {
      expect(sourceSize).toEqual({ w: 48, h: 64 });
      expect(part.w).toBeLessThan(48);
    }
    expect(await program(['validate.mjs'])).toMatchObject({
      code: 0,
      stdout: '4 frames are as they were approved\n',
    });
  });

  test('is the same each time it is packed', async () => {
    await program(['pack.mjs', '--size=256']);
    const before = [readFileSync(place('blaze_idle.png')), readFileSync(place('blaze_idle.json'))];
    await program(['pack.mjs', '--size=256']);
    expect([readFileSync(place('blaze_idle.png')), readFileSync(place('blaze_idle.json'))]).toEqual(before);
  });

  test.each([['64'], ['40']])('of %s pixels is too small for them', async (size) => {
    expect(await program(['pack.mjs', `--size=${size}`])).toMatchObject({
      code: 1,
      stderr: `4 frames do not fit into one atlas of ${size}x${size}\n`,
    });
    expect(existsSync(place('blaze_idle.png'))).toBe(false);
  });

  test('is not valid with one pixel changed, with a frame missing or with one too many', async () => {
    await program(['pack.mjs', '--size=256']);
    const bytes = readFileSync(place('blaze_idle.png'));
    const entry = sheet().frames['blaze_idle_02.png'];
    if (entry === undefined) throw new Error('the frame is missing');
    const picture = decodePng(bytes);
    const middle = entry.frame.x + Math.floor(entry.frame.w / 2);
    const at = ((entry.frame.y + Math.floor(entry.frame.h / 2)) * picture.width + middle) * 4;
    picture.data[at] = (picture.data[at] ?? 0) ^ 1;
    writeFileSync(place('blaze_idle.png'), encodePng(picture));
    expect(await program(['validate.mjs'])).toMatchObject({
      code: 1,
      stderr: 'blaze_idle_02.png is not as it was approved\n',
    });
    writeFileSync(place('blaze_idle.png'), bytes);
    await generate({ frame: 7 });
    await audit(7);
    expect((await program(['validate.mjs'])).stderr).toBe('blaze_idle_07.png is not in the atlas\n');
    rmSync(join(directory, 'work/run/approved/blaze_idle_07.png'));
    rmSync(join(directory, 'work/run/approved/blaze_idle_01.png'));
    expect((await program(['validate.mjs'])).stderr).toBe('blaze_idle_01.png was not approved\n');
  });
});

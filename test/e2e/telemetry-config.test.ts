import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { enqueueFailure } from '../../src/edges/telemetry/failed-queue.ts';
import { formatTelemetryConfig } from '../../src/edges/telemetry/read-status.ts';
import { answer, startReceiver } from '../rig/receiver.ts';
import { aProject, BIN, type Ended, freshDirectory, runNode } from '../rig/receiver-run.ts';

const KEY = 'sk-topsecret-0123456789';

function telemetryConfig(cwd: string, args: string[] = [], env: Record<string, string> = {}): Promise<Ended> {
  return runNode([BIN, 'telemetry-config', ...args], env, cwd).ended;
}

describe('story telemetry-config-command (spec)', () => {
  test('without configuration it says that telemetry is inactive, and writes nothing', async () => {
    const { root, stateDir } = aProject();
    const { code, stdout, stderr } = await telemetryConfig(root);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/inactive/);
    expect(stdout).toMatch(/^Key: +not set$/m);
    expect(readdirSync(stateDir)).toEqual([]);
  });

  test('it shows URL, masked key and queue depth, and never the key (AC-2)', async () => {
    const { root, dotenv, queue } = aProject();
    writeFileSync(
      dotenv,
      `MURMUR8_TELEMETRY_URL=https://ada:hunter2@telemetry.example.com/in\nMURMUR8_TELEMETRY_KEY=${KEY}\n`,
    );
    enqueueFailure({ runId: 'a' }, queue);
    enqueueFailure({ runId: 'b' }, queue);
    const { stdout } = await telemetryConfig(root);
    expect(stdout).toMatch(/^Telemetry: +active$/m);
    expect(stdout).toMatch(/^URL: +https:\/\/\*\*\*@telemetry\.example\.com\/in$/m);
    expect(stdout).toMatch(/^Key: +sk-\*\*\*\*6789$/m);
    expect(stdout).toMatch(/^Queue: +2 payloads waiting$/m);
    expect(stdout).not.toMatch(/topsecret|hunter2/);
  });

  test('from a directory below it reads the .env of the project', async () => {
    const { root, dotenv, stateDir } = aProject();
    writeFileSync(dotenv, 'MURMUR8_TELEMETRY_URL=https://telemetry.example.com/in\n');
    expect((await telemetryConfig(stateDir)).stdout).toMatch(/active$/m);
    expect((await telemetryConfig(root)).stdout).toMatch(/^URL: +https:\/\/telemetry\.example\.com\/in$/m);
  });

  test('--json holds the same', async () => {
    const { root } = aProject();
    const env = { MURMUR8_TELEMETRY_URL: 'http://telemetry.example.com/in', MURMUR8_TELEMETRY_KEY: KEY };
    const { stdout } = await telemetryConfig(root, ['--json'], env);
    expect(JSON.parse(stdout)).toEqual({
      active: true,
      url: 'http://telemetry.example.com/in',
      key: 'sk-****6789',
      queueDepth: 0,
      outboxDepth: 0,
      lastDelivery: null,
      warnings: [expect.stringMatching(/unencrypted/)],
    });
  });

  test('--test sends a made-up event and says that it was accepted', async () => {
    const { root } = aProject();
    const receiver = await startReceiver();
    const env = { MURMUR8_TELEMETRY_URL: receiver.url, MURMUR8_TELEMETRY_KEY: KEY };
    const { code, stdout } = await telemetryConfig(root, ['--test'], env);
    await receiver.close();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Test: +accepted \(HTTP 200\)$/m);
    expect(stdout).toMatch(/local \(loopback\)/);
    expect(JSON.parse(receiver.received[0]?.text ?? '')).toMatchObject({ featureSlug: 'telemetry-test' });
    expect(receiver.received[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  });

  test('--test ends with 1 when the endpoint refuses, without the key even if that sends it back', async () => {
    const { root } = aProject();
    const receiver = await startReceiver({ behaviour: answer(401, { 'X-Echo': KEY }, KEY) });
    const env = { MURMUR8_TELEMETRY_URL: receiver.url, MURMUR8_TELEMETRY_KEY: KEY };
    const { code, stdout, stderr } = await telemetryConfig(root, ['--test', '--json'], env);
    await receiver.close();
    expect(code).toBe(1);
    expect(JSON.parse(stdout).test).toMatchObject({ ok: false, status: 401 });
    expect(stdout + stderr).not.toContain('topsecret');
  });

  test.each([
    ['nobody listens', 'http://127.0.0.1:1/in'],
    ['the URL is malformed', 'not a url'],
    ['the key stands in the URL', `http://${KEY}@127.0.0.1:1/${KEY}`],
  ])('--test ends with 1 when %s, without the key', async (_title, url) => {
    const env = { MURMUR8_TELEMETRY_URL: url, MURMUR8_TELEMETRY_KEY: KEY };
    const { code, stdout, stderr } = await telemetryConfig(aProject().root, ['--test'], env);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Test: +failed/m);
    expect(stdout + stderr).not.toContain('topsecret');
  });

  test('--test without a URL ends with 1', async () => {
    expect((await telemetryConfig(aProject().root, ['--test'])).code).toBe(1);
  });

  test('an unknown option ends with 2', async () => {
    expect((await telemetryConfig(aProject().root, ['--bogus'])).code).toBe(2);
  });
});

test('formatTelemetryConfig returns the same text for whoever imports the package', () => {
  const { queue } = aProject();
  enqueueFailure({ runId: 'a' }, queue);
  const text = formatTelemetryConfig({ url: 'https://host/in', key: 'abcd1234' }, queue);
  expect(text).toMatch(/active/);
  expect(text).toContain('https://host/in');
  expect(text).toContain('****1234');
  expect(text).toContain('1 payload');
  expect(formatTelemetryConfig({ url: null, key: null }, join(freshDirectory(), 'none.json'))).toContain(
    'not set',
  );
});

test('the hidden telemetry-deliver says nothing and ends with 0 whatever it is given', async () => {
  const { root, stateDir } = aProject();
  for (const args of [[], ['--bogus'], ['--state-dir', stateDir, '--dotenv', join(root, '.env')]]) {
    const ended = await runNode([BIN, 'telemetry-deliver', ...args], {}, root).ended;
    expect(ended).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  }
  expect(existsSync(join(stateDir, '.telemetry-lock'))).toBe(false);
});

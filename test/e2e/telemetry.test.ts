import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { enqueueFailure, readQueue } from '../../src/edges/telemetry/failed-queue.ts';
import { listOutbox } from '../../src/edges/telemetry/outbox.ts';
import { answer, type Behaviour, hangBeforeHeaders, type Receiver, startReceiver } from '../rig/receiver.ts';
import { aProject, aRun, BIN, bundle, runNode } from '../rig/receiver-run.ts';

/** Long enough for any machine; a delivery that works ends it at once. */
const WAIT = { MURMUR8_TELEMETRY_WAIT_MS: '30000' };
let program = '';

beforeAll(() => {
  program = bundle(`
    import { createTelemetry } from './src/compose/telemetry.ts';
    const { options, run } = JSON.parse(process.argv[2]);
    const telemetry = createTelemetry(options);
    void (async () => {
      await telemetry.atRunStart();
      if (run !== undefined) await telemetry.atRunEnd(run);
    })();
  `);
});

const open: Receiver[] = [];
afterEach(async () => {
  for (const receiver of open.splice(0)) await receiver.close();
});
async function receive(behaviour: Behaviour = answer(200)): Promise<Receiver> {
  const receiver = await startReceiver({ behaviour });
  open.push(receiver);
  return receiver;
}

type Project = ReturnType<typeof aProject>;

/** A process that does what a run does at its start and at its end; the real binary delivers. */
function aRunOf(project: Project, env: Record<string, string>, run = aRun()) {
  const options = {
    stateDir: project.stateDir,
    dotenvPath: project.dotenv,
    selfCommand: [process.execPath, BIN],
  };
  return runNode([program, JSON.stringify({ options, run })], env, project.root).ended;
}

const silent = { code: 0, signal: null, stdout: '', stderr: '' };

describe('story payload-send, at the end of a run', () => {
  test('AC-5: a run that is accepted leaves no word and no file of its own', async () => {
    const project = aProject();
    const receiver = await receive();
    const run = aRun();
    const ended = await aRunOf(project, { ...WAIT, MURMUR8_TELEMETRY_URL: receiver.url }, run);
    expect(ended).toEqual(silent);
    expect(receiver.runIds()).toEqual([run.runId]);
    expect(listOutbox(project.outbox)).toEqual([]);
    expect(existsSync(project.queue)).toBe(false);
  });

  test('the run has ended before an endpoint answers, and the delivery goes on without it', async () => {
    const project = aProject();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const receiver = await receive((response, received, index) => {
      void held.then(() => answer(200)(response, received, index));
    });
    writeFileSync(
      project.dotenv,
      `MURMUR8_TELEMETRY_URL=${receiver.url}\nMURMUR8_TELEMETRY_KEY=k-from-file\n`,
    );
    expect(await aRunOf(project, {})).toEqual(silent);
    await receiver.count(1);
    expect(receiver.received[0]?.headers.authorization).toBe('Bearer k-from-file');
    expect(listOutbox(project.outbox)).toHaveLength(1);
    release();
    await gone(project.outbox);
  });
});

describe('story failed-queue-retry, over two runs', () => {
  test.each([
    ['refuses', answer(500)],
    ['cuts the connection', ((response) => response.socket?.destroy()) satisfies Behaviour],
  ])('AC-1: when the endpoint %s, the payload is queued without a word', async (_title, behaviour) => {
    const project = aProject();
    const receiver = await receive(behaviour);
    expect(await aRunOf(project, { ...WAIT, MURMUR8_TELEMETRY_URL: receiver.url })).toEqual(silent);
    expect(readQueue(project.queue)).toHaveLength(1);
    expect(listOutbox(project.outbox)).toEqual([]);
  });

  test('AC-2, AC-3, AC-4: the next run sends what was queued, and the queue ends empty', async () => {
    const project = aProject();
    enqueueFailure({ runId: 'old' }, project.queue);
    const receiver = await receive();
    const run = aRun();
    expect(await aRunOf(project, { ...WAIT, MURMUR8_TELEMETRY_URL: receiver.url }, run)).toEqual(silent);
    await receiver.count(2);
    await emptied(project.queue);
    expect(new Set(receiver.runIds())).toEqual(new Set(['old', run.runId]));
  });

  test('AC-5: what is refused again stays queued without a word', async () => {
    const project = aProject();
    enqueueFailure({ runId: 'old' }, project.queue);
    const receiver = await receive(answer(503));
    const run = aRun();
    expect(await aRunOf(project, { ...WAIT, MURMUR8_TELEMETRY_URL: receiver.url }, run)).toEqual(silent);
    await receiver.count(2);
    expect(JSON.stringify(readQueue(project.queue))).toContain('"old"');
  });

  test('a run that a machine switched off in mid-send left in the outbox is sent by the next one', async () => {
    const project = aProject();
    const stuck = await receive(hangBeforeHeaders);
    const first = aRun();
    await aRunOf(project, { MURMUR8_TELEMETRY_URL: stuck.url }, first);
    await stuck.count(1);
    await stuck.close();
    const receiver = await receive();
    await aRunOf(project, { ...WAIT, MURMUR8_TELEMETRY_URL: receiver.url });
    await receiver.count(2);
    expect(receiver.runIds()).toContain(first.runId);
  });
});

describe('story telemetry-activation (spec)', () => {
  test('without a URL: no request, no file, no output', async () => {
    const project = aProject();
    writeFileSync(project.dotenv, '# MURMUR8_TELEMETRY_URL=https://x/\nMURMUR8_TELEMETRY_KEY=k\n');
    enqueueFailure({ runId: 'old' }, project.queue);
    const before = readdirSync(project.stateDir);
    expect(await aRunOf(project, { ...WAIT, MURMUR8_TELEMETRY_URL: '' })).toEqual(silent);
    expect(readdirSync(project.stateDir)).toEqual(before);
    expect(readQueue(project.queue)).toEqual([{ runId: 'old' }]);
  });

  test.each(['DO_NOT_TRACK', 'CI'])('%s switches nothing off: the URL alone decides', async (name) => {
    const receiver = await receive();
    await aRunOf(aProject(), { ...WAIT, MURMUR8_TELEMETRY_URL: receiver.url, [name]: '1' });
    expect(receiver.received).toHaveLength(1);
  });
});

test('a state directory that cannot be written costs the event, not the run, and not a word', async () => {
  const project = aProject();
  const file = join(project.root, 'file');
  writeFileSync(file, '');
  const receiver = await receive();
  const ended = await aRunOf(
    { ...project, stateDir: join(file, 'state') },
    { MURMUR8_TELEMETRY_URL: receiver.url },
  );
  expect(ended).toEqual(silent);
});

test('no secret leaves the machine: not the key, nor those of the environment, of .env or of the repository', async () => {
  const project = aProject();
  const receiver = await receive(answer(500));
  writeFileSync(project.dotenv, 'MURMUR8_TELEMETRY_KEY=telemetry-key-1\nSTRIPE_SECRET=stripe-secret-1\n');
  const text = 'telemetry-key-1 stripe-secret-1 openai-key-12 and the rest';
  const run = aRun({
    feedback: { alex: { rating: 4, issues: [text] } },
    identity: { repoUrl: 'https://ada:repo-password-1@git.example.com/x.git' },
    artifacts: { 'FEATURE_SPEC.md': text },
  });
  const env = { ...WAIT, MURMUR8_TELEMETRY_URL: receiver.url, OPENAI_API_KEY: 'openai-key-12' };
  await aRunOf(project, env, run);
  const body = receiver.received[0]?.text ?? '';
  const { gunzipSync } = await import('node:zlib');
  const artifact = gunzipSync(
    Buffer.from(JSON.parse(body).artifacts['FEATURE_SPEC.md'], 'base64'),
  ).toString();
  expect(artifact).toBe('[redacted] [redacted] [redacted] and the rest');
  for (const where of [body, readFileSync(project.queue, 'utf8')]) {
    expect(where).not.toMatch(/telemetry-key-1|stripe-secret-1|openai-key-12|repo-password-1/);
    expect(where).toContain('https://git.example.com/x.git');
  }
});

/** Resolves when the outbox is empty: the detached process tells nobody. */
async function gone(outbox: string): Promise<void> {
  await expect.poll(() => listOutbox(outbox), { timeout: 30_000, interval: 10 }).toEqual([]);
}

async function emptied(queue: string): Promise<void> {
  await expect.poll(() => readFileSync(queue, 'utf8'), { timeout: 30_000, interval: 10 }).toBe('[]');
}

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, test } from 'vitest';
import { notifierFor } from '../../src/compose/notify.ts';
import { aNotification, SECRET } from '../rig/notification.ts';
import { answer, type Behaviour, type Receiver, startReceiver } from '../rig/receiver.ts';
import { aProject, BIN, bundle, type Ended, runNode } from '../rig/receiver-run.ts';

const open: Receiver[] = [];
afterEach(async () => {
  for (const receiver of open.splice(0)) await receiver.close();
});
async function receive(behaviour: Behaviour = answer(200)): Promise<Receiver> {
  const receiver = await startReceiver({ behaviour });
  open.push(receiver);
  return receiver;
}

function run(root: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return runNode([BIN, ...args], env, root).ended;
}

/** A project with a signed webhook whose secrets lie in `.env`. */
async function withHook(url: string) {
  const project = aProject();
  writeFileSync(project.dotenv, `HOOK_URL=${url}\nHOOK_SECRET="${SECRET}"\n`);
  const args = ['--type', 'webhook', '--url-env', 'HOOK_URL', '--secret-env', 'HOOK_SECRET'];
  const added = await run(project.root, ['notify-config', 'add', 'ops', ...args]);
  expect([added.code, added.stderr]).toEqual([0, '']);
  return project;
}

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

describe('notify-config', () => {
  test('adds, shows, changes and removes channels', async () => {
    const { root, stateDir } = aProject();
    const file = join(stateDir, 'notify-config.json');
    const added = await run(root, [
      ...['notify-config', 'add', 'mail', '--type', 'smtp', '--host', 'mail.example.org', '--port', '2525'],
      ...['--from', 'ci@example.org', '--to', 'ann=ann@example.org,bob=bob@example.org'],
      ...['--user', 'ci', '--password-env', 'MAIL_PASSWORD', '--events', 'requested,timed_out', '--json'],
    ]);
    expect([added.code, added.stderr]).toEqual([0, '']);
    expect(read(file)).toEqual({
      version: 1,
      channels: {
        mail: {
          type: 'smtp',
          host: 'mail.example.org',
          port: 2525,
          from: 'ci@example.org',
          to: { ann: 'ann@example.org', bob: 'bob@example.org' },
          user: 'ci',
          passwordEnv: 'MAIL_PASSWORD',
          events: ['requested', 'timed_out'],
        },
      },
    });
    expect(JSON.parse(added.stdout).channels.mail).toMatchObject({ enabled: true, port: 2525 });
    await run(root, ['notify-config', 'set', 'channels.mail.to.ann', 'ann@example.com']);
    await run(root, ['notify-config', 'set', 'channels.mail.enabled', 'false']);
    expect((await run(root, ['notify-config'])).stdout).toMatch(
      /^ {2}channels\.mail\.enabled +false\n(?:.*\n)* {2}channels\.mail\.to\.ann +ann@example\.com$/m,
    );
    expect((await run(root, ['notify-config', 'remove', 'mail'])).code).toBe(0);
    expect(read(file)).toEqual({ version: 1 });
  });

  test('shows of an address its host alone', async () => {
    const { root } = aProject();
    const url = 'https://hooks.example.org/T0/secret-path';
    await run(root, ['notify-config', 'add', 'ops', '--type', 'webhook', '--url', url, '--unsigned']);
    for (const args of [
      ['notify-config'],
      ['notify-config', '--json'],
      ['notify-config', 'set', 'channels.ops.enabled', 'true'],
    ]) {
      const { stdout } = await run(root, args);
      expect(stdout).toContain('https://hooks.example.org/***');
      expect(stdout).not.toContain('secret-path');
    }
  });

  test.each([
    [
      2,
      ['add', 'ops', '--type', 'webhook', '--url', 'https://example.org/x'],
      /secretEnv: a webhook is signed/,
    ],
    [2, ['add', 'ops', '--type', 'slack', '--url', 'https://example.org/hunter2'], /urlEnv/],
    [2, ['add', 'ops', '--type', 'pigeon'], /channels\.ops\.type/],
    [2, ['add', 'Ops!', '--type', 'command', '--command', 'true'], /cannot be the name of a channel/],
    [2, ['add', 'ops'], /--type/],
    [2, ['add', 'ops', '--type', 'smtp', '--to', 'a@b.c,ann=a@b.c'], /give either addresses/],
    [6, ['remove', 'ops'], /there is no channel ops/],
    [6, ['test', 'ops'], /there is no channel ops/],
  ])('ends with %i for %j', async (code, args, message) => {
    const { root, stateDir } = aProject();
    const ended = await run(root, ['notify-config', ...args]);
    expect([ended.code, ended.stderr]).toEqual([code, expect.stringMatching(message)]);
    expect(ended.stderr).not.toContain('hunter2');
    expect(existsSync(join(stateDir, 'notify-config.json'))).toBe(false);
  });

  test('adds no channel over another one, and finds the one that was meant', async () => {
    const { root } = aProject();
    const add = ['notify-config', 'add', 'ops', '--type', 'command', '--command', 'true'];
    await run(root, add);
    expect((await run(root, add)).code).toBe(7);
    expect((await run(root, ['notify-config', 'test', 'opps'])).stderr).toMatch(/did you mean ops\?/);
  });
});

describe('notify-config test', () => {
  test('sends a signed test message with what stands in .env', async () => {
    const receiver = await receive();
    const { root, stateDir } = await withHook(receiver.url);
    const tested = await run(root, ['notify-config', 'test', 'ops']);
    expect([tested.code, tested.stdout]).toEqual([
      0,
      expect.stringMatching(/^ops: sent: 127\.0\.0\.1:\d+ \(HTTP 200\)\n$/),
    ]);
    const [request] = receiver.received;
    const payload = new Webhook(SECRET).verify(
      request?.text ?? '',
      request?.headers as Record<string, string>,
    );
    expect(payload).toMatchObject({ type: 'approval.test' });
    expect(existsSync(join(stateDir, 'notify-outbox'))).toBe(false);
  });

  test('ends with 1 and says why when it is refused, without a secret', async () => {
    const receiver = await receive(answer(403, {}, 'hunter2'));
    const { root } = await withHook(`${receiver.url}/hunter2`);
    const tested = await run(root, ['notify-config', 'test', 'ops', '--json']);
    expect(tested.code).toBe(1);
    expect(JSON.parse(tested.stdout)).toMatchObject({
      channel: 'ops',
      status: 'failed',
      detail: expect.stringMatching(/HTTP 403/),
    });
    expect(tested.stdout + tested.stderr).not.toContain('hunter2');
  });

  test('an environment that has the variable is asked before .env', async () => {
    const [file, real] = [await receive(), await receive()];
    const { root } = await withHook(file.url);
    await run(root, ['notify-config', 'test', 'ops'], { HOOK_URL: real.url });
    expect([file.received.length, real.received.length]).toEqual([0, 1]);
  });

  test('a mail server that nobody runs is told by the program that speaks to it', async () => {
    const { root } = aProject();
    const args = ['--type', 'smtp', '--host', '127.0.0.1', '--port', '1', '--from', 'a@b.c', '--to', 'd@e.f'];
    await run(root, ['notify-config', 'add', 'mail', ...args]);
    const tested = await run(root, ['notify-config', 'test', 'mail']);
    expect([tested.code, tested.stdout]).toEqual([
      1,
      'mail: failed: 127.0.0.1:1: the connection failed (ECONNREFUSED)\n',
    ]);
  });
});

describe('notify-deliver', () => {
  test('sends what waits, and leaves with the run what became of it', async () => {
    const receiver = await receive();
    const { root, stateDir } = await withHook(receiver.url);
    expect(notifierFor(stateDir, {}).enqueue(aNotification())).toEqual({ ok: true, value: ['ops'] });
    const inbox = join(stateDir, 'runs', 'run-1', 'inbox');
    mkdirSync(inbox, { recursive: true });
    const ended = await run(root, ['notify-deliver']);
    expect([ended.code, JSON.parse(ended.stdout)]).toEqual([0, { sent: 1, failed: 0, waiting: 0 }]);
    expect(receiver.received[0]?.headers['webhook-id']).toBe('a-1-requested-ops');
    const [request] = readdirSync(inbox);
    expect(read(join(inbox, request ?? ''))).toMatchObject({
      kind: 'notified',
      approvalId: 'a-1',
      channel: 'ops',
      status: 'sent',
    });
  });

  test('switches a channel off that answers 410', async () => {
    const receiver = await receive(answer(410));
    const { root, stateDir } = await withHook(receiver.url);
    notifierFor(stateDir, {}).enqueue(aNotification());
    await run(root, ['notify-deliver']);
    expect(read(join(stateDir, 'notify-config.json')).channels.ops.enabled).toBe(false);
    expect(notifierFor(stateDir, {}).enqueue(aNotification({ approvalId: 'b-2' }))).toEqual({
      ok: true,
      value: [],
    });
  });

  test('two at once send everything once', async () => {
    const receiver = await receive();
    const { root, stateDir } = await withHook(receiver.url);
    const ids = Array.from({ length: 10 }, (_, index) => `a-${index}`);
    for (const approvalId of ids) notifierFor(stateDir, {}).enqueue(aNotification({ approvalId }));
    await Promise.all([1, 2, 3].map(() => run(root, ['notify-deliver'])));
    const sent = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(sent.sort()).toEqual(ids.map((id) => `${id}-requested-ops`));
  });

  test('a damaged configuration ends with 1 and is named; nothing is lost', async () => {
    const receiver = await receive();
    const { root, stateDir } = await withHook(receiver.url);
    notifierFor(stateDir, {}).enqueue(aNotification());
    writeFileSync(join(stateDir, 'notify-config.json'), '{');
    const ended = await run(root, ['notify-deliver']);
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('notify-config.json:1:2')]);
    expect(readdirSync(join(stateDir, 'notify-outbox'))).toEqual(['a-1-requested-ops.json']);
    expect(notifierFor(stateDir, {}).enqueue(aNotification({ approvalId: 'b-2' }))).toMatchObject({
      ok: false,
    });
  });
});

test('whoever enqueues starts a process that delivers, with the secrets of its channels and no others', async () => {
  const receiver = await receive();
  const { root, stateDir } = await withHook('http://127.0.0.1:1/never');
  const own = join(root, 'environment');
  execFileSync('/bin/sh', ['-c', 'mkfifo environment'], { cwd: root });
  const command = ['--type', 'command', '--command', `env > ${own}`];
  await run(root, ['notify-config', 'add', 'own', ...command]);
  const program = bundle(`
    import { notifierFor } from './src/compose/notify.ts';
    import { aNotification } from './test/rig/notification.ts';
    const stateDirectory = process.argv[2];
    process.argv[1] = ${JSON.stringify(BIN)};
    const notifier = notifierFor(stateDirectory);
    if (!notifier.enqueue(aNotification()).ok) process.exit(1);
    notifier.start();
  `);
  const env = { HOOK_URL: receiver.url, DEPLOY_TOKEN: 'hunter2hunter2' };
  expect((await runNode([program, stateDir], env, root).ended).code).toBe(0);
  const said = readFile(own, 'utf8');
  await receiver.count(1);
  expect(receiver.received[0]?.headers['webhook-signature']).toMatch(/^v1,/);
  const environment = await said;
  expect(environment).toMatch(/^MURMUR8_APPROVAL_ID=a-1$/m);
  expect(environment).not.toMatch(/hunter2|HOOK_URL/);
});

test('only the delivering program carries what speaks to mail servers', () => {
  const dist = join(BIN, '../../dist');
  const carrying = readdirSync(dist).filter(
    (name) => name.endsWith('.cjs') && /nodemailer/i.test(readFileSync(join(dist, name), 'utf8')),
  );
  expect(carrying).toEqual(['notify-deliver.cjs']);
});

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMasker } from '../../core/agent/mask.ts';
import { plainText, shorten } from '../../core/agent/plain-text.ts';
import type { CommandChannel } from '../../core/notify/channel.ts';
import { webhookPayload } from '../../core/notify/webhook-payload.ts';
import { makePrivateDirectory } from '../files/atomic-write.ts';
import { errorCode } from '../files/file-problem.ts';
import { childEnvironment } from '../process/child-environment.ts';
import { type SuperviseResult, superviseProcess } from '../process/supervise.ts';
import { type Attempt, type Delivery, failed } from './attempt.ts';

export interface CommandWorld {
  /** The environment from which the allow-list picks. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The project's root. */
  readonly cwd: string;
  /** Private; takes a directory for the time of the command. */
  readonly scratch: string;
  readonly timeoutMs: number;
  /** Values to be hidden in what is told of the command. */
  readonly secrets: readonly string[];
}

const MOST_OUTPUT = 1024 * 1024;

/**
 * Runs the user's own command with the notification as JSON on standard input and its main parts in the
 * environment. Exit code 0 is delivered; anything else is a failure with the last line of standard error.
 */
export async function runCommandChannel(
  channel: CommandChannel,
  delivery: Delivery,
  world: CommandWorld,
): Promise<Attempt> {
  let directory: string;
  try {
    makePrivateDirectory(world.scratch);
    directory = mkdtempSync(join(world.scratch, 'command-'));
  } catch (error) {
    return failed(`no place for the command's files (${errorCode(error)})`);
  }
  try {
    const inputFile = join(directory, 'notification.json');
    writeFileSync(inputFile, `${webhookPayload(delivery.notification)}\n`, { mode: 0o600 });
    let last = '';
    const [program, ...args] =
      typeof channel.command === 'string' ? ['/bin/sh', '-c', channel.command] : channel.command;
    const result = await superviseProcess(
      {
        program: program ?? '',
        args,
        cwd: world.cwd,
        env: childEnvironment(world.environment, { TMPDIR: directory, ...variables(delivery) }),
        marker: `notify/${randomUUID()}`,
        inputFile,
        spoolDir: directory,
        logFile: join(directory, 'log'),
        timeoutMs: world.timeoutMs,
        maxOutputBytes: MOST_OUTPUT,
        stopLadder: [{ signal: 'SIGTERM', to: 'group', waitMs: 1_000 }],
        mask: createMasker(world.secrets),
        onLine: (line) => {
          if (line.stream === 'stderr' && line.shown.trim() !== '') last = line.shown;
        },
      },
      new AbortController().signal,
    );
    return attemptOf(result, world.timeoutMs, last);
  } catch (error) {
    return failed(`the command could not be run (${errorCode(error)})`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function variables({ id, notification }: Delivery): Record<string, string> {
  const texts = {
    MURMUR8_NOTIFICATION_ID: id,
    MURMUR8_APPROVAL_ID: notification.approvalId,
    MURMUR8_RUN_ID: notification.executionId,
    MURMUR8_PIPELINE: notification.pipeline,
    MURMUR8_STAGE: notification.stage,
    MURMUR8_EVENT: notification.event,
  };
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, plainText(text)]));
}

function attemptOf(result: SuperviseResult, timeoutMs: number, last: string): Attempt {
  const said = last === '' ? '' : `: ${shorten(plainText(last).trim(), 200)}`;
  switch (result.cause) {
    case 'exited':
      if (result.exitCode === 0) return { status: 'sent', detail: 'the command ended with 0' };
      return failed(
        result.exitCode === null
          ? `the command was ended by ${result.signal ?? 'a signal'}${said}`
          : `the command ended with ${result.exitCode}${said}`,
      );
    case 'timeout':
    case 'stalled':
      return failed(`the command was not done after ${Math.round(timeoutMs / 1000)} s${said}`);
    case 'output-limit':
      return failed('the command printed more than is allowed');
    case 'cancelled':
      return failed('the command was stopped');
    case 'spawn-error':
      return failed(`the command could not be started: ${result.message ?? 'no reason given'}`);
  }
}

import { dirname } from 'node:path';
import { channelsOf, variablesOf } from '../core/notify/channel.ts';
import type { Notification } from '../core/notify/notification.ts';
import type { Result } from '../core/result.ts';
import { readConfig } from '../edges/config/config-file.ts';
import { findProjectRoot } from '../edges/files/project-root.ts';
import { stateDirectory as stateDirectoryOf } from '../edges/files/state-directory.ts';
import { enqueue } from '../edges/notify/outbox.ts';
import { type DeliveryProcess, startDelivery } from '../edges/notify/start-delivery.ts';
import { type TestOutcome, tryChannel } from '../edges/notify/try-channel.ts';
import { ownCommand } from './own-command.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Telling approvers, as a run sees it. Nothing here sends, prints or holds a run up. */
export interface Notifier {
  /**
   * Makes a notification durable for every channel that wants it, and answers with their names; none without
   * channels. The same one twice is kept once. A problem is one of the configuration or the disk, never of a gate.
   */
  enqueue(notification: Notification): Result<readonly string[]>;
  /** Starts a process that delivers what is due, if anything is. Never throws. */
  start(): void;
}

/** `projectRoot` holds `.env` and is where commands run; by default the directory around the state directory. */
export function notifierFor(
  stateDirectory: string,
  environment: Environment = process.env,
  projectRoot: string = dirname(stateDirectory),
): Notifier {
  return {
    enqueue(notification) {
      const config = readConfig(stateDirectory, 'notify');
      return config.ok ? enqueue(stateDirectory, channelsOf(config.value), notification) : config;
    },
    start: () => startNotifyDelivery(stateDirectory, environment, projectRoot),
  };
}

/**
 * Starts a detached process that delivers what is due; does nothing when nothing is. To be called by whatever
 * command comes by, so that retries are made also after the first deliverer has ended.
 */
export function startNotifyDelivery(
  stateDirectory: string,
  environment: Environment = process.env,
  projectRoot: string = dirname(stateDirectory),
): void {
  startDelivery(deliveryProcess(stateDirectory, environment, projectRoot), Date.now());
}

/** Sends a test message through a channel and says what happened; for `notify-config test`. */
export function testNotifyChannel(question: {
  readonly cwd: string;
  /** `--state-dir` as given. */
  readonly stateDir: string | undefined;
  readonly channel: string;
}): Promise<TestOutcome> {
  const stateDirectory = stateDirectoryOf(question.cwd, question.stateDir);
  const projectRoot = findProjectRoot(question.cwd) ?? question.cwd;
  return tryChannel(deliveryProcess(stateDirectory, process.env, projectRoot), question.channel);
}

function deliveryProcess(
  stateDirectory: string,
  environment: Environment,
  projectRoot: string,
): DeliveryProcess {
  const config = readConfig(stateDirectory, 'notify');
  const variables = config.ok ? channelsOf(config.value).flatMap(variablesOf) : [];
  return { stateDirectory, projectRoot, selfCommand: ownCommand(), environment, variables };
}

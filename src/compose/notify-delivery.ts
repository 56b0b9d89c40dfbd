import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { secretValues } from '../core/agent/mask.ts';
import { channelsOf, variablesOf } from '../core/notify/channel.ts';
import { testNotification } from '../core/notify/test-notification.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { readConfig } from '../edges/config/config-file.ts';
import { setConfigKey } from '../edges/config/edit.ts';
import type { Attempt } from '../edges/notify/attempt.ts';
import { type DeliveryReport, type DeliverySummary, deliver } from '../edges/notify/deliver.ts';
import { outboxDirectory } from '../edges/notify/outbox.ts';
import { type SendWorld, send } from '../edges/notify/send.ts';
import { submitRequest } from '../edges/store/run-store.ts';
import { readDotenv } from '../edges/telemetry/load-config.ts';
import { postJson, wordsForStatus } from '../edges/telemetry/post.ts';
import type { Environment } from './notify.ts';

export { findProjectRoot } from '../edges/files/project-root.ts';
export { stateDirectory as stateDirectoryOf } from '../edges/files/state-directory.ts';
export type { DeliveryReport, DeliverySummary } from '../edges/notify/deliver.ts';
export { sayReady } from '../edges/process/detached.ts';

const ATTEMPT_MS = 10_000;
const BUDGET_MS = 120_000;
/** Who a run sees as the author of what was delivered. */
const ACTOR = 'murmur8';

export interface DeliveryOptions {
  /** Holds `.env` and is where commands run; by default the directory around the state directory. */
  readonly projectRoot?: string;
  readonly onStart?: () => void;
}

/** Delivers what is due in the outbox: the work of the hidden command `notify-deliver`. */
export async function deliverNotifications(
  stateDirectory: string,
  environment: Environment,
  report: (report: DeliveryReport) => void,
  options: DeliveryOptions = {},
): Promise<Result<DeliverySummary>> {
  const config = readConfig(stateDirectory, 'notify');
  if (!config.ok) return config;
  const channels = channelsOf(config.value);
  const world = sendWorld(stateDirectory, environment, options.projectRoot, channels.flatMap(variablesOf));
  return deliver({
    stateDirectory,
    channels,
    send: (channel, delivery) => send(channel, delivery, world),
    report,
    disable: (name) => {
      setConfigKey(stateDirectory, 'notify', `channels.${name}.enabled`, 'false');
    },
    now: Date.now,
    random: Math.random,
    pause: (milliseconds) => pause(milliseconds),
    budgetMs: BUDGET_MS,
    ...(options.onStart === undefined ? {} : { onStart: options.onStart }),
  });
}

/** Leaves with the run what became of a message, for its audit. */
export function reportToRun(stateDirectory: string): (report: DeliveryReport) => void {
  return ({ id, executionId, approvalId, event, channel, status, at, ...report }) => {
    const detail = event === 'requested' ? report.detail : `${event}: ${report.detail}`;
    const body = { kind: 'notified', approvalId, channel, status, detail } as const;
    // Where the run cannot take it, the outbox still says how the message ended.
    submitRequest(stateDirectory, executionId, { id, actor: ACTOR, at, ...body });
  };
}

/** One test message through a channel, now and only once; it is kept nowhere. */
export async function sendTestNotification(
  stateDirectory: string,
  environment: Environment,
  name: string,
  projectRoot?: string,
): Promise<Result<Attempt>> {
  const config = readConfig(stateDirectory, 'notify');
  if (!config.ok) return config;
  const channel = channelsOf(config.value).find((one) => one.name === name);
  if (channel === undefined) {
    return fail({
      code: 'not-found',
      message: `there is no channel ${name}`,
      hint: 'murmur8 notify-config lists them',
    });
  }
  const at = new Date();
  const world = sendWorld(stateDirectory, environment, projectRoot, variablesOf(channel));
  const delivery = { id: `test-${name}-${at.getTime()}`, notification: testNotification(at.getTime()) };
  return ok(await send(channel, delivery, world));
}

/** A variable comes from the real environment first, then from `.env`; empty counts as not set. */
function sendWorld(
  stateDirectory: string,
  environment: Environment,
  projectRoot: string = dirname(stateDirectory),
  variables: readonly string[],
): SendWorld {
  const dotenv = readDotenv(join(projectRoot, '.env'));
  const variable = (name: string): string | undefined =>
    nonEmpty(environment[name]) ?? nonEmpty(dotenv.get(name));
  return {
    post: postJson,
    wordsForStatus,
    variable,
    now: Date.now,
    timeoutMs: ATTEMPT_MS,
    environment,
    cwd: projectRoot,
    scratch: outboxDirectory(stateDirectory),
    secrets: [
      ...secretValues(environment),
      ...secretValues(Object.fromEntries(dotenv)),
      ...variables.flatMap((name) => variable(name) ?? []),
    ],
  };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}

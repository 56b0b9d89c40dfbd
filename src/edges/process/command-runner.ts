import { randomUUID } from 'node:crypto';
import { createMasker } from '../../core/agent/mask.ts';
import type { CommandOrder, CommandOutcome, CommandRunner } from '../../engine/ports.ts';
import { childEnvironment } from './child-environment.ts';
import { lastLines } from './last-lines.ts';
import { COMMAND_STOP } from './stop.ts';
import { type SuperviseResult, superviseProcess } from './supervise.ts';

export interface CommandRunnerDependencies {
  /** The environment from which the allow-list picks. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values to be hidden in logs and results. */
  readonly secrets: readonly string[];
}

const KEPT_CHARACTERS = 2 * 1024 * 1024;

/** Runs the engine's own command lines, such as the tests, under the same supervision as an agent. */
export function createCommandRunner(dependencies: CommandRunnerDependencies): CommandRunner {
  const mask = createMasker(dependencies.secrets);
  const inherited = childEnvironment(dependencies.env, {});
  return {
    async run(order, signal) {
      const { stallTimeoutMs } = order;
      const kept = { stdout: lastLines(KEPT_CHARACTERS), stderr: lastLines(KEPT_CHARACTERS) };
      const result = await superviseProcess(
        {
          program: '/bin/sh',
          args: ['-c', order.commandLine],
          cwd: order.cwd,
          env: { ...inherited, TMPDIR: order.scratchDir, ...order.env },
          marker: `${order.runId}/command-${randomUUID()}`,
          spoolDir: order.scratchDir,
          logFile: order.logFile,
          timeoutMs: order.timeoutMs,
          ...(stallTimeoutMs === undefined ? {} : { silenceLimitMs: () => stallTimeoutMs }),
          stopLadder: COMMAND_STOP,
          mask,
          onLine: (line) => kept[line.stream].add(line.shown),
        },
        signal,
      );
      return outcomeOf(order, result, kept.stdout.text(), kept.stderr.text());
    },
  };
}

function outcomeOf(
  order: CommandOrder,
  result: SuperviseResult,
  stdout: string,
  stderr: string,
): CommandOutcome {
  const base = {
    stdout,
    stderr,
    durationMs: result.durationMs,
    ...(result.exitCode === null ? {} : { exitCode: result.exitCode }),
  };
  switch (result.cause) {
    case 'exited':
      if (result.exitCode === 0) return { ...base, outcome: 'ok' };
      if (result.signal === null) return { ...base, outcome: 'failed' };
      return { ...base, outcome: 'failed', message: `ended by signal ${result.signal}` };
    case 'stalled':
      return {
        ...base,
        outcome: 'stalled',
        message: `silent for longer than ${order.stallTimeoutMs} ms`,
        ...(result.silentMs === undefined ? {} : { silentMs: result.silentMs }),
      };
    case 'timeout':
      return { ...base, outcome: 'timeout', message: `not done after ${order.timeoutMs} ms` };
    case 'output-limit':
      return { ...base, outcome: 'output-limit', message: 'printed more than is allowed' };
    case 'cancelled':
      return { ...base, outcome: 'cancelled' };
    case 'spawn-error':
      return { ...base, outcome: 'spawn-error', message: result.message ?? 'could not be started' };
  }
}

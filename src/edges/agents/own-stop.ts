import type { AgentOrder, AgentOutcome } from '../../engine/ports.ts';
import type { SuperviseResult } from '../process/supervise.ts';

/**
 * The outcome of an attempt that we ended ourselves, or that never began; undefined if the agent ended by itself.
 * Our own reason goes before anything the agent said: some agents exit with success when they are stopped.
 */
export function ownStop(
  order: Pick<AgentOrder, 'timeoutMs' | 'stallTimeoutMs'>,
  result: SuperviseResult,
): Pick<AgentOutcome, 'outcome' | 'message' | 'silentMs'> | undefined {
  switch (result.cause) {
    case 'exited':
      return undefined;
    case 'timeout':
      return { outcome: 'timeout', message: `not done after ${seconds(order.timeoutMs)}` };
    case 'stalled':
      return {
        outcome: 'stalled',
        message: `silent for longer than ${seconds(order.stallTimeoutMs)}`,
        ...(result.silentMs === undefined ? {} : { silentMs: result.silentMs }),
      };
    case 'output-limit':
      return { outcome: 'output-limit', message: 'printed more than is allowed' };
    case 'cancelled':
      return { outcome: 'cancelled', message: 'stopped on request' };
    case 'spawn-error':
      return { outcome: 'spawn-error', message: result.message ?? 'could not be started' };
  }
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}

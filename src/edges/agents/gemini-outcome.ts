import { errorReason } from '../../core/agent/error-reason.ts';
import type { AgentOrder } from '../../engine/ports.ts';
import type { SuperviseResult } from '../process/supervise.ts';
import type { CliResult, Ending } from './cli-agent-definition.ts';
import { cliOutcome } from './cli-outcome.ts';

/** Its exit codes that say more than that it failed. */
const CODES: Readonly<Record<number, Ending['outcome']>> = {
  41: 'auth',
  53: 'turn-limit',
  55: 'spawn-error',
};

/**
 * How a session of Gemini CLI ended. The status of the answer of its model service is to be had from the exit code
 * alone: it exits with the status, of which eight bits are left (401 becomes 145).
 */
export function geminiOutcome(
  order: AgentOrder,
  end: SuperviseResult,
  result: CliResult | undefined,
  errors: string,
): Ending {
  const usual = cliOutcome(order, end, result, lastError(errors));
  if (end.cause !== 'exited' || end.exitCode === null || end.exitCode === 0) return usual;
  const known = CODES[end.exitCode];
  if (known !== undefined) return { ...usual, outcome: known };
  const status = end.exitCode + 256;
  if (result === undefined || result.ok || status < 400 || status > 511) return usual;
  return { ...usual, outcome: errorReason(status, result.text) };
}

/** Standard error holds the stack of the failure and the whole request; its first words say what it is. */
function lastError(errors: string): string {
  const lines = errors.split('\n').map((line) => line.trim());
  const telling = lines.filter(
    (line) => /error|invalid|denied|failed|cannot|not /i.test(line) && !line.startsWith('at '),
  );
  return telling.slice(0, 5).join('\n');
}

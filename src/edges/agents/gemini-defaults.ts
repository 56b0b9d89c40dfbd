import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AgentOrder } from '../../engine/ports.ts';
import type { Environment, OwnFile } from './cli-agent-definition.ts';

/**
 * Settings of Gemini CLI (0.61.0) that count where neither the user nor the machine says otherwise. It would ask ten
 * times, minutes apart, in silence. Clearing away old sessions at its start, it takes one that is being loaded at that
 * moment for empty, and deletes all that there is of it.
 */
const DEFAULTS = { general: { maxAttempts: 3, sessionRetention: { enabled: false } } };

export function geminiDefaultsFile({ scratchDir }: Pick<AgentOrder, 'scratchDir'>): OwnFile {
  return { path: join(scratchDir, 'gemini-defaults.json'), text: `${JSON.stringify(DEFAULTS)}\n` };
}

/** The variable by which it finds them; defaults of the machine go before ours. */
export function geminiDefaultsVariable(
  env: Environment,
  order: Pick<AgentOrder, 'scratchDir'>,
): Readonly<Record<string, string>> {
  const settings = env['GEMINI_CLI_SYSTEM_SETTINGS_PATH'] || '/etc/gemini-cli/settings.json';
  const areThere =
    (env['GEMINI_CLI_SYSTEM_DEFAULTS_PATH'] ?? '') !== '' ||
    existsSync(join(dirname(settings), 'system-defaults.json'));
  return areThere ? {} : { GEMINI_CLI_SYSTEM_DEFAULTS_PATH: geminiDefaultsFile(order).path };
}

import { join } from 'node:path';
import { childEnvironment } from '../process/child-environment.ts';
import type { CliSession, Environment } from './cli-agent-definition.ts';
import { codexHome, hasStoredLogin } from './codex-login.ts';
import { jobEnvironment } from './job-environment.ts';

/** Marks of a codex session around us; with them the inner one would take itself for a part of it. */
const OF_THE_OUTER_SESSION =
  /^CODEX_(?:SANDBOX|THREAD|SESSION|TOOL|CI$|INTERNAL|VERSION|PERMISSION|APPLY_PATCH)/;

/** The environment of a session: the user's own login and endpoint, nobody else's keys. */
export function codexEnvironment({ env, order, temporaryDir, isolated }: CliSession): Record<string, string> {
  const own = codexVariables(env);
  const home = isolated ? join(order.homeDir, '.codex') : codexHome(env);
  return childEnvironment(env, {
    ...own,
    ...keyOf(own, home),
    ...jobEnvironment(order),
    ...(isolated ? { CODEX_HOME: home } : {}),
    // It prints nothing of an answer before all of it is there: this has it say for each piece that it came.
    RUST_LOG: env['RUST_LOG'] || 'error,codex_api::sse::responses=trace',
    TMPDIR: temporaryDir,
  });
}

/** The user's own variables for codex and its model service. */
export function codexVariables(env: Environment): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || OF_THE_OUTER_SESSION.test(name)) continue;
    if (name.startsWith('CODEX_') || name.startsWith('OPENAI_')) passed[name] = value;
  }
  return passed;
}

/** With OpenAI's own service codex takes no notice of OPENAI_API_KEY; a stored login goes before that one. */
function keyOf(own: Record<string, string>, home: string): Record<string, string> {
  const { OPENAI_API_KEY: key = '', CODEX_API_KEY: codexKey = '' } = own;
  return key === '' || codexKey !== '' || hasStoredLogin(home) ? {} : { CODEX_API_KEY: key };
}

import { ASIDE } from './acp-aside.ts';
import { listOf, recordOf } from './json-field.ts';
import { roleRights } from './role-rights.ts';

/** The agent that we define, so that no rule of another one counts. */
const AGENT = 'murmur8';

/**
 * A plugin that opencode (measured with 1.18.33) loads in each session of ours. It only listens, and prints on standard
 * error what the protocol does not tell: that a request failed and how long it waits before it asks again, how the
 * service put it when it failed for good, and what each request used.
 */
export const acpOpencodePlugin = `import { writeSync } from 'node:fs';

const say = (told) => {
  try {
    writeSync(2, '${ASIDE}' + JSON.stringify(told) + '\\n');
  } catch {}
};
const finished = new Set();

export const Murmur8 = async () => ({
  event: async ({ event: { type, properties } }) => {
    const { status, part, error } = properties ?? {};
    if (type === 'session.status' && status?.type === 'retry') {
      const { message, next } = status;
      say({ retry: { message, delayMs: next - Date.now() } });
    } else if (type === 'session.error' && error) {
      const { message, statusCode, responseHeaders, responseBody } = error.data ?? {};
      const body = String(responseBody ?? '').slice(0, 4000);
      say({ error: { errorName: error.name, message, statusCode, responseHeaders, body } });
    } else if (type === 'message.part.updated' && part?.type === 'step-finish' && !finished.has(part.id)) {
      finished.add(part.id);
      const { tokens, cost, reason } = part;
      say({ step: { tokens, cost, reason } });
    }
  },
});
`;

/**
 * Settings of one session of `opencode acp`, which by itself may do anything without asking: it asks before it changes
 * something, runs a command or uses what we do not know, and is answered by the rights of the role.
 *
 * @param ownDirs absolute; holds the answer, the outputs and temporary files
 * @param plugin address of our plugin's file; it comes after those of the user
 * @param given what stands in OPENCODE_CONFIG_CONTENT already: providers of the user, for example
 */
export function acpOpencodeSettings(
  tools: readonly string[] | undefined,
  ownDirs: readonly string[],
  plugin: string,
  given: string | undefined,
): string {
  const { fetches } = roleRights(tools);
  const outside = ownDirs.flatMap((directory) => [directory, `${directory}/*`]);
  // The last rule that fits counts.
  const permission = {
    '*': 'ask',
    ...Object.fromEntries(READING.map((tool) => [tool, 'allow'])),
    webfetch: fetches ? 'ask' : 'deny',
    websearch: fetches ? 'ask' : 'deny',
    external_directory: { '*': 'ask', ...Object.fromEntries(outside.map((place) => [place, 'allow'])) },
  };
  const before = parsed(given);
  return JSON.stringify({
    ...before,
    autoupdate: false,
    share: 'disabled',
    default_agent: AGENT,
    // What is refused is told to the model; without this it would end the turn as if all were well.
    experimental: { ...recordOf(before['experimental']), continue_loop_on_deny: true },
    plugin: [...listOf(before['plugin']), plugin],
    agent: {
      ...recordOf(before['agent']),
      [AGENT]: { mode: 'primary', description: 'A stage of a pipeline', permission },
    },
  });
}

const READING = ['read', 'glob', 'grep', 'list', 'todowrite', 'todoread'];

function parsed(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    return recordOf(JSON.parse(text ?? '{}')) ?? {};
  } catch {
    return {};
  }
}

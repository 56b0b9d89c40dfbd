/** Type of the lines that our plugin prints among those of opencode. */
export const OPENCODE_PLUGIN = 'murmur8';

/** What it prints while an answer is coming. */
export const OPENCODE_SIGN = `{"type":"${OPENCODE_PLUGIN}","alive":true}`;

/** How often a sign of life is worth a line, in ms. */
const SIGN_MS = 1_000;

/**
 * A plugin that opencode (measured with 1.18.33) loads in each session of ours. It only listens, and prints on standard
 * output what opencode keeps to itself until a step is over: which session it is, that a request failed and how long it
 * waits before it asks again, which tool has begun, and that an answer is still coming.
 */
export const opencodePlugin = `import { writeSync } from 'node:fs';

const say = (told) => {
  try {
    writeSync(1, JSON.stringify({ type: '${OPENCODE_PLUGIN}', ...told }) + '\\n');
  } catch {}
};
const begun = new Set();
let signed = 0;
let named = false;

export const Murmur8 = async () => ({
  event: async ({ event: { type, properties } }) => {
    const { sessionID, status, part } = properties ?? {};
    if (sessionID && !named) {
      named = true;
      say({ sessionID });
    }
    if (type === 'session.status' && status?.type === 'retry') {
      const { attempt, message, next } = status;
      say({ retry: { attempt, message, delayMs: next - Date.now() } });
    } else if (type === 'message.part.updated' && part?.type === 'tool' && part.state?.status === 'running') {
      if (begun.has(part.callID)) return;
      begun.add(part.callID);
      const { command, filePath, pattern, url } = part.state.input ?? {};
      say({ tool: { callID: part.callID, tool: part.tool, input: { command, filePath, pattern, url } } });
    } else if (type?.startsWith('message.part.') && Date.now() - signed >= ${SIGN_MS}) {
      signed = Date.now();
      say({ alive: true });
    }
  },
});
`;

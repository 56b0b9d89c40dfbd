import { join } from 'node:path';
import { createCodexReader } from '../../core/agent/codex-stream.ts';
import type { CliAgentDefinition, CliReader, CliSession } from './cli-agent-definition.ts';
import { codexArguments } from './codex-arguments.ts';
import { codexEnvironment, codexVariables } from './codex-environment.ts';
import { codexLogin } from './codex-login.ts';
import { rememberMountPoints } from './codex-mount-points.ts';
import { codexOutcome } from './codex-outcome.ts';
import { codexVersionBeside, findCodex } from './codex-program.ts';
import { readCodexThread, writeCodexThread } from './codex-threads.ts';
import { wallClockIn } from './wall-clock.ts';

/** Codex of OpenAI (measured with 0.169.0). */
export const codexDefinition: CliAgentDefinition = {
  name: 'codex',
  title: 'Codex',
  notFound: {
    code: 'runner-missing',
    message: 'Codex (codex) cannot be found',
    hint: 'install it with `npm install -g @openai/codex`, or set MURMUR8_CODEX_PROGRAM to its path',
  },
  tested: { from: '0.169.0', below: '0.170.0' },
  reportsCost: false,
  find: findCodex,
  versionEnvironment: codexVariables,
  login: codexLogin,
  // A line for each piece that comes from its service: see codex-environment.ts.
  isSignOfLife: (stream, line) => stream === 'stderr' && line.includes(SIGNS),
  writingTool: 'apply_patch',
  // Its directory has to be there.
  files: ({ isolated, order }) =>
    isolated
      ? [{ path: join(order.homeDir, '.codex', 'config.toml'), text: '# Settings of this run.\n' }]
      : [],
  arguments: codexArguments,
  environment: codexEnvironment,
  reader: codexReader,
  outcome: codexOutcome,
  lostSession: (sessionId, message) => /no rollout found/i.test(message) && message.includes(sessionId),
  // On either signal it ends its tools itself.
  stopLadder: [
    { signal: 'SIGINT', to: 'process', waitMs: 5_000 },
    { signal: 'SIGTERM', to: 'group', waitMs: 3_000 },
  ],
  // It waits that long for the output of a tool at most.
  longestToolMs: 11 * 60_000,
};

const SIGNS = ' codex_api::sse::responses: ';

async function codexReader({ order, program }: CliSession): Promise<CliReader> {
  const { sessionId, homeDir, model, maxTurns, cwd } = order;
  const agentVersion = await codexVersionBeside(program);
  const before = sessionId === undefined ? undefined : await readCodexThread(homeDir, sessionId);
  const reader = createCodexReader({
    cwd,
    wallClock: (text) => wallClockIn(text, Date.now()),
    ...(model === undefined ? {} : { model }),
    ...(agentVersion === undefined ? {} : { agentVersion }),
    ...(before === undefined ? {} : { before }),
    ...(maxTurns === undefined ? {} : { maxTurns }),
  });
  const tidy = rememberMountPoints(cwd);
  return {
    ...reader,
    async ended() {
      await tidy();
      const thread = reader.thread();
      if (thread !== undefined) await writeCodexThread(homeDir, thread);
    },
  };
}

import { randomUUID } from 'node:crypto';
import { createClaudeReader } from '../../core/agent/claude-stream.ts';
import type { AgentRunner } from '../../engine/ports.ts';
import { claudeArguments } from './claude-arguments.ts';
import { claudeEnvironment, claudeVariables } from './claude-environment.ts';
import { claudeLogin } from './claude-login.ts';
import { findClaude } from './claude-program.ts';
import { type CliAgentDependencies, createCliAgent } from './cli-agent.ts';
import type { CliAgentDefinition } from './cli-agent-definition.ts';
import { cliOutcome } from './cli-outcome.ts';

/** Claude Code (measured with 2.1.197). */
export const claudeDefinition: CliAgentDefinition = {
  name: 'claude',
  title: 'Claude Code',
  notFound: {
    code: 'runner-missing',
    message: 'Claude Code (claude) cannot be found',
    hint: 'install it with `npm install -g @anthropic-ai/claude-code`, or set MURMUR8_CLAUDE_PROGRAM to its path',
  },
  tested: { from: '2.1.197', below: '2.2.0' },
  reportsCost: true,
  find: findClaude,
  versionEnvironment: (env) => ({
    ...claudeVariables(env),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
  }),
  login: claudeLogin,
  isSignOfLife: (stream, line) => stream === 'stdout' && line.startsWith('{"type":"stream_event"'),
  writingTool: 'Write',
  arguments: ({ order }) => claudeArguments(order, randomUUID()),
  environment: ({ env, order, temporaryDir, isolated }) =>
    claudeEnvironment(env, order, temporaryDir, isolated),
  reader: ({ order }) => createClaudeReader(order.cwd),
  outcome: cliOutcome,
  lostSession: (sessionId, message) => /no conversation found/i.test(message) && message.includes(sessionId),
  // On SIGINT it ends its tools itself; SIGTERM would leave them alive.
  stopLadder: [
    { signal: 'SIGINT', to: 'process', waitMs: 5_000 },
    { signal: 'SIGTERM', to: 'group', waitMs: 3_000 },
  ],
  // It lets a tool run that long at most, and is silent meanwhile.
  longestToolMs: 11 * 60_000,
};

/** Claude Code, headless. */
export function createClaudeAgent(dependencies: CliAgentDependencies): AgentRunner {
  return createCliAgent(claudeDefinition, dependencies);
}

import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AgentEvent } from '../../src/core/agent/event.ts';
import { createAcpAgent } from '../../src/edges/agents/acp.ts';
import type { AgentOrder, AgentRunner } from '../../src/engine/ports.ts';
import { type AgentUser, createAgentUser } from '../rig/agent-user.ts';
import { type AgentName, agentProgram } from '../rig/agents.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import { MACHINE } from '../rig/cli.ts';
import { type ModelServer, type ModelSession, startModelServer } from '../rig/model-server.ts';
import type { ModelScript } from '../rig/model-server-step.ts';

const COMMANDS: readonly (readonly [AgentName, string])[] = [
  ['gemini', 'gemini --acp --skip-trust'],
  ['opencode', 'opencode acp'],
];

/** It answers the same method, in a protocol of the same form. */
const MCP_SERVER = `process.stdin.once("data", (line) => { const { id } = JSON.parse(line); console.log(JSON.stringify({ jsonrpc: "2.0", id, result: { protocolVersion: "2025-06-18", capabilities: {}, serverInfo: { name: "tools", version: "1" } } })); setInterval(() => {}, 1000); });`;

let directory: string;
let root: string;
let runId: string;
let events: AgentEvent[];

function open(): void {
  directory = mkdtempSync(join(tmpdir(), 'murmur8-acp-full-'));
  root = join(directory, 'project');
  mkdirSync(join(root, '.claude/runs'), { recursive: true });
  runId = randomUUID();
  events = [];
}

function close(): void {
  expect(aliveWith(runId)).toEqual([]);
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

function run(agent: AgentRunner, changes: Partial<AgentOrder> = {}) {
  const order: AgentOrder = {
    runId,
    attempt: 1,
    agent: 'alex',
    instructions: 'You are alex.',
    prompt: 'Write it.',
    cwd: root,
    timeoutMs: 300_000,
    stallTimeoutMs: 120_000,
    answerFile: join(root, '.claude/runs/answer.json'),
    logFile: join(directory, '1.log'),
    scratchDir: join(root, '.claude/runs/scratch'),
    homeDir: join(directory, 'home'),
    job: {
      kind: 'work',
      stage: 'alex',
      slug: 'demo',
      featureId: 'feature-1',
      briefPath: 'BRIEF.md',
      findings: [],
      withStories: true,
    },
    ...changes,
  };
  return agent.run(order, (event) => events.push(event), new AbortController().signal);
}

const ofType = <T extends AgentEvent['type']>(type: T) =>
  events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);

/** What the suite of all agents (test/rig/agent-matrix.ts) does not see of these. */
describe.each(COMMANDS)('the real %s in the Agent Client Protocol', { timeout: 600_000 }, (name, line) => {
  const program = agentProgram(name);
  let server: ModelServer;
  let user: AgentUser | undefined;

  beforeAll(async () => {
    server = await startModelServer();
  });
  afterAll(() => server.close());
  beforeEach(open);
  afterEach(() => {
    if (user !== undefined) expect(aliveWith(user.home)).toEqual([]);
    close();
    user?.remove();
  });

  function agentWith(script: ModelScript): { agent: AgentRunner; model: ModelSession } {
    const model = server.session(script);
    user = createAgentUser(name, program ?? '', model.url);
    return {
      model,
      agent: createAcpAgent(line, { env: { ...MACHINE, ...user.env }, secrets: [], cwd: root }),
    };
  }

  it.skipIf(program === undefined)('is held to the rights of a role that only reads', async () => {
    writeFileSync(join(root, 'brief.md'), 'Write a greeting.');
    const { agent, model } = agentWith(({ turn, prompt }) => {
      const answer = /MURMUR8_ANSWER is (\S+\.json)/.exec(prompt)?.[1] ?? '';
      const steps = [
        { read: join(root, 'brief.md') },
        { write: { path: join(root, 'src.js'), content: 'changed' } },
        { bash: `echo changed > ${join(root, 'src.js')}` },
        { write: { path: answer, content: '{"rating":5}' } },
      ];
      return steps[turn] ?? { text: 'Rated.' };
    });
    const end = await run(agent, { tools: ['Read', 'Glob', 'Grep'] });
    expect(end).toMatchObject({ outcome: 'ok', text: expect.stringContaining('Rated.') });
    expect(existsSync(join(root, 'src.js'))).toBe(false);
    expect(existsSync(join(root, '.claude/runs/answer.json'))).toBe(true);
    expect(ofType('permission').filter(({ allowed }) => !allowed)).toHaveLength(2);
    expect(model.requests.length).toBeGreaterThan(3);
  });

  it.skipIf(program === undefined)(
    'tells all that it used, and in the next turn only what is new',
    async () => {
      const usage = { input: 1_000, output: 50 };
      const { agent } = agentWith(({ turn }) =>
        turn === 0 ? { write: { path: join(root, 'a.md'), content: 'x' }, usage } : { text: 'Done.', usage },
      );
      const first = await run(agent);
      expect(first).toMatchObject({ outcome: 'ok', usage: { input: 2_000, output: 100 } });
      expect(first.usage).not.toHaveProperty('tokensIncomplete');
      const { sessionId = '' } = first;
      const second = await run(agent, { sessionId, attempt: 2, prompt: 'Once more.' });
      expect(second).toMatchObject({ outcome: 'ok', sessionId });
      expect(second.usage).toEqual(first.usage);
      if (name === 'opencode') expect(first.usage?.costMicroUsd).toBe(2_200);
      expect(ofType('usage').at(-1)?.usage).toEqual(first.usage);
    },
  );
});

describe('a command that is no agent', { timeout: 120_000 }, () => {
  beforeEach(open);
  afterEach(close);

  it.each([
    ['is a server for tools', `node -e '${MCP_SERVER}'`, /"2025-06-18"|opened no session|did not answer/],
    [
      'closes its input',
      "sh -c 'exec <&-; exec sleep 400'",
      /did not answer .* within 2 s; it printed nothing$/,
    ],
    [
      'is deaf to signals',
      `sh -c 'trap "" TERM INT; while :; do sleep 1; done'`,
      /did not answer .* within 2 s/,
    ],
    ['floods with lines', 'yes', /does not speak the Agent Client Protocol/],
    ['floods without a line', 'cat /dev/zero', /does not speak the Agent Client Protocol/],
  ])('is named with what it answered, and ended: %s', async (_, line, message) => {
    const before = process.memoryUsage().rss;
    const agent = createAcpAgent(line, { env: MACHINE, secrets: [], cwd: root, startLimitMs: 2_000 });
    const end = await run(agent);
    expect(end).toMatchObject({ outcome: 'spawn-error', message: expect.stringMatching(message) });
    const probed = await agent.probe();
    expect(probed.ok ? '' : probed.error.message).toMatch(message);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
  });
});

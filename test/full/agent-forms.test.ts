import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runAgent } from '../rig/agent-cli.ts';
import { type AgentUser, createAgentUser } from '../rig/agent-user.ts';
import { type AgentName, agentProgram } from '../rig/agents.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import { type ModelServer, startModelServer } from '../rig/model-server.ts';
import type { ModelStep } from '../rig/model-server-step.ts';

const REFUSED: ModelStep = { refusal: 'I will not do this.' };
const LATER: ModelStep = { status: 429, message: 'slow down', retryAfterSeconds: 7 };
const LATER_IN_STREAM: ModelStep = { ...LATER, message: 'try again in 7s', inStream: true };
const USED_UP: ModelStep = { status: 429, message: 'the quota is used up' };
const FAILED: ModelStep = { status: 500, message: 'it fell over' };
const TOO_LONG: ModelStep = { status: 400, message: 'too long', error: { code: 'context_length_exceeded' } };
const BROKEN: ModelStep = { disconnect: 'stream' };
const NO_JSON: ModelStep = { malformed: 'json' };

/**
 * What each agent makes of the service's troubles: whatever tells one from another in our runners rests on these.
 * opencode asks so often, and for so long, that nothing but a refusal and broken JSON ends within a minute.
 */
describe.each<readonly [AgentName, readonly (readonly [string, ModelStep, RegExp])[]]>([
  [
    'claude',
    [
      ['a refusal', REFUSED, /"stop_reason":"refusal"/],
      ['a limit for a while', LATER, /"api_error_status":429.*slow down/],
      ['a limit told in the stream', LATER_IN_STREAM, /"api_error_status":429.*try again in 7s/],
      ['a used up quota', USED_UP, /"api_error_status":429.*the quota is used up/],
      ['a failure', FAILED, /"api_error_status":500/],
    ],
  ],
  [
    'codex',
    [
      ['a refusal', REFUSED, /"turn\.failed".*reason: content_filter/],
      ['a limit for a while', LATER, /"turn\.failed".*last status: 429/],
      ['a limit told in the stream', LATER_IN_STREAM, /"turn\.failed".*rate limit.*try again in 7s/],
      ['a used up quota', USED_UP, /"turn\.failed".*Quota exceeded/],
      ['a failure', FAILED, /"turn\.failed"/],
      ['too long a prompt', TOO_LONG, /"turn\.failed".*context window/],
      ['a broken stream', BROKEN, /"turn\.failed".*stream disconnected before completion/],
      ['broken JSON', NO_JSON, /"turn\.failed".*stream closed before response\.completed/],
    ],
  ],
  [
    'gemini',
    [
      ['a refusal', REFUSED, /"type":"error".*blocked due to safety/],
      ['a limit for a while', LATER, /"status":"error".*slow down.*retry after 7s/],
      ['a limit told in the stream', LATER_IN_STREAM, /"status":"error".*RESOURCE_EXHAUSTED.*7s/],
      ['a used up quota', USED_UP, /"status":"error".*the quota is used up/],
      ['a failure', FAILED, /"status":"error".*it fell over/],
      ['too long a prompt', TOO_LONG, /"status":"error".*too long/],
      ['a broken stream', BROKEN, /"status":"error".*terminated/],
      ['broken JSON', NO_JSON, /"status":"error".*JSON/],
    ],
  ],
  [
    'opencode',
    [
      ['a refusal', REFUSED, /"ContentFilterError"/],
      ['broken JSON', NO_JSON, /"type":"error".*JSON/],
    ],
  ],
])('the real %s is told by the scripted model of', { timeout: 240_000 }, (name, troubles) => {
  const program = agentProgram(name);
  let server: ModelServer;
  let cwd: string;
  let user: AgentUser | undefined;

  beforeAll(async () => {
    server = await startModelServer();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'murmur8-job-'));
  });
  afterEach(() => {
    if (user !== undefined) expect(aliveWith(user.home)).toEqual([]);
    user?.remove();
    user = undefined;
    rmSync(cwd, { recursive: true, force: true });
  });

  it.skipIf(program === undefined).each(troubles)('%s, and says so', async (_, step, said) => {
    user = createAgentUser(name, program ?? '', server.session([step]).url);
    const ended = await runAgent(name, user, { cwd, prompt: 'Do it.' });
    expect(ended.stdout).toMatch(said);
  });
});

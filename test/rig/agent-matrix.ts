/**
 * One suite for every runner, in the tests of test/full:
 *
 *     forEachAgent('does this and that', (agent) => {
 *       agent.it('under this name', async () => {
 *         const model = agent.model(featureScript());
 *         expect(await agent.run(model, '--pause-after=alex')).toMatchObject({ code: 3 });
 *       });
 *     });
 *
 * Each test has a project, a user and a home of its own; after it, no process of the agent may be alive.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/core/run/event.ts';
import { acpAgentProject, acpProject } from './acp-project.ts';
import { type AgentName, agentProgram } from './agents.ts';
import { aliveWith } from './agents-alive.ts';
import type { Ended, Started } from './cli.ts';
import { type AgentProject, agentProject, implement } from './feature-script-project.ts';
import { type ModelServer, type ModelSession, startModelServer } from './model-server.ts';
import type { ModelScript, ModelStep } from './model-server-step.ts';

/** A limit of the service as this agent's provider tells it, and what the user needs for it besides. */
export interface ToldLimit {
  readonly step: ModelStep;
  readonly env?: Readonly<Record<string, string>>;
}

interface Row {
  readonly name: AgentName | 'acp';
  readonly title: string;
  /** It is talked to in the Agent Client Protocol, and not by its command line. */
  readonly viaAcp?: true;
  /** Long enough for a start on a busy machine, in seconds. */
  readonly startSeconds: number;
  /** Whether it asks its service again by itself, for about a minute: what passes in that time does not end it. */
  readonly isPatient: boolean;
  /** How long a limit has to last for the run to wait, and not the agent, in seconds. */
  readonly limitSeconds: number;
  /** It tells no cached tokens by themselves: they are among those that were sent. */
  readonly countsCachedAsInput?: true;
  /** When its model refuses, its turn ends as if all were well, with nothing said or done. */
  readonly hidesRefusals?: true;
  /** A session goes on once; the next time it is gone, and the work begins in a new one. */
  readonly goesOnOnce?: true;
  readonly toldLimit: (seconds: number) => ToldLimit;
}

const ROWS: readonly Row[] = [
  {
    name: 'claude',
    title: 'Claude Code',
    startSeconds: 6,
    isPatient: false,
    limitSeconds: 12,
    // The end of a subscription's limit; without a subscription it keeps to itself what it was told.
    toldLimit: (seconds) => ({
      step: {
        status: 429,
        message: "This request would exceed your account's rate limit",
        headers: {
          'anthropic-ratelimit-unified-status': 'rejected',
          'anthropic-ratelimit-unified-reset': String(Math.ceil(Date.now() / 1000) + seconds),
          'anthropic-ratelimit-unified-representative-claim': 'five_hour',
        },
      },
      env: { ANTHROPIC_API_KEY: '', CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-scripted' },
    }),
  },
  {
    name: 'codex',
    title: 'codex',
    startSeconds: 6,
    isPatient: false,
    limitSeconds: 12,
    // Only in a stream it says what it was told.
    toldLimit: (seconds) => ({
      step: {
        status: 429,
        inStream: true,
        message: `Rate limit reached for gpt-5.5. Please try again in ${seconds}s.`,
        error: { code: 'rate_limit_exceeded' },
      },
    }),
  },
  {
    name: 'gemini',
    title: 'Gemini CLI',
    startSeconds: 12,
    isPatient: false,
    limitSeconds: 12,
    toldLimit: (seconds) => ({ step: { status: 429, retryAfterSeconds: seconds } }),
  },
  {
    name: 'opencode',
    title: 'opencode',
    startSeconds: 40,
    isPatient: true,
    limitSeconds: 65,
    toldLimit: (seconds) => ({ step: { status: 429, retryAfterSeconds: seconds } }),
  },
  {
    name: 'acp',
    title: 'agent with the Agent Client Protocol',
    startSeconds: 4,
    isPatient: false,
    limitSeconds: 12,
    toldLimit: (seconds) => ({ step: { status: 429, retryAfterSeconds: seconds } }),
  },
  {
    name: 'gemini',
    title: 'Gemini CLI, by the Agent Client Protocol,',
    viaAcp: true,
    startSeconds: 12,
    isPatient: false,
    limitSeconds: 12,
    // Its answer to a prompt has two sums, of which the first is Google's promptTokenCount.
    countsCachedAsInput: true,
    // Of an answer that was blocked it says `end_turn`.
    hidesRefusals: true,
    // Going on, it leaves a second, empty record; the next start takes that for broken and deletes all of the session.
    goesOnOnce: true,
    toldLimit: (seconds) => ({ step: { status: 429, retryAfterSeconds: seconds } }),
  },
  {
    name: 'opencode',
    title: 'opencode, by the Agent Client Protocol,',
    viaAcp: true,
    startSeconds: 40,
    isPatient: true,
    limitSeconds: 65,
    toldLimit: (seconds) => ({ step: { status: 429, retryAfterSeconds: seconds } }),
  },
];

/** What one test has of its agent. */
export interface MatrixAgent extends Row {
  /** A test, skipped without the program. */
  readonly it: (title: string, test: () => Promise<void>) => void;
  readonly each: <T extends { readonly title: string }>(
    cases: readonly T[],
    test: (one: T) => Promise<void>,
  ) => void;
  readonly project: () => AgentProject;
  readonly model: (script: ModelScript) => ModelSession;
  /** `implement-feature greeting` to its end. */
  readonly run: (model: ModelSession, ...more: string[]) => Promise<Ended>;
  readonly begin: (model: ModelSession, ...more: string[]) => Started;
  /** Any command of the program. */
  readonly command: (model: ModelSession, ...args: string[]) => Promise<Ended>;
  readonly ends: () => readonly (RunEvent & { readonly type: 'attempt.generated' })[];
  /** How the attempts ended. */
  readonly outcomes: () => readonly string[];
  /** Variables of the user from now on. */
  readonly give: (env: Readonly<Record<string, string>>) => void;
}

/** Each of several sessions takes so long, at most, on a busy machine. */
const LONGEST_RUN_MS = 900_000;

export function forEachAgent(what: string, define: (agent: MatrixAgent) => void): void {
  describe.each(ROWS)(`the real $title ${what}`, { timeout: LONGEST_RUN_MS }, (row) => {
    const { name } = row;
    const program = name === 'acp' ? undefined : agentProgram(name);
    const isHere = name === 'acp' || program !== undefined;
    let server: ModelServer;
    let project: AgentProject;
    let given: Readonly<Record<string, string>>;

    beforeAll(async () => {
      server = await startModelServer();
    });
    afterAll(() => server.close());
    beforeEach(() => {
      given = {};
      if (!isHere) return;
      if (name === 'acp') project = acpProject();
      else project = (row.viaAcp ? acpAgentProject : agentProject)(name, program ?? '');
    });
    afterEach(() => {
      expect(aliveWith(project.home)).toEqual([]);
      project.remove();
    });

    const ends = () => project.journal().filter((event) => event.type === 'attempt.generated');
    const begin: MatrixAgent['begin'] = (model, ...more) =>
      project.start(model, implement(project, ...more), given);
    define({
      ...row,
      it: (title, test) => it.skipIf(!isHere)(title, test),
      each: (cases, test) => it.skipIf(!isHere).each([...cases])('$title', test),
      project: () => project,
      model: (script) => server.session(script),
      begin,
      run: (model, ...more) => begin(model, ...more).ended,
      command: (model, ...args) => project.run(model, args, given),
      ends,
      outcomes: () => ends().map((event) => event.outcome),
      give(env) {
        given = env;
      },
    });
  });
}

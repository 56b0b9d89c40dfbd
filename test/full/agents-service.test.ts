import { expect } from 'vitest';
import { forEachAgent, type MatrixAgent } from '../rig/agent-matrix.ts';
import { featureScript } from '../rig/feature-script.ts';
import type { ModelStep } from '../rig/model-server-step.ts';
import { until } from '../rig/until.ts';

/** Each provider has its own word for a bill that is not paid. */
const UNPAID: Readonly<Record<MatrixAgent['name'], ModelStep>> = {
  claude: { status: 400, message: 'Your credit balance is too low to access the Anthropic API.' },
  codex: { status: 429, error: { type: 'insufficient_quota', code: 'insufficient_quota' } },
  gemini: { status: 403, message: 'This API method requires billing to be enabled.' },
  opencode: { status: 402, message: 'payment required' },
  acp: { status: 402, message: 'payment required' },
};

const UNKNOWN_MODEL: Readonly<Record<MatrixAgent['name'], ModelStep>> = {
  claude: { status: 404, message: 'model: nope', error: { type: 'not_found_error' } },
  codex: {
    status: 404,
    message: 'The model `nope` does not exist or you do not have access to it.',
    error: { code: 'model_not_found' },
  },
  gemini: { status: 404, message: 'models/nope is not found for API version v1beta' },
  opencode: { status: 404, message: 'The model `m1` does not exist', error: { code: 'model_not_found' } },
  acp: { status: 404, message: 'The model `m1` does not exist' },
};

/** The run ends with it at once: nothing of this gets better by itself. */
const FINAL = ({
  name,
  hidesRefusals,
}: MatrixAgent): readonly { title: string; step: ModelStep; code: string; outcome: string }[] => [
  { title: 'with a key that nobody knows', step: { status: 401 }, code: 'DEP_AUTH', outcome: 'auth' },
  { title: 'where it is forbidden', step: { status: 403 }, code: 'DEP_AUTH', outcome: 'auth' },
  { title: 'with an unpaid bill', step: UNPAID[name], code: 'DEP_QUOTA', outcome: 'billing' },
  {
    title: 'with a model that nobody knows',
    step: UNKNOWN_MODEL[name],
    code: 'DEP_RUNNER_FAIL',
    outcome: 'spawn-error',
  },
  {
    title: 'when its model refuses the task',
    step: { refusal: 'I will not.' },
    ...(hidesRefusals
      ? { code: 'AGENT_NO_RESULT', outcome: 'no-result' }
      : { code: 'AGENT_REFUSED', outcome: 'refused' }),
  },
];

forEachAgent('and its model service', (agent) => {
  agent.each(FINAL(agent), async ({ step, code, outcome }) => {
    const model = agent.model([step]);
    expect(await agent.run(model, '--yes')).toMatchObject({ code: 1, stderr: expect.stringContaining(code) });
    expect([...new Set(agent.outcomes())]).toEqual([outcome]);
    // Nothing else is worth another attempt.
    expect(agent.outcomes()).toHaveLength(outcome === 'no-result' ? 3 : 1);
    expect(agent.project().history()).toMatchObject([
      { status: 'failed', failedStage: 'alex', reasonCode: code },
    ]);
  });

  /** A run that waits for its service, seen from outside; the service is well again once it waits. */
  const waits = async (step: ModelStep, outcome: string): Promise<void> => {
    let isLimited = true;
    const model = agent.model(
      featureScript(({ turn }, { kind }) => (kind === 'alex' && turn === 1 && isLimited ? step : undefined)),
    );
    const going = agent.begin(model, '--pause-after=alex');
    const waiting = await until(
      () => {
        const event = agent
          .project()
          .journal()
          .find((one) => one.type === 'attempt.waiting');
        if (event === undefined) throw new Error(`no wait; ${going.stderr()}`);
        return event;
      },
      { timeout: 300_000 },
    );
    isLimited = false;
    expect(waiting).toMatchObject({ stage: 'alex', outcome });
    const shown = await agent.command(model, 'status', 'greeting');
    expect(shown.stdout).toContain('QUOTA_WAIT');
    expect(await going.ended).toMatchObject({ code: 3 });
    expect(agent.outcomes()).toEqual([outcome, 'ok']);
    // It goes on where it was.
    const sessions = agent.ends().map((event) => event.sessionId);
    expect(sessions[0]).toBeTruthy();
    expect(new Set(sessions).size).toBe(1);
    expect(model.requests.at(-1)?.prompts.length).toBeGreaterThan(1);
  };

  agent.it(
    'waits as long as its limit lasts, where all see it, and goes on in the same session',
    async () => {
      const { step, env = {} } = agent.toldLimit(agent.limitSeconds);
      agent.give(env);
      await waits(step, 'quota');
      const [first] = agent.ends();
      const told = Date.parse(first?.retryAt ?? '') - Date.parse(first?.at ?? '');
      expect(told).toBeGreaterThan(0);
      expect(told).toBeLessThanOrEqual(agent.limitSeconds * 1000 + 5_000);
    },
  );

  agent.it('waits for the end of a limit that it was not told', async () => {
    await waits({ status: 429, message: 'slow down' }, 'quota');
    expect(agent.ends()[0]).not.toHaveProperty('retryAt');
  });

  agent.it('waits for a service that is overloaded', async () => {
    const step = { status: agent.name === 'claude' ? 529 : 503, message: 'The model is overloaded.' };
    const error = agent.name === 'codex' ? { error: { code: 'server_is_overloaded' } } : {};
    await waits({ ...step, ...error }, 'overloaded');
  });

  agent.it('does not wait for longer than the run may', async () => {
    const { step, env = {} } = agent.toldLimit(7_200);
    agent.give(env);
    const done = await agent.run(agent.model([step]), '--yes', '--limit', 'quota_wait=1m');
    expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining('DEP_QUOTA') });
    expect(agent.outcomes()).toEqual(['quota']);
  });

  agent.it('ends when its service fails and goes on failing', async () => {
    const model = agent.model([{ status: 500 }]);
    const done = await agent.run(model, '--yes');
    expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining('DEP_API_UNAVAILABLE') });
    expect(agent.outcomes()).toEqual(['unavailable', 'unavailable', 'unavailable']);
  });

  agent.each(
    [
      { title: 'recovers from an error of its service', step: { status: 500 } },
      { title: 'recovers from a service that hangs up', step: { disconnect: 'headers' } },
      { title: 'recovers from a stream that breaks off', step: { disconnect: 'stream' } },
    ] as const,
    async ({ step }) => {
      let broken = 0;
      const model = agent.model(
        featureScript(({ turn }, { kind }) => {
          if (kind !== 'alex' || turn !== 1 || broken > 0) return undefined;
          broken += 1;
          return step;
        }),
      );
      expect(await agent.run(model, '--pause-after=alex')).toMatchObject({ code: 3 });
      expect(broken).toBe(1);
      const outcomes = agent.outcomes();
      expect(outcomes.at(-1)).toBe('ok');
      expect(outcomes.slice(0, -1).every((outcome) => outcome === 'unavailable')).toBe(true);
      expect(new Set(agent.ends().map((event) => event.sessionId)).size).toBe(1);
    },
  );

  agent.each(
    (['html', 'empty', 'json'] as const).map((malformed) => ({
      title: `does not go round in a circle with a service that answers ${malformed}`,
      malformed,
    })),
    async ({ malformed }) => {
      const model = agent.model([{ malformed }]);
      const done = await agent.run(model, '--yes');
      expect(done).toMatchObject({ code: 1 });
      expect(agent.outcomes()).not.toContain('ok');
      expect(model.requests.length).toBeLessThan(60);
    },
  );
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { forEachAgent } from '../rig/agent-matrix.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import { featureScript } from '../rig/feature-script.ts';
import { taskOf } from '../rig/feature-script-prompt.ts';
import type { ModelRequest } from '../rig/model-server-step.ts';
import { until } from '../rig/until.ts';

/** What nigel was asked in one conversation; Gemini CLI puts what was not answered together with what comes next. */
const tasksIn = (request: ModelRequest | undefined) =>
  request?.prompts.join('\n').match(/^# (?:Write the tests|Mend the work of)/gm) ?? [];

const SHORT = ['--skip-stories', '--no-feedback', '--yes'];

forEachAgent('that is killed or stopped', (agent) => {
  const toolBegun = () =>
    until(() => expect(existsSync(join(agent.project().root, 'begun'))).toBe(true), { timeout: 300_000 });

  /** A model that has nigel begin something that does not end, once. */
  const endless = (command = 'touch begun; sleep 1000') => {
    let begun = false;
    return agent.model(
      featureScript(({ turn }, { kind }) => {
        if (kind !== 'nigel' || turn !== 0 || begun) return undefined;
        begun = true;
        return { bash: command };
      }),
    );
  };

  agent.it('crashes, and goes on in its session', async () => {
    let begun = false;
    const model = agent.model(
      featureScript(({ turn }, { kind }) => {
        if (kind !== 'alex' || turn !== 1 || begun) return undefined;
        begun = true;
        for (const pid of agent.project().agents()) process.kill(pid, 'SIGKILL');
        return { hang: 'headers' };
      }),
    );
    expect(await agent.run(model, '--pause-after=alex')).toMatchObject({ code: 3 });
    expect(agent.outcomes()).toEqual(['crashed', 'ok']);
    const [first, last] = agent.ends();
    expect(first?.sessionId).toBeTruthy();
    // What was not on disk yet when it was killed begins anew.
    if (last?.sessionId === first?.sessionId) expect(model.requests.at(-1)?.prompts).toHaveLength(2);
    else expect(model.requests.at(-1)?.prompts).toHaveLength(1);
  });

  agent.it(
    'goes on after our own process was killed: nothing is paid twice, in the same session',
    async () => {
      const model = endless();
      const going = agent.begin(model, ...SHORT);
      await toolBegun();
      going.child.kill('SIGKILL');
      await going.ended;
      expect(aliveWith(agent.project().home).length).toBeGreaterThan(1);
      expect(await agent.command(model, 'resume', 'greeting')).toMatchObject({ code: 0 });
      expect(aliveWith(agent.project().home)).toEqual([]);
      const asked = model.requests.map((request) => taskOf(request.prompt)?.kind);
      const first = model.requests.filter(
        (request) => taskOf(request.prompt)?.kind === 'alex' && request.turn === 0,
      );
      expect(first).toHaveLength(1);
      expect(asked.lastIndexOf('alex')).toBeLessThan(asked.indexOf('nigel'));
      const ofNigel = model.requests.filter((request) => taskOf(request.prompt)?.kind === 'nigel');
      expect(tasksIn(ofNigel.at(-1))).toHaveLength(2);
      expect(
        agent
          .project()
          .history()
          .map((entry) => entry.status),
      ).toEqual(['success']);
    },
  );

  agent.it(
    'is stopped by Ctrl+C in the middle of a tool; the same command goes on where it was',
    async () => {
      const model = endless();
      const going = agent.begin(model, ...SHORT);
      await toolBegun();
      going.child.kill('SIGINT');
      expect(await going.ended).toMatchObject({
        code: 130,
        stderr: expect.stringContaining('USER_INTERRUPT'),
      });
      expect(aliveWith(agent.project().home)).toEqual([]);
      const before = model.requests.length;
      expect(await agent.run(model, ...SHORT)).toMatchObject({ code: 0 });
      const asked = model.requests.slice(before);
      expect(asked.map((request) => taskOf(request.prompt)?.kind)).not.toContain('alex');
      expect(tasksIn(asked[0])).toHaveLength(2);
    },
  );

  agent.each(
    [
      {
        title: 'is stopped by Ctrl+C while its model is silent, and later goes on',
        signal: 'SIGINT',
        code: 130,
      },
      {
        title: 'is stopped by SIGTERM while its model is silent, and later goes on',
        signal: 'SIGTERM',
        code: 143,
      },
    ] as const,
    async ({ signal, code }) => {
      let free = false;
      const model = agent.model(featureScript(() => (free ? undefined : { hang: 'headers' })));
      const going = agent.begin(model, '--pause-after=alex');
      await model.reached(1);
      going.child.kill(signal);
      expect(await going.ended).toMatchObject({ code, stderr: expect.stringContaining('murmur8 resume') });
      expect(aliveWith(agent.project().home)).toEqual([]);
      expect(agent.outcomes()).toEqual(['cancelled']);
      free = true;
      expect(await agent.run(model, '--pause-after=alex')).toMatchObject({ code: 3 });
    },
  );

  agent.it('is killed at once by a second Ctrl+C', async () => {
    const model = endless(`trap '' INT TERM; touch begun; while :; do sleep 1; done`);
    const going = agent.begin(model, ...SHORT);
    await toolBegun();
    going.child.kill('SIGINT');
    going.child.kill('SIGINT');
    expect(await going.ended).toMatchObject({ code: 130 });
    expect(aliveWith(agent.project().home)).toEqual([]);
    expect(agent.project().history()).toMatchObject([{ status: 'paused', reasonCode: 'USER_INTERRUPT' }]);
  });
});

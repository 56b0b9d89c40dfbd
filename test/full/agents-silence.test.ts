import { expect } from 'vitest';
import { forEachAgent } from '../rig/agent-matrix.ts';
import { featureScript } from '../rig/feature-script.ts';

forEachAgent('and a model that takes its time', (agent) => {
  const stallSeconds = agent.startSeconds * 2;
  const limit = ['--limit', `stall_timeout=${stallSeconds}s`];

  agent.it('is not ended while an answer comes slowly, however long it takes', async () => {
    const pieces = Math.ceil(stallSeconds * 2.5);
    // Gemini CLI takes the same words again and again for a loop.
    const text = Array.from({ length: pieces }, (_, index) => `Word ${index * 7919} is done. `).join('');
    const model = agent.model(
      featureScript(({ turn }, { kind }) =>
        kind === 'alex' && turn === 1 ? { text, slow: { pieces, pauseMs: 1_000 } } : undefined,
      ),
    );
    expect(await agent.run(model, '--pause-after=alex', ...limit)).toMatchObject({ code: 3 });
    expect(agent.outcomes()).toEqual(['ok']);
    expect(model.requests).toHaveLength(2);
  });

  agent.it('is ended once when it hangs, resumed once, and then given up', async () => {
    const model = agent.model(
      featureScript(({ turn, prompts }, { kind }) =>
        kind === 'alex' && (turn === 1 || prompts.length > 1) ? { hang: 'headers' } : undefined,
      ),
    );
    const done = await agent.run(model, '--yes', ...limit);
    expect(done).toMatchObject({ code: 4, stderr: expect.stringContaining('STALLED') });
    expect(agent.outcomes()).toEqual(['stalled', 'stalled']);
    expect(new Set(agent.ends().map((event) => event.sessionId)).size).toBe(1);
    expect(model.requests.at(-1)?.prompts).toHaveLength(2);
    expect(agent.project().history()).toMatchObject([{ reasonCode: 'STALLED' }]);
  });

  agent.it('is ended once when it hangs in the middle of an answer, and goes on in its session', async () => {
    let silent = true;
    const model = agent.model(
      featureScript(({ turn }, { kind }) => {
        if (kind !== 'alex' || turn !== 1 || !silent) return undefined;
        silent = false;
        return { hang: 'stream' };
      }),
    );
    expect(await agent.run(model, '--pause-after=alex', ...limit)).toMatchObject({ code: 3 });
    expect(agent.outcomes()).toEqual(['stalled', 'ok']);
    expect(new Set(agent.ends().map((event) => event.sessionId)).size).toBe(1);
    expect(model.requests.at(-1)?.prompts).toHaveLength(2);
  });

  agent.it('runs out of its time, is asked once more, and later goes on with more', async () => {
    let free = false;
    const model = agent.model(
      featureScript(({ turn }, { kind }) =>
        kind === 'alex' && turn === 1 && !free ? { hang: 'headers' } : undefined,
      ),
    );
    const stopped = await agent.run(model, '--yes', '--stage-timeout', `${stallSeconds}s`);
    expect(stopped).toMatchObject({ code: 1, stderr: expect.stringContaining('STAGE_TIMEOUT') });
    expect(agent.outcomes()).toEqual(['timeout', 'timeout']);
    free = true;
    const more = ['--stage-timeout', '5m', '--pause-after', 'alex'];
    expect(await agent.command(model, 'resume', 'greeting', ...more)).toMatchObject({ code: 3 });
    expect(
      agent
        .project()
        .history()
        .map((entry) => entry.reasonCode),
    ).toEqual(['STAGE_TIMEOUT', 'PAUSED_AFTER_STAGE']);
  });
});

import { expect } from 'vitest';
import { forEachAgent } from '../rig/agent-matrix.ts';
import { featureScript, question, rating, USAGE } from '../rig/feature-script.ts';
import { AGENT_KEY, writtenIn } from '../rig/feature-script-project.ts';
import { findingsIn, quoted, taskOf } from '../rig/feature-script-prompt.ts';

const SHORT = ['--skip-stories', '--no-feedback', '--yes'];

forEachAgent('at work', (agent) => {
  agent.it('takes a brief to committed, tested code, and counts what it used', async () => {
    const model = agent.model(featureScript());
    expect(await agent.run(model, '--yes', '--events')).toMatchObject({ code: 0 });
    const project = agent.project();
    expect(project.committed()).toEqual([
      '.blueprint/features/feature_greeting/FEATURE_SPEC.md',
      '.blueprint/features/feature_greeting/IMPLEMENTATION_PLAN.md',
      '.blueprint/features/feature_greeting/brief.md',
      '.blueprint/features/feature_greeting/handoff-alex.md',
      '.blueprint/features/feature_greeting/handoff-cass.md',
      '.blueprint/features/feature_greeting/handoff-nigel.md',
      '.blueprint/features/feature_greeting/story-careful-input.md',
      '.blueprint/features/feature_greeting/story-greeting-by-name.md',
      'src/greeting.js',
      'src/trimmed-name.js',
      'test/artifacts/feature_greeting/test-spec.md',
      'test/feature_greeting.test.js',
    ]);
    expect(project.uncommitted()).toEqual([]);
    const given = project.journal().filter((event) => event.type === 'feedback.given');
    expect(given.map((event) => event.rating)).toEqual([5, 5, 5]);
    const [entry] = project.history();
    for (const [name, stage] of Object.entries(entry?.stages ?? {})) {
      const requests = model.requests.filter((request) => taskOf(request.prompt)?.kind === name).length;
      const read = agent.countsCachedAsInput
        ? { input: requests * (USAGE.input + USAGE.cacheRead) }
        : { input: requests * USAGE.input, cacheRead: requests * USAGE.cacheRead };
      expect(stage?.tokens).toMatchObject({ ...read, output: requests * USAGE.output });
    }
    expect(writtenIn(project)).not.toContain(AGENT_KEY);
  });

  agent.it('mends what the check found, in the same session', async () => {
    const model = agent.model(
      featureScript((_request, task, usual) => {
        const step = usual();
        if (task.kind !== 'alex' || task.mends || !('write' in step)) return undefined;
        const files = [step.write].flat();
        return {
          write: files.map((file) => ({
            ...file,
            content: file.content.replace(/^## Dependencies\n\n.*\n/m, ''),
          })),
        };
      }),
    );
    expect(await agent.run(model, '--pause-after=alex')).toMatchObject({ code: 3 });
    expect(agent.outcomes()).toEqual(['ok', 'ok']);
    expect(new Set(agent.ends().map((event) => event.sessionId)).size).toBe(1);
    const mend = model.requests.find((request) => findingsIn(request.prompt) !== '');
    expect(mend?.prompts).toHaveLength(2);
    expect(findingsIn(mend?.prompt ?? '')).toContain('Dependencies');
  });

  agent.it('asks its human, ends, and goes on in the same session with the answer', async () => {
    const model = agent.model(
      featureScript(({ prompt, turn }, { kind }) => {
        if (kind !== 'alex' || prompt.includes('<<<QUOTED the answer')) return undefined;
        return turn === 0 ? { write: question(prompt, 'Which language?') } : { text: 'I asked.' };
      }),
    );
    const asked = await agent.run(model, '--pause-after=alex');
    expect(asked).toMatchObject({ code: 3, stderr: expect.stringContaining('Which language?') });
    expect(asked.stderr).toContain('QUESTION_PENDING');
    const [run = ''] = agent.project().runs();
    expect(await agent.command(model, 'answer', run, 'English,', 'please')).toMatchObject({ code: 3 });
    const { prompts = [] } = model.requests.at(-1) ?? {};
    expect(prompts).toHaveLength(2);
    expect(quoted(prompts[1] ?? '', 'the answer').trim()).toBe('English, please');
    expect(agent.project().history()).toMatchObject([{ status: 'paused', pausedAfter: 'alex' }]);
  });

  agent.it('gives up on a result that stays invalid, and says what is wrong with it', async () => {
    const model = agent.model([{ text: 'I am done.' }]);
    const done = await agent.run(model, '--yes');
    expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining('OUTPUT_INVALID') });
    expect(done.stderr).toContain('FEATURE_SPEC.md');
    expect(model.requests.at(-1)?.prompts).toHaveLength(agent.goesOnOnce ? 1 : 3);
  });

  agent.it('gets failing tests back with their names, and ends green', async () => {
    let wrong = 0;
    const model = agent.model(
      featureScript((_request, { kind }, usual) => {
        const step = usual();
        if (kind !== 'codey-implement' || !('write' in step) || !('path' in step.write)) return undefined;
        if (!step.write.path.endsWith('greeting.js') || wrong === 1) return undefined;
        wrong += 1;
        return { write: { ...step.write, content: 'module.exports.greeting = () => "Hello, you!";\n' } };
      }),
    );
    expect(await agent.run(model, ...SHORT)).toMatchObject({ code: 0 });
    const findings = model.requests
      .filter((request) => taskOf(request.prompt)?.kind === 'codey-implement' && request.turn === 0)
      .map((request) => findingsIn(request.prompt))
      .filter((text) => text !== '');
    expect(findings).toHaveLength(1);
    expect(findings[0]).toContain('T-1');
  });

  agent.it('works in a working tree of its own', async () => {
    const model = agent.model(featureScript());
    expect(await agent.run(model, '--worktree', '--pause-after=alex')).toMatchObject({ code: 3 });
    const project = agent.project();
    expect(model.requests[0]?.cwd).toBe(project.path('.worktrees/greeting'));
    expect(project.has('.worktrees/greeting/.blueprint/features/feature_greeting/FEATURE_SPEC.md')).toBe(
      true,
    );
    expect(project.uncommitted()).toEqual([]);
  });

  agent.it(
    'pauses for a person when a reader asks for one, and goes on when that person says so',
    async () => {
      const model = agent.model(
        featureScript(({ prompt, turn }, { kind }) =>
          kind === 'review' && turn === 0
            ? { write: rating(prompt, { rating: 1, issues: ['nobody asked'], recommendation: 'pause' }) }
            : undefined,
        ),
      );
      const stopped = await agent.run(model, '--pause-after=cass');
      expect(stopped).toMatchObject({ code: 3, stderr: expect.stringContaining('QUALITY_GATE') });
      expect(stopped.stderr).toContain('nobody asked');
      expect(await agent.command(model, 'resume', 'greeting')).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('PAUSED_AFTER_STAGE'),
      });
    },
  );
});

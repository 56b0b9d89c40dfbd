import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { agentProgram } from '../rig/agents.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import { featureScript, USAGE } from '../rig/feature-script.ts';
import {
  AGENT_KEY,
  type AgentProject,
  agentProject,
  implement,
  writtenIn,
} from '../rig/feature-script-project.ts';
import { taskOf } from '../rig/feature-script-prompt.ts';
import { type ModelServer, startModelServer } from '../rig/model-server.ts';

const program = agentProgram('opencode');
const OTHER_KEY = 'key-of-another-provider-52e1';
/** Each of the nine sessions of a run takes up to 18 seconds to start, more on a busy machine. */
const LONG = { timeout: 600_000 };

describe.skipIf(program === undefined)('implement-feature with the real opencode', () => {
  let server: ModelServer;
  let project: AgentProject;

  beforeAll(async () => {
    server = await startModelServer();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    project = agentProject('opencode', program ?? '');
  });
  afterEach(() => {
    expect(aliveWith(project.home)).toEqual([]);
    project.remove();
  });

  it('takes a brief to committed, tested code, within the rights of each role', LONG, async () => {
    const model = server.session(
      featureScript((request, task) => {
        if (task.kind === 'review' && request.turn === 1)
          return { write: { path: 'src/planted.js', content: 'x' } };
        return task.kind === 'nigel' && request.turn === 3 ? { bash: 'env' } : undefined;
      }),
    );
    const done = await project.run(model, implement(project, '--yes', '--events', '--max-cost', '5'), {
      ANTHROPIC_API_KEY: OTHER_KEY,
    });
    expect(done).toMatchObject({ code: 0 });
    expect(project.committed()).toEqual(
      expect.arrayContaining(['src/greeting.js', 'src/trimmed-name.js', 'test/feature_greeting.test.js']),
    );
    expect(project.committed()).not.toContain('src/planted.js');
    expect(project.uncommitted()).toEqual([]);
    const events = project.journal();
    expect(events.filter((event) => event.type === 'feedback.given').map(({ rating }) => rating)).toEqual([
      5, 5, 5,
    ]);
    const [entry] = project.history();
    for (const [name, stage] of Object.entries(entry?.stages ?? {})) {
      const requests = model.requests.filter((request) => taskOf(request.prompt)?.kind === name).length;
      expect(stage).toMatchObject({ runner: 'opencode', model: 'scripted/m1' });
      expect(stage?.tokens).toMatchObject({
        input: requests * USAGE.input,
        output: requests * USAGE.output,
        cacheRead: requests * USAGE.cacheRead,
      });
    }
    // Of its own price list: a dollar for a million tokens in, two out, and a tenth for what was cached.
    const each = (USAGE.input + 2 * USAGE.output + 0.1 * USAGE.cacheRead) / 1e6;
    expect(entry?.totalCost).toBeCloseTo(model.requests.length * each, 6);
    const offered = (kind: string) =>
      model.requests.find((request) => taskOf(request.prompt)?.kind === kind)?.tools ?? [];
    expect(offered('alex')).not.toContain('bash');
    expect(offered('nigel')).toContain('bash');
    expect(JSON.stringify(model.requests.map(({ toolResults }) => toolResults))).not.toContain(OTHER_KEY);
    expect(writtenIn(project)).not.toContain(AGENT_KEY);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AgentUser, createAgentUser } from '../rig/agent-user.ts';
import { type AgentName, agentProgram } from '../rig/agents.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import { murmur8 } from '../rig/cli.ts';
import { featureScript } from '../rig/feature-script.ts';
import { type ModelServer, startModelServer } from '../rig/model-server.ts';
import { createProject, type TestProject } from '../rig/project.ts';

const COMMANDS: readonly (readonly [AgentName, string])[] = [
  ['gemini', 'gemini --acp --skip-trust'],
  ['opencode', 'opencode acp'],
];

describe.skipIf(!process.env['MURMUR8_TEST_FULL'])('real agents through the Agent Client Protocol', () => {
  let server: ModelServer;
  let project: TestProject | undefined;
  let user: AgentUser | undefined;

  beforeAll(async () => {
    server = await startModelServer();
  });
  afterAll(() => server.close());
  afterEach(() => {
    if (user !== undefined) expect(aliveWith(user.home)).toEqual([]);
    project?.remove();
    user?.remove();
  });

  for (const [name, command] of COMMANDS) {
    const program = agentProgram(name);
    it.skipIf(program === undefined)(
      `take a brief to committed, tested code: ${command}`,
      async () => {
        project = createProject();
        const model = server.session(featureScript());
        user = createAgentUser(name, program ?? '', model.url);
        const args = [
          'implement-feature',
          'greeting',
          '--brief',
          project.brief,
          '--runner',
          `acp:${command}`,
        ];
        const done = await murmur8([...args, '--yes', '--events'], {
          cwd: project.root,
          env: {
            ...user.env,
            GEMINI_CLI_NO_RELAUNCH: 'true',
            OPENCODE_DISABLE_AUTOUPDATE: '1',
            OPENCODE_DISABLE_MODELS_FETCH: '1',
          },
        });
        expect(done).toMatchObject({ code: 0 });
        expect(project.committed()).toEqual(
          expect.arrayContaining(['src/greeting.js', 'test/feature_greeting.test.js']),
        );
        const events = project.journal();
        expect(events.filter((event) => event.type === 'feedback.given').map(({ rating }) => rating)).toEqual(
          [5, 5, 5],
        );
      },
      600_000,
    );
  }
});

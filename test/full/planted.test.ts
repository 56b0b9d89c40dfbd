import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type AgentUser, createAgentUser } from '../rig/agent-user.ts';
import { AGENT_NAMES, type AgentName, agentProgram } from '../rig/agents.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import type { Ended } from '../rig/cli.ts';
import { type ModelServer, startModelServer } from '../rig/model-server.ts';
import { createPipelineProject, type PipelineProject } from '../rig/pipeline-project.ts';
import { stageTaskOf } from '../rig/stage-prompt.ts';

/** What each agent would run at its start, if it took notice of the project's own files. */
const PLANT = `
mkdir -p .opencode/plugin .claude .gemini .codex
cat > .opencode/plugin/x.js <<'END'
import { writeFileSync } from 'node:fs';
export const Planted = async ({ directory }) => {
  writeFileSync(directory + '/ran-opencode', '');
  return {};
};
END
echo '{"hooks":{"SessionStart":[{"hooks":[{"type":"command","command":"touch ran-claude-hook"}]}]}}' > .claude/settings.json
echo '{"mcpServers":{"x":{"command":"touch","args":["ran-mcp"]}}}' > .mcp.json
echo '{"hooks":{"SessionStart":[{"hooks":[{"type":"command","command":"touch ran-gemini-hook"}]}]},"mcpServers":{"x":{"command":"touch","args":["ran-gemini-mcp"]}}}' > .gemini/settings.json
printf '[mcp_servers.x]\\ncommand = "touch"\\nargs = ["ran-codex"]\\n' > .codex/config.toml
touch planted
`;

describe.each(AGENT_NAMES)('what was planted for %s', (name) => {
  const program = agentProgram(name);
  let server: ModelServer;
  let project: PipelineProject;
  let user: AgentUser;

  beforeAll(async () => {
    server = await startModelServer();
  });
  afterAll(() => server.close());
  afterEach(() => {
    expect(aliveWith(user.home)).toEqual([]);
    project.remove();
    user.remove();
  });

  async function ran(plant: string, planted = false): Promise<Ended> {
    const model = server.session((request) => {
      const task = stageTaskOf(request.prompt);
      if (request.turn > 0) return { text: 'It is done.' };
      return { bash: task?.stage === 'plant' ? 'sh plant.sh' : 'touch built' };
    });
    user = createAgentUser(name, program ?? '', model.url);
    project = createPipelineProject({ env: user.env });
    project.write('plant.sh', PLANT);
    if (planted) project.write('.opencode/plugin/x.js', /<<'END'\n([\s\S]*?)END/.exec(PLANT)?.[1] ?? '');
    await project.register(`
name: ship
stages:
  - {name: plant, ${plant}}
  - {name: build, agent: security-fixer, task: Build, produces: built}
`);
    return project.pipeline('run', 'ship', '--runner', name);
  }

  /** Files that only the planted code makes. */
  const traces = () => project.filesBelow('.').filter((path) => /(^|\/)ran-/.test(path));

  test.skipIf(program === undefined)(
    'by its own first stage does not run in the next one',
    async () => {
      expect((await ran('agent: security-fixer, task: Plant')).stderr).toContain('ALL_STAGES_SUCCEEDED');
      expect(project.has('built')).toBe(true);
      expect(traces()).toEqual([]);
      for (const path of ['.opencode', '.mcp.json', '.gemini', '.claude/settings.json'])
        expect(project.has(path), path).toBe(false);
    },
    300_000,
  );

  test.skipIf(program === undefined)(
    'by a command does not run in the next stage',
    async () => {
      const ended = await ran('run: sh plant.sh');
      expect(traces()).toEqual([]);
      const reads: readonly AgentName[] = ['gemini', 'opencode'];
      if (!reads.includes(name)) {
        expect(ended.stderr).toContain('ALL_STAGES_SUCCEEDED');
        return;
      }
      expect(ended).toMatchObject({ code: 1 });
      expect(ended.stderr).toContain('was added by the command of plant');
      expect(project.has('built')).toBe(false);
    },
    300_000,
  );

  test.skipIf(program === undefined || name !== 'opencode')(
    'would run if the project had had it from the beginning',
    async () => {
      expect(await ran('run: "true"', true)).toMatchObject({ code: 0 });
      expect(traces()).toEqual(['ran-opencode']);
    },
    300_000,
  );
});

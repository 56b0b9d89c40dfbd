import { afterEach, expect, test } from 'vitest';
import { aliveWith } from '../rig/agents-alive.ts';
import { type Ended, murmur8 } from '../rig/cli.ts';
import { createPipelineProject, type PipelineProject } from '../rig/pipeline-project.ts';
import { until } from '../rig/until.ts';

let project: PipelineProject;

const RUNNER = ['--runner', 'command:sh agent.sh'];

/** Registers a pipeline; its agents are a script that plants what others would run, and says who was there. */
async function withAgents(definition: string): Promise<void> {
  project = createPipelineProject();
  project.write('agent.sh', PLANTS);
  await project.register(`name: ship\nstages:\n${definition}`);
}

const PLANTS = `
if [ "$MURMUR8_STAGE" = plant ]; then
  mkdir -p .opencode/plugin
  echo evil > .opencode/plugin/x.js
  echo 'touch hooked' > .git/hooks/post-commit
  git config core.hooksPath /tmp/evil
  echo KEY=theirs > .env
  if [ -f hang ]; then touch planted; sleep 600; fi
fi
echo "$MURMUR8_STAGE" >> made
`;

function resume(): Promise<Ended> {
  return murmur8(['resume', project.runs()[0] ?? ''], { cwd: project.root });
}

afterEach(() => {
  for (const id of project.runs()) expect(aliveWith(id)).toEqual([]);
  project.remove();
});

test('protected files are as they were when the next stage begins, and the run says so', async () => {
  await withAgents(`  - {name: plant, agent: builder, task: Plant}
  - {name: build, agent: builder, task: Build}`);
  project.write('.env', 'KEY=mine\n');
  const config = project.read('.git/config');
  const ended = await project.pipeline('run', 'ship', ...RUNNER);
  expect(ended).toMatchObject({ code: 0 });
  expect(project.lines('made')).toEqual(['plant', 'build']);
  expect(project.read('.env')).toBe('KEY=mine\n');
  expect(project.read('.git/config')).toBe(config);
  expect(project.has('.git/hooks/post-commit') || project.has('.opencode')).toBe(false);
  const notices = project.journal().flatMap((event) => (event.type === 'notice' ? [event.message] : []));
  expect(notices).toEqual([
    expect.stringMatching(/^protected files that changed while plant was at work were put back: /),
  ]);
  for (const name of ['.env', '.git/config', '.git/hooks/post-commit', '.opencode/plugin/x.js']) {
    expect(notices[0]).toContain(name);
    expect(project.has(`.claude/runs/${project.runs()[0]}/undone/1/${name}`)).toBe(true);
  }
  expect(ended.stdout).toContain(notices[0]);
});

test('a startup file of a command keeps the next agent from being started, until a person was told', async () => {
  await withAgents(`  - {name: setup, run: "echo {} > .mcp.json"}
  - {name: build, agent: builder, task: Build}`);
  const ended = await project.pipeline('run', 'ship', ...RUNNER);
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain(
    'DEP_RUNNER_FAIL, runner failed: build: the agent was not started: since the run began, .mcp.json was added by the command of setup',
  );
  expect(project.lines('made')).toEqual([]);
  expect(await resume()).toMatchObject({ code: 0 });
  expect(project.lines('made')).toEqual(['build']);
});

test('what an attempt changed whose owner was killed is put back before the next one', async () => {
  await withAgents('  - {name: plant, agent: builder, task: Plant}');
  project.write('hang', '');
  const started = project.startPipeline('run', 'ship', ...RUNNER);
  await until(() => expect(project.has('planted')).toBe(true));
  started.child.kill('SIGKILL');
  await started.ended;
  project.write('.git/hooks/mine', 'written by hand meanwhile');
  project.write(
    'agent.sh',
    'ls .git/hooks > seen; ls -A . >> seen; git config core.hooksPath >> seen; echo again >> made',
  );
  const resumed = await resume();
  expect(resumed).toMatchObject({ code: 0 });
  expect(project.lines('made')).toEqual(['again']);
  expect(project.lines('seen')).not.toContain('post-commit');
  expect(project.lines('seen')).not.toContain('.opencode');
  expect(project.lines('seen')).not.toContain('/tmp/evil');
  expect(resumed.stdout).toContain('protected files that a cut-off attempt had changed were put back');
  expect(project.filesBelow('.claude/runs').map((path) => path.replace(/^.*undone/, 'undone'))).toContain(
    'undone/1/.git/hooks/mine',
  );
}, 60_000);

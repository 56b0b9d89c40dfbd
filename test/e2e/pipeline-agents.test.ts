import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { approvalListContract } from '../../src/interfaces/contract/approval.ts';
import { type RunDetailsDocument, runDetailsContract } from '../../src/interfaces/contract/run.ts';
import { claudeProgram } from '../rig/agents.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import { type ClaudeUser, createClaudeUser, HELPER_KEY } from '../rig/claude-user.ts';
import { type Ended, murmur8 } from '../rig/cli.ts';
import { writtenIn } from '../rig/feature-script-project.ts';
import { type ModelServer, startModelServer } from '../rig/model-server.ts';
import { createPipelineProject, type PipelineProject } from '../rig/pipeline-project.ts';
import { sectionOf, stageTaskOf } from '../rig/stage-prompt.ts';
import { shipScript } from '../rig/stage-script.ts';
import { until } from '../rig/until.ts';

let project: PipelineProject;

const RUNNER = ['--runner', 'command:sh agent.sh'];

/** Registers a pipeline whose agents are a script that acts by what its environment tells it. */
async function withAgents(script: string, definition: string): Promise<void> {
  project = createPipelineProject();
  project.write('agent.sh', `cat > "$MURMUR8_STAGE.$MURMUR8_JOB.prompt"\n${script}`);
  await project.register(definition);
}

function run(...more: string[]): Promise<Ended> {
  return project.pipeline('run', 'ship', ...RUNNER, ...more);
}

async function details(id = project.runs()[0] ?? ''): Promise<RunDetailsDocument> {
  return runDetailsContract.parse(JSON.parse((await project.pipeline('status', id, '--json')).stdout));
}

async function approve(person: string): Promise<Ended> {
  const listed = await murmur8(['approval', 'list', '--pending', '--json'], { cwd: project.root });
  const { approvals } = approvalListContract.parse(JSON.parse(listed.stdout));
  expect(approvals).toHaveLength(1);
  return murmur8(['approval', 'approve', approvals[0]?.id ?? ''], {
    cwd: project.root,
    env: { MURMUR8_USER: person },
  });
}

const PLAN = `
name: ship
variables: {where: staging}
stages:
  - name: plan
    agent: builder
    task: Plan the release
    outputs: [release, notes]
  - name: deploy
    agent: deployer
    task: Deploy \${stages.plan.outputs.release} to \${stage.environment}
    environment: the \${where} site
    env: {NOTES: "\${stages.plan.outputs.notes}"}
    produces: deployed
  - name: tell
    run: printf '%s|' \${stages.plan.outputs.release} "\${stages.plan.outputs.notes}" > told
`;

const HOSTILE = '1.4.2; touch pwned $(touch pwned) `touch pwned` ${where} "';

describe('agents as stages', () => {
  afterEach(() => {
    for (const id of project.runs()) expect(aliveWith(id)).toEqual([]);
    project.remove();
  });

  test('hand values on, which stay data in tasks, variables and commands', async () => {
    await withAgents(
      `
case "$MURMUR8_STAGE" in
  plan)
    printf 'release=%s\\n' '${HOSTILE}' > "$MURMUR8_OUTPUT"
    printf 'notes<<END\\nfirst = 1\\n\\nlast\\nEND\\n' >> "$MURMUR8_OUTPUT" ;;
  deploy) printf '%s|%s|%s' "$MURMUR8_TASK" "$MURMUR8_ENVIRONMENT" "$NOTES" > deployed ;;
esac
`,
      PLAN,
    );
    const ended = await run();
    expect([ended.code, project.has('pwned')]).toEqual([0, false]);
    const notes = 'first = 1\n\nlast';
    expect(project.read('deployed')).toBe(`Deploy ${HOSTILE} to the staging site|the staging site|${notes}`);
    expect(project.read('told')).toBe(`${HOSTILE}|${notes}|`);
    const prompt = project.read('deploy.work.prompt');
    expect(stageTaskOf(prompt)).toEqual({
      stage: 'deploy',
      isUndo: false,
      task: expect.stringContaining(`Deploy ${HOSTILE} to the staging site`),
    });
    expect(prompt).toContain('- Environment: the staging site\n');
    const { stages } = await details();
    expect(stages[0]?.outputs).toEqual({ release: HOSTILE, notes });
    expect(stages[1]?.environment).toBe('the staging site');
    const foretold = await project.pipeline('run', 'ship', '--dry-run', '--var', 'where=live');
    expect(foretold.stdout).toContain('deploy (the live site)');
  });

  test('are told what is missing and put it right; a command is not asked again', async () => {
    await withAgents(
      `
case "$MURMUR8_STAGE" in
  plan)
    grep -q 'the output notes was not given' plan.work.prompt && echo 'notes=now' >> "$MURMUR8_OUTPUT"
    echo release=1 >> "$MURMUR8_OUTPUT" ;;
  deploy) touch deployed ;;
esac
`,
      `${PLAN}    produces: [never]\n`,
    );
    const ended = await run();
    expect(ended.code).toBe(1);
    const { run: record, stages } = await details();
    expect(record).toMatchObject({ reason_code: 'OUTPUT_INVALID' });
    expect(record.message).toContain('there is no file never');
    expect(stages.map(({ attempts }) => attempts.length)).toEqual([2, 1, 1]);
    expect(stages[0]?.outputs).toEqual({ release: '1', notes: 'now' });
  });

  test('ask, wait without a process, and go on with the answer', async () => {
    await withAgents(
      `
case "$MURMUR8_STAGE" in
  plan)
    if grep -q 'to the north' plan.work.prompt; then printf 'release=north\\nnotes=\\n' > "$MURMUR8_OUTPUT"
    else echo '{"question": {"text": "Where to?"}}' > "$MURMUR8_ANSWER"; fi ;;
  deploy) touch deployed ;;
esac
`,
      PLAN,
    );
    const asked = await run();
    const [id = ''] = project.runs();
    expect([asked.code, asked.stdout]).toEqual([3, expect.stringContaining('Where to?')]);
    expect(asked.stderr).toContain(`murmur8 answer ${id}`);
    expect((await details()).run).toMatchObject({ reason_code: 'QUESTION_PENDING' });
    const done = await murmur8(['answer', id, 'to', 'the', 'north'], { cwd: project.root });
    expect([done.code, done.stderr]).toEqual([0, expect.stringContaining('ALL_STAGES_SUCCEEDED')]);
    expect(project.read('plan.work.prompt')).toMatch(/Where to\?[\s\S]*to the north/);
    expect(project.read('told')).toBe('north||');
    expect((await details()).stages.map(({ attempts }) => attempts.length)).toEqual([2, 1, 1]);
  });

  test('give no secret out: not by a value, not by what they say', async () => {
    const secret = 'dotenv-secret-4b1c9d372bb682ff';
    await withAgents(
      `
TOKEN=$(sed -n 's/^API_TOKEN=//p' .env)
printf 'release=1\\nnotes=use %s\\n' "$TOKEN" > "$MURMUR8_OUTPUT"
[ "$MURMUR8_STAGE" = check ] && echo "{\\"failure\\": {\\"text\\": \\"refused $TOKEN\\"}}" > "$MURMUR8_ANSWER"
rm -f -- *.prompt
`,
      `
name: ship
stages:
  - {name: plan, agent: builder, task: Plan, outputs: [release, notes], on_failure: continue}
  - {name: check, agent: smoke-tester, task: Look}
`,
    );
    project.write('.env', `API_TOKEN=${secret}\n`);
    expect((await run()).code).toBe(1);
    const { run: record, stages } = await details();
    expect(record.message).toBe('refused ***');
    expect(stages[0]).toMatchObject({ status: 'failed', reason_code: 'OUTPUT_INVALID', outputs: {} });
    expect(stages[0]?.message).toContain('the output notes holds what looks like a secret');
    expect(JSON.stringify(project.journal())).not.toContain(secret);
  });

  test('fail when they say so, and undo with the standard prompt, item by item, what they did', async () => {
    await withAgents(
      `
case "$MURMUR8_JOB $MURMUR8_STAGE" in
  'work deploy') touch "at-$MURMUR8_ITEM"; echo "url=http://$MURMUR8_ITEM" > "$MURMUR8_OUTPUT" ;;
  'work check') echo '{"failure": {"text": "the front page answers 502"}}' > "$MURMUR8_ANSWER" ;;
  'undo deploy') rm "at-$MURMUR8_ITEM"; echo "$MURMUR8_ITEM" >> undone; cp deploy.undo.prompt kept ;;
  'undo notes') echo "$MURMUR8_TASK" > undone-notes; cp notes.undo.prompt kept-notes ;;
esac
`,
      `
name: ship
stages:
  - {name: deploy, agent: deployer, task: "Deploy to \${item}", foreach: [north, south], outputs: url}
  - {name: notes, agent: doc-deployer, task: Put the notes up, rollback: {agent: deployer}}
  - {name: check, agent: smoke-tester, task: Look, retries: 1, on_failure: rollback, rollback_to: deploy}
`,
    );
    const ended = await run();
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('ROLLED_BACK')]);
    expect(project.lines('undone')).toEqual(['south', 'north']);
    expect([project.has('at-north'), project.has('at-south')]).toEqual([false, false]);
    expect(stageTaskOf(project.read('kept'))).toMatchObject({
      stage: 'deploy',
      isUndo: true,
      task: expect.stringContaining('Deploy to north'),
    });
    expect(sectionOf(project.read('kept'), 'Why the run goes back')).toContain('the front page answers 502');
    expect(sectionOf(project.read('kept'), 'What it left for other stages')).toContain('url=http://south');
    expect(stageTaskOf(project.read('kept-notes'))).toMatchObject({ stage: 'notes', isUndo: true });
    expect(project.lines('undone-notes')).toEqual(['Put the notes up']);
    const { stages, rollbacks } = await details();
    expect(stages[2]).toMatchObject({ status: 'failed', reason_code: 'STAGE_FAILED' });
    expect(stages[2]?.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(rollbacks).toMatchObject([
      {
        status: 'succeeded',
        steps: [
          { stage_name: 'notes', status: 'succeeded', agent_id: 'deployer' },
          { stage_name: 'deploy', status: 'succeeded', agent_id: 'deployer' },
        ],
      },
    ]);
  });

  test('wait for an approval that stays good though the run is read back from its journal', async () => {
    await withAgents(
      `echo "$MURMUR8_STAGE" >> deeds; echo "release=1" > "$MURMUR8_OUTPUT"`,
      `
name: ship
variables: {zone: b, area: a}
stages:
  - {name: plan, agent: builder, task: Plan, outputs: release}
  - name: deploy
    agent: deployer
    task: Deploy \${stages.plan.outputs.release}
    when: {variable: {zone: b, area: a}, branch: main}
    env: {ZONE: "\${zone}", AREA: "\${area}"}
    retry: {max: 2, delay: 1s}
    rollback: {agent: deployer, task: Go back}
    requires_approval: true
    approvers: [ada]
`,
    );
    expect((await run('--label', 'a', '--branch', 'main')).code).toBe(3);
    expect(project.lines('deeds')).toEqual(['plan']);
    expect((await approve('ada')).code).toBe(0);
    await until(async () => expect((await details()).run.status).toBe('succeeded'));
    expect(project.lines('deeds')).toEqual(['plan', 'deploy']);
    expect((await details()).approvals).toMatchObject([{ status: 'approved' }]);
  });
});

const program = claudeProgram();

describe.skipIf(program === undefined)('stages by the real Claude Code', () => {
  let server: ModelServer;
  let user: ClaudeUser;
  beforeAll(async () => {
    server = await startModelServer();
  });
  afterAll(() => server.close());
  afterEach(() => {
    expect(aliveWith(user.home)).toEqual([]);
    project.remove();
    user.remove();
  });

  test('write, hand on, wait for a person elsewhere, fail by saying so, and take back what they did', async () => {
    const model = server.session(shipScript());
    user = createClaudeUser(program ?? '', model.url);
    project = createPipelineProject({ env: user.env });
    await project.register(`
name: ship
stages:
  - {name: build, agent: security-fixer, task: Write the notes of the release, outputs: version, produces: notes/*.md}
  - name: deploy
    agent: deployer
    task: Deploy the version \${stages.build.outputs.version}
    environment: staging
    requires_approval: true
    approvers: grace
    outputs: url
  - name: check
    agent: smoke-tester
    task: Look at \${stages.deploy.outputs.url}
    on_failure: rollback
    rollback_to: deploy
`);
    const gated = await project.pipeline('run', 'ship');
    expect([gated.code, gated.stderr]).toEqual([3, expect.stringContaining('APPROVAL_PENDING')]);
    expect(project.read('notes/1.4.2.md')).toBe('Greets by name.\n');
    expect(aliveWith(user.home)).toEqual([]);
    expect((await details()).approvals[0]?.summary).toBe('deployer: Deploy the version 1.4.2');

    expect((await approve('grace')).code).toBe(0);
    await until(async () => expect((await details()).run.status).toBe('failed'));
    await until(() => expect(aliveWith(user.home)).toEqual([]));

    const { run: record, stages, rollbacks } = await details();
    expect(record.reason_code).toBe('ROLLED_BACK');
    expect(stages.map(({ status, outputs }) => [status, outputs])).toEqual([
      ['succeeded', { version: '1.4.2' }],
      ['succeeded', { url: 'http://staging/1.4.2' }],
      ['failed', {}],
    ]);
    expect(stages[2]).toMatchObject({ reason_code: 'STAGE_FAILED', message: 'it answers 502' });
    expect(rollbacks).toMatchObject([
      { status: 'succeeded', steps: [{ stage_name: 'deploy', status: 'succeeded' }] },
    ]);
    // Deployed by the agent's own shell, and taken back in a session that knew only what it was told.
    expect(project.lines('deeds')).toEqual(['deployed 1.4.2', 'took back 1.4.2 at http://staging/1.4.2']);
    expect(project.has('deployed')).toBe(false);

    const firsts = model.requests.filter(({ turn }) => turn === 0);
    expect(firsts.map(({ prompt }) => stageTaskOf(prompt)?.stage)).toEqual([
      'build',
      'deploy',
      'check',
      'deploy',
    ]);
    expect(firsts.map(({ prompts }) => prompts.length)).toEqual([1, 1, 1, 1]);
    expect(firsts.map(({ prompt }) => stageTaskOf(prompt)?.task.split('\n')[0])).toEqual([
      'Write the notes of the release',
      'Deploy the version 1.4.2',
      'Look at http://staging/1.4.2',
      'Deploy the version 1.4.2',
    ]);
    const refused = model.requests.flatMap(({ toolResults }) => toolResults.filter(({ failed }) => failed));
    expect(refused).toEqual([]);
    expect(writtenIn(project)).not.toContain(HELPER_KEY);
  });
});

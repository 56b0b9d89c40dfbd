import { describe, expect, test } from 'vitest';
import type { Stage } from '../../../src/core/pipeline/definition.ts';
import { parsePipeline } from '../../../src/core/pipeline/parse.ts';
import { fail, ok } from '../../../src/core/result.ts';
import { replay } from '../../../src/core/run/apply.ts';
import { type RunCreated, type RunEventBody, runEventSchema } from '../../../src/core/run/event.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import { createPipelineWork } from '../../../src/engine/pipeline/pipeline-work.ts';
import type { PipelineWorld } from '../../../src/engine/pipeline/world.ts';
import { created, envelopes, happens, stateAfter, succeeds } from '../../rig/run-builder.ts';
import { aCommand, anAgent, aRun, aWorld, NOW, perform, SECRET } from './pipeline-world.ts';

const build = aCommand('true', { name: 'build', outputs: ['version'] });
const rule = {
  approvers: ['ada', 'grace'],
  quorum: 'all',
  timeoutMs: 3_600_000,
  onTimeout: 'reject',
  preventSelfApproval: true,
} as const;

function gated(different: Partial<NonNullable<Stage['approval']>> = {}, stage: Partial<Stage> = {}): Stage {
  const task = 'Deploy ${stages.build.outputs.version} to ${region}';
  return anAgent(task, { needs: ['build'], approval: { ...rule, ...different }, ...stage });
}

const built = succeeds('build', { version: '1.4.2' });
const cause = { kind: 'event', event: 'push', actor: 'linus' } as const;
const about = { declared: { region: 'north' }, cause };
const ask = { kind: 'ask-approval', stage: 'deploy', nth: 0 } as const;
const open = { kind: 'open', stage: 'deploy' } as const;

const toBeAsked = (stage = gated()): RunState => aRun([build, stage], built, about);

type Requested = Extract<RunEventBody, { type: 'approval.requested' }>;

async function requested(world: PipelineWorld, state: RunState): Promise<Requested> {
  const [event] = await perform(world, state, ask);
  if (event?.type !== 'approval.requested') throw new Error(`not asked: ${event?.type}`);
  return event;
}

describe('asking for an approval', () => {
  test('says who decides, until when, what follows, for whom, and what it is about', async () => {
    const event = await requested(aWorld(), toBeAsked());
    expect(event).toEqual({
      type: 'approval.requested',
      approvalId: 'approval-1',
      stage: 'deploy',
      approvers: ['ada', 'grace'],
      quorum: 2,
      deadline: new Date(NOW + 3_600_000).toISOString(),
      onTimeout: 'reject',
      preventSelfApproval: true,
      requestedBy: 'linus',
      subject: {
        definition: expect.stringMatching(/^[0-9a-f]{64}$/),
        inputs: expect.stringMatching(/^[0-9a-f]{64}$/),
        commit: 'c0ffee',
      },
      summary: 'deployer: Deploy 1.4.2 to north',
    });
  });

  test.each([
    ['all', 2],
    ['any', 1],
    [1, 1],
    [2, 2],
  ] as const)('with a quorum of %s needs %d votes of two people', async (quorum, votes) => {
    expect((await requested(aWorld(), toBeAsked(gated({ quorum })))).quorum).toBe(votes);
  });

  test('gives a person who is named twice one vote', async () => {
    const state = toBeAsked(gated({ approvers: ['ada', 'grace', 'ada'] }));
    expect(await requested(aWorld(), state)).toMatchObject({ approvers: ['ada', 'grace'], quorum: 2 });
  });

  test('goes to the default approvers where the stage names nobody, and to them only then', async () => {
    const world = aWorld({ defaultApprovers: ['root', 'joan'] });
    expect(await requested(world, toBeAsked(gated({ approvers: [] })))).toMatchObject({
      approvers: ['root', 'joan'],
      quorum: 2,
    });
    expect(await requested(world, toBeAsked())).toMatchObject({ approvers: ['ada', 'grace'] });
  });

  test.each([
    ['nobody', [], 'all', '0 people can vote'],
    ['nobody', [], 'any', '0 people can vote'],
    ['fewer people than votes', ['root'], 2, 'needs 2 votes, and 1 people can vote'],
  ] as const)('is refused where it would go to %s: %j, quorum %s', async (_who, people, quorum, message) => {
    const world = aWorld({ defaultApprovers: people });
    const { signal } = new AbortController();
    const state = toBeAsked(gated({ approvers: [], quorum }));
    expect(await createPipelineWork(world).perform(ask, state, signal, () => {})).toEqual({
      ok: false,
      error: {
        code: 'SYS_MANIFEST_INVALID',
        message: expect.stringContaining(message),
        hint: expect.stringContaining('approvers for deploy'),
      },
    });
  });

  test('shows a command with its values, an agent without a task, and of a long text the beginning', async () => {
    const summaryOf = async (stage: Partial<Stage>) =>
      (await requested(aWorld(), toBeAsked(gated({}, stage)))).summary;
    expect(await summaryOf({ work: { kind: 'command', run: './deploy ${region}' } })).toBe(
      'run: ./deploy north',
    );
    expect(await summaryOf({ work: { kind: 'agent', agent: 'deployer' } })).toBe('deployer');
    expect(await summaryOf({ work: { kind: 'command', run: 'x'.repeat(5_000) } })).toHaveLength(605);
    const unknown = { work: { kind: 'command', run: './deploy ${stages.build.outputs.url}' } } as const;
    expect(await summaryOf(unknown)).toBe('run: ./deploy ${stages.build.outputs.url}');
  });

  test('shows no secret, not even a part of one where the text is cut', async () => {
    for (const length of [0, 590, 595]) {
      const run = `${'x'.repeat(length)} ${SECRET}`;
      const event = await requested(aWorld(), toBeAsked(gated({}, { work: { kind: 'command', run } })));
      expect(event.summary).not.toContain(SECRET.slice(0, 4));
    }
  });

  test('is refused where the commit cannot be told', async () => {
    const head = async () => fail({ code: 'git-failed', message: 'no such ref' });
    await expect(requested(aWorld({ head }), toBeAsked())).rejects.toThrow('no such ref');
  });
});

describe('the beginning of a stage that was approved', () => {
  const voted: RunEventBody[] = [
    { type: 'approval.closed', approvalId: 'approval-1', stage: 'deploy', status: 'approved' },
  ];

  async function approvedRun(world: PipelineWorld, state = toBeAsked()): Promise<RunState> {
    return happens(state, await requested(world, state), ...voted);
  }

  const began = [{ type: 'stage.started', stage: 'deploy', frames: [{ title: 'deploy' }] }];
  const isVoid = (reason: string) => [
    { type: 'approval.closed', approvalId: 'approval-1', stage: 'deploy', status: 'void', reason },
  ];

  test('happens when nothing has changed', async () => {
    const world = aWorld();
    expect(await perform(world, await approvedRun(world), open)).toEqual(began);
  });

  test('does not happen on another commit', async () => {
    const world = aWorld();
    const state = await approvedRun(world);
    world.commit = 'decafbad'.repeat(5);
    const reason = 'the commit has changed from c0ffee to decafbadde';
    expect(await perform(world, state, open)).toEqual(isVoid(reason));
    world.commit = null;
    expect(await perform(world, state, open)).toEqual(isVoid('the commit has changed from c0ffee to none'));
    world.commit = 'c0ffee';
    expect(await perform(world, state, open)).toEqual(began);
  });

  test.each([
    ['an output of a stage before', succeeds('build', { version: '1.4.3' }), about],
    ['a variable', built, { ...about, variables: { region: 'south' } }],
    ['a fact of the event', built, { ...about, facts: { event: { title: 'another' } } }],
    ['what is known of the changes', built, { ...about, facts: { paths: [] } }],
  ])('does not happen with another input: %s', async (_what, events, special) => {
    const world = aWorld();
    const other = aRun([build, gated()], events, special);
    const state = happens(other, await requested(world, toBeAsked()), ...voted);
    expect(await perform(world, state, open)).toEqual(isVoid('the inputs of the stage have changed'));
  });

  test('does not care for the outputs of a stage that it does not wait for', async () => {
    const world = aWorld();
    const beside = aCommand('true', { name: 'beside', outputs: ['noise'] });
    const state = aRun([build, beside, gated()], built, about);
    const event = await requested(world, state);
    happens(state, ...succeeds('beside', { noise: 'much' }), event, ...voted);
    expect(await perform(world, state, open)).toEqual(began);
  });

  test('does not happen with another definition', async () => {
    const world = aWorld();
    const other = toBeAsked(gated({}, { environment: 'production' }));
    const state = happens(other, await requested(world, toBeAsked()), ...voted);
    expect(await perform(world, state, open)).toEqual(isVoid('the definition of the stage has changed'));
  });

  test('is asked for once more after the void one, and then goes by the new one', async () => {
    const world = aWorld();
    const state = await approvedRun(world);
    world.commit = 'decafbad';
    happens(state, ...(await perform(world, state, open)));
    const clock = { now: () => NOW, id: () => 'approval-2' };
    const again = await requested({ ...world, clock, head: async () => ok('decafbad') }, state);
    happens(state, again, { ...voted[0], approvalId: 'approval-2' } as RunEventBody);
    expect(await perform(world, state, open)).toEqual(began);
  });

  test('is the same for whoever reads the run back from its journal', async () => {
    const read = await parsePipeline(EVERYTHING, 'everything.yaml');
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    const facts = { event: { title: 'b', number: '1' }, labels: ['x'], paths: ['a'], branch: 'main' };
    const pipeline = structuredClone(read.value) as RunCreated['pipeline'];
    const began: RunEventBody[] = [
      created(read.value, { pipeline, facts, cause, variables: { zone: 'z', region: 'south' } }),
      { type: 'segment.started', previousRunId: null },
      ...succeeds('build', { version: '1', notes: 'n' }),
    ];
    const world = aWorld();
    const [first, ...rest] = began;
    const state = stateAfter(first as RunCreated, ...rest.slice(1));
    const events = envelopes([...began, await requested(world, state), ...voted]);
    const lines = events.map((event) => runEventSchema.parse(JSON.parse(JSON.stringify(event))));
    const back = replay(lines);
    if (back === undefined) throw new Error('nothing was read back');
    // The order of keys is what could differ; if it does not, this test shows nothing.
    expect(JSON.stringify(back.pipeline)).not.toBe(JSON.stringify(state.pipeline));
    expect(await perform(world, back, open)).toMatchObject([{ type: 'stage.started', stage: 'deploy' }]);
  });
});

const EVERYTHING = `
name: everything
variables: {zone: a, region: b}
stages:
  - {name: build, run: "true", outputs: [version, notes]}
  - name: deploy
    agent: deployer
    task: Deploy \${stages.build.outputs.version}
    outputs: [url]
    env: {Z: 1, A: 2}
    retries: 2
    when: {variable: {zone: z, region: [south]}, branch: main}
    rollback: {agent: undoer, task: go back}
    requires_approval: true
    approvers: [ada]
`;

describe('telling the approvers', () => {
  const work = { kind: 'notify', stage: 'deploy', approvalId: 'approval-1' } as const;
  const waiting = async () => happens(toBeAsked(), await requested(aWorld(), toBeAsked()));

  test('is recorded for each channel that will be told', async () => {
    const world = aWorld({
      notify: async (_state, { id, summary }) => ok([`${id} by mail`, summary]),
    });
    expect(await perform(world, await waiting(), work)).toEqual(
      ['approval-1 by mail', 'deployer: Deploy 1.4.2 to north'].map((channel) => ({
        type: 'approval.notified',
        approvalId: 'approval-1',
        stage: 'deploy',
        channel,
        status: 'queued',
      })),
    );
  });

  test('is no event where there is no channel', async () => {
    expect(await perform(aWorld(), await waiting(), work)).toEqual([]);
  });

  test('that fails is recorded, and neither opens nor closes the gate', async () => {
    const notify = async () => fail({ code: 'SYS_WRITE_ERROR', message: 'no space left on device' });
    const state = await waiting();
    const events = await perform(aWorld({ notify }), state, work);
    expect(events).toEqual([
      {
        type: 'approval.notified',
        approvalId: 'approval-1',
        stage: 'deploy',
        channel: 'outbox',
        status: 'failed',
        detail: 'no space left on device',
      },
    ]);
    happens(state, ...events);
    expect(state.approvals.get('approval-1')?.status).toBe('pending');
    expect(state.phase).toBe('waiting_approval');
  });
});

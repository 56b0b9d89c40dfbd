import { expect, test } from 'vitest';
import { fail, ok } from '../../src/core/result.ts';
import type { RunEventBody } from '../../src/core/run/event.ts';
import { createContained } from '../../src/engine/containment.ts';
import { maskedWork } from '../../src/engine/masked-work.ts';
import type { AgentOrder, AgentRunner, Containment } from '../../src/engine/ports.ts';

const ORDER = { runId: 'run', cwd: '/project', job: { stage: 'build' } } as unknown as AgentOrder;

const nothing = new AbortController().signal;

function contained(special: Partial<Containment> = {}) {
  const said: string[] = [];
  const all = createContained({
    open: ({ runner, stage }) => {
      said.push(`open ${stage} ${runner}`);
      return ok({
        notices: ['put right before'],
        close: async () => {
          said.push('close');
          return ['put right after'];
        },
      });
    },
    command: (_run, name) => {
      said.push(`begin ${name}`);
      return () => said.push(`end ${name}`);
    },
    ...special,
  });
  return { ...all, said };
}

function runner(run: AgentRunner['run']): AgentRunner {
  return { name: 'x', probe: async () => ok({ runner: 'x', login: 'ok', reportsCost: false }), run };
}

/** What a piece of work tells that runs the runner once. */
async function told(all: ReturnType<typeof contained>, agent: AgentRunner) {
  const events: RunEventBody[] = [];
  const work = all.work({
    started: () => {
      throw new Error('not asked');
    },
    perform: async () => {
      await all.runner(agent).run(ORDER, () => {}, nothing);
      return ok([]);
    },
  });
  const end = work.perform({ kind: 'close' } as never, {} as never, nothing, (more) => events.push(...more));
  return { end, events };
}

test('a session is closed however it ends, and the work tells what was put right', async () => {
  const all = contained();
  const { end, events } = await told(
    all,
    runner(async () => {
      all.said.push('run');
      throw new Error('a bug');
    }),
  );
  await expect(end).rejects.toThrow('a bug');
  expect(all.said).toEqual(['open build x', 'run', 'close']);
  expect(events).toEqual(
    ['put right before', 'put right after'].map((message) => ({ type: 'notice', stage: 'build', message })),
  );
});

test('a refused session is an agent that could not be started', async () => {
  const all = contained({ open: () => fail({ code: 'x', message: 'a file changed', hint: 'look at it' }) });
  const agent = all.runner(
    runner(async () => {
      throw new Error('it was started');
    }),
  );
  expect(await agent.run(ORDER, () => {}, nothing)).toEqual({
    outcome: 'spawn-error',
    message: 'a file changed; look at it',
  });
});

test('a command is known by its stage for as long as it runs', async () => {
  const all = contained();
  const commands = all.commands({
    run: async () => ({ outcome: 'ok', stdout: '', stderr: '', durationMs: 1 }),
  });
  await commands.run({ runId: 'run', env: { MURMUR8_STAGE: 'setup' } } as never, nothing);
  await commands.run({ runId: 'run', env: {} } as never, nothing);
  expect(all.said).toEqual([
    'begin the command of setup',
    'end the command of setup',
    'begin the tests',
    'end the tests',
  ]);
});

test('no text of what work tells holds a secret, at whatever depth', async () => {
  const events: RunEventBody[] = [];
  const work = maskedWork(
    {
      started: () => {
        throw new Error('not asked');
      },
      perform: async (_work, _state, _signal, report) => {
        report([{ type: 'notice', message: 'early hush-hush' }]);
        return ok([
          {
            type: 'attempt.judged',
            stage: 'a',
            frame: 0,
            attempt: 1,
            verdict: 'rejected',
            findings: ['x hush-hush'],
            outputs: { name: 'hush-hush' },
          },
        ]);
      },
    },
    {
      text: (text) => text.replaceAll('hush-hush', '***'),
      value: (value) => value.replaceAll('hush-hush', '#'),
    },
  );
  const done = await work.perform({} as never, {} as never, nothing, (more) => events.push(...more));
  expect(JSON.stringify([events, done])).not.toContain('hush-hush');
  expect(done).toMatchObject({ value: [{ frame: 0, findings: ['x ***'], outputs: { name: '#' } }] });
});

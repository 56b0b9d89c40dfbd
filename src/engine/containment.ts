import type { RunEventBody } from '../core/run/event.ts';
import type { StageWork } from './drive.ts';
import type { AgentRunner, CommandRunner, Containment } from './ports.ts';

/** Everything that starts something in a run, watched over. */
export interface Contained {
  /** The runner, each of whose sessions leaves protected files as they were, or does not begin. */
  runner(runner: AgentRunner): AgentRunner;
  commands(runner: CommandRunner): CommandRunner;
  /** The work, with a notice of what was put right. */
  work(work: StageWork): StageWork;
}

export function createContained(containment: Containment): Contained {
  const notices: { readonly stage: string; readonly message: string }[] = [];
  return {
    runner: (runner) => ({
      ...runner,
      async run(order, onEvent, signal) {
        const { stage } = order.job;
        const say = (messages: readonly string[]) =>
          notices.push(...messages.map((message) => ({ stage, message })));
        const session = containment.open({
          runId: order.runId,
          stage,
          runner: runner.name,
          cwd: order.cwd,
        });
        if (!session.ok) {
          const { message, hint } = session.error;
          return { outcome: 'spawn-error', message: hint === undefined ? message : `${message}; ${hint}` };
        }
        say(session.value.notices);
        try {
          return await runner.run(order, onEvent, signal);
        } finally {
          say(await session.value.close());
        }
      },
    }),
    commands: (runner) => ({
      async run(order, signal) {
        const stage = order.env['MURMUR8_STAGE'];
        const end = containment.command(
          order.runId,
          stage === undefined ? 'the tests' : `the command of ${stage}`,
        );
        try {
          return await runner.run(order, signal);
        } finally {
          end();
        }
      },
    }),
    work: (work) => ({
      ...work,
      async perform(wanted, state, signal, report) {
        try {
          return await work.perform(wanted, state, signal, report);
        } finally {
          const told = notices.splice(0);
          if (told.length > 0)
            report(told.map(({ stage, message }): RunEventBody => ({ type: 'notice', stage, message })));
        }
      },
    }),
  };
}

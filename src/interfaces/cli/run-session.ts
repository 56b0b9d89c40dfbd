import type { OnSignal, SessionResult } from '../../compose/session.ts';
import type { Problem } from '../../core/problem.ts';
import { reasonOf } from '../../core/status/reason.ts';
import { asTyped } from './as-typed.ts';
import { EXIT } from './exit-code.ts';
import { formatProblem } from './run-command.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Hears the signals that ask a run to stop. */
export const onSignal: OnSignal = (deliver) => {
  const heard = (signal: NodeJS.Signals): void => deliver('USER_INTERRUPT', signal);
  for (const signal of SIGNALS) process.on(signal, heard);
  return () => {
    for (const signal of SIGNALS) process.off(signal, heard);
  };
};

/** A closed pipe or terminal ends a short command, but never a run: its agents would be left alone. */
export function goOnWithoutListeners(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners('error');
    stream.on('error', () => {});
  }
}

/** Exit codes of what stops a run before it began (spec: pipelines 9). */
export function exitFor(problem: Problem): number {
  switch (problem.code) {
    case 'not-found':
      return EXIT.notFound;
    case 'held':
    case 'tree-busy':
    case 'finished':
    case 'conflict':
    case 'disabled':
    case 'definition-edited':
    case 'definition-missing':
      return EXIT.conflict;
    case 'SYS_WRITE_ERROR':
    case 'SYS_STATE_CORRUPT':
    case 'newer-version':
    case 'registry-damaged':
    case 'DEP_AUTH':
      return EXIT.failed;
    default:
      return EXIT.usage;
  }
}

/** Says that a run could not be driven on, and how it goes on; answers with the exit code. */
export function reportBroken({ end }: SessionResult): number | undefined {
  if (end.kind !== 'broken') return undefined;
  process.stderr.write(formatProblem(end.problem));
  process.stderr.write(
    asTyped(`hint: once that is put right, continue with: murmur8 resume ${end.state.executionId}\n`),
  );
  return EXIT.failed;
}

/** The exit code of how a run that could be driven ended or stopped. */
export function exitOf({ end, signal }: SessionResult): number {
  if (end.kind === 'waiting') return EXIT.waiting;
  if (end.state.code === 'USER_INTERRUPT' && signal === 'SIGTERM') return EXIT.terminated;
  return reasonOf(end.state.code).exit;
}

import type { Work } from '../../src/core/decide/decision.ts';
import type { Problem } from '../../src/core/problem.ts';
import { fail, ok, type Result } from '../../src/core/result.ts';
import type { RunEventBody } from '../../src/core/run/event.ts';
import type { StageWork } from '../../src/engine/drive.ts';

/** Work that the test ends by hand. */
export interface Begun {
  readonly work: Work;
  readonly signal: AbortSignal;
  reports(...bodies: RunEventBody[]): void;
  ends(...bodies: RunEventBody[]): void;
  fails(problem: Problem): void;
  throws(error: Error): void;
}

/** A world in which opening and checking go by themselves, and attempts wait to be ended by the test. */
export function scriptedWork(options: { readonly byHand?: readonly Work['kind'][] } = {}) {
  const byHand = options.byHand ?? ['attempt'];
  const begun: Begun[] = [];
  const waiting: ((entry: Begun) => void)[] = [];
  const work: StageWork = {
    perform(piece, _state, signal, report) {
      if (!byHand.includes(piece.kind)) return Promise.resolve(ok(byItself(piece)));
      return new Promise<Result<readonly RunEventBody[]>>((resolve, reject) => {
        const entry: Begun = {
          work: piece,
          signal,
          reports: (...bodies) => report(bodies),
          ends: (...bodies) => resolve(ok(bodies)),
          fails: (problem) => resolve(fail(problem)),
          throws: reject,
        };
        const next = waiting.shift();
        if (next === undefined) begun.push(entry);
        else next(entry);
      });
    },
    started: (begun) => {
      const { stage } = begun;
      if (begun.kind === 'undo')
        return {
          type: 'rollback.step.started',
          rollbackId: begun.rollbackId,
          stage,
          agent: stage,
          runner: 'scripted',
        };
      const { frame, attempt } = begun;
      return { type: 'attempt.started', stage, frame, attempt, agent: stage, runner: 'scripted' };
    },
  };
  return {
    work,
    /** The next work that was begun and waits. */
    next(): Promise<Begun> {
      const entry = begun.shift();
      if (entry !== undefined) return Promise.resolve(entry);
      return new Promise((resolve) => waiting.push(resolve));
    },
    /** Work that was begun and that nobody asked for. */
    unasked: begun,
  };
}

export function done(work: Work, outcome = 'ok'): RunEventBody {
  if (work.kind !== 'attempt') throw new Error(`${work.kind} is no attempt`);
  const { stage, frame, attempt } = work;
  return { type: 'attempt.generated', stage, frame, attempt, outcome };
}

function byItself(work: Work): RunEventBody[] {
  switch (work.kind) {
    case 'open':
      return [{ type: 'stage.started', stage: work.stage, frames: [{ title: work.stage }] }];
    case 'judge': {
      const { stage, frame, attempt } = work;
      return [{ type: 'attempt.judged', stage, frame, attempt, verdict: 'approved', findings: [] }];
    }
    case 'close':
      return [{ type: 'run.closed', outcome: 'nothing-to-commit', files: [], validationPassed: true }];
    default:
      return [];
  }
}

import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { ok, type Result } from '../core/result.ts';
import { canWriteInto } from '../edges/files/writable.ts';

/** Where the runs of a project are kept. */
export interface StatePlace {
  /** Absolute. */
  readonly directory: string;
  /** Set when the state could not be kept where it belongs. */
  readonly warning?: string;
}

export interface StateQuestion {
  /** What a relative choice is relative to. */
  readonly cwd: string;
  /** `--state-dir` as given. */
  readonly asked: string | undefined;
  /** Absolute root of the main working tree. */
  readonly mainRoot: string;
}

/**
 * The state directory of a run that is about to begin: the one asked for, else `.claude` of the project, else, where
 * that takes no writes, one of the user's own. Creates it.
 */
export function chooseStateDirectory(question: StateQuestion): Result<StatePlace> {
  const asked = question.asked ?? process.env['MURMUR8_STATE_DIR'];
  const wasAsked = asked !== undefined && asked !== '';
  const directory = wasAsked ? resolve(question.cwd, asked) : join(question.mainRoot, '.claude');
  const writable = canWriteInto(join(directory, 'runs'));
  if (writable.ok) return ok({ directory });
  if (wasAsked) return writable;
  const name = createHash('sha256').update(question.mainRoot).digest('hex').slice(0, 16);
  const fallback = join(userStateDirectory(), name);
  if (!canWriteInto(join(fallback, 'runs')).ok) return writable;
  return ok({
    directory: fallback,
    warning: `${directory} cannot be written (${writable.error.message}); this run's state is kept in ${fallback}: give commands about it --state-dir ${fallback}`,
  });
}

/** XDG state directory; a relative value is ignored, as the standard says. */
function userStateDirectory(): string {
  const asked = process.env['XDG_STATE_HOME'];
  const base = asked !== undefined && isAbsolute(asked) ? asked : join(homedir(), '.local', 'state');
  return join(base, 'murmur8');
}

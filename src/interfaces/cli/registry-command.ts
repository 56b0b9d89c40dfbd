import type { Refusal } from '../../compose/pipelines/change.ts';
import type { Problem } from '../../core/problem.ts';
import type { Result } from '../../core/result.ts';
import { EXIT } from './exit-code.ts';
import { printDefinitionProblems } from './report/pipeline/problems.ts';
import { CommandFailure } from './run-command.ts';

const CONFLICTS: ReadonlySet<string> = new Set([
  'exists',
  'busy',
  'newer-format',
  'active-runs',
  'definition-edited',
  'definition-missing',
  'file-exists',
]);
const FAILURES: ReadonlySet<string> = new Set(['SYS_WRITE_ERROR', 'registry-damaged', 'config-damaged']);

export interface RegistryOptions {
  readonly json?: boolean;
  readonly stateDir?: string;
}

export const STATE_DIR = [
  '--state-dir <directory>',
  'where state is kept (default: .claude, or MURMUR8_STATE_DIR)',
] as const;

/** The value, or the command's end with the exit code that suits its problem (spec: pipelines 9). */
export function need<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new CommandFailure(result.error, registryExit(result.error));
}

/** Shows why a definition was not registered, all at once, and answers with the exit code. */
export async function refuse(refusal: Refusal, options: RegistryOptions): Promise<number> {
  if (refusal.kind === 'problem') throw new CommandFailure(refusal.problem, registryExit(refusal.problem));
  await printDefinitionProblems(refusal.problems, refusal.source, options);
  return EXIT.usage;
}

export function printJson(document: object): void {
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

function registryExit({ code }: Problem): number {
  if (code === 'not-found') return EXIT.notFound;
  if (CONFLICTS.has(code)) return EXIT.conflict;
  return FAILURES.has(code) ? EXIT.failed : EXIT.usage;
}

import type { Source } from '../../../../compose/pipelines/source.ts';
import type { PipelineProblem } from '../../../../core/pipeline/problem.ts';
import { oneLine } from '../one-line.ts';
import { formatPipelineProblem } from '../pipeline-problems.ts';
import { styleFor } from '../style.ts';
import { validationDocument } from './documents.ts';

/** As many errors as anybody reads; an editor takes them all, as JSON. */
const MOST_SHOWN = 100;

/** Everything that is wrong in a definition: on standard error for people, else as one document. */
export async function printDefinitionProblems(
  problems: readonly PipelineProblem[],
  source: Pick<Source, 'file'>,
  options: { readonly json?: boolean },
): Promise<void> {
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(validationDocument(problems), null, 2)}\n`);
    return;
  }
  if (problems.length === 0) return;
  const style = await styleFor(process.stderr);
  const shown = problems.slice(0, MOST_SHOWN).map((problem) => formatPipelineProblem(problem, style));
  process.stderr.write(`${shown.join('\n')}${summaryOf(problems, source.file)}`);
}

function summaryOf(problems: readonly PipelineProblem[], file: string): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const counts = [
    ...(errors === 0 ? [] : [counted(errors, 'error')]),
    ...(errors === problems.length ? [] : [counted(problems.length - errors, 'warning')]),
  ];
  const hidden = problems.length - MOST_SHOWN;
  const more = hidden > 0 ? `; the first ${MOST_SHOWN} are shown, --json prints all` : '';
  return problems.length === 1 ? '' : `\n${oneLine(file, 400)}: ${counts.join(' and ')}${more}\n`;
}

function counted(count: number, word: string): string {
  return count === 1 ? `1 ${word}` : `${count} ${word}s`;
}

import type { CheckedFile } from '../../../../compose/pipelines/check.ts';
import { oneLine } from '../one-line.ts';
import { validationDocument } from './documents.ts';
import { printDefinitionProblems } from './problems.ts';

/** What `pipeline validate` found: one line per valid file, and on standard error what is wrong. */
export async function printChecked(checked: readonly CheckedFile[], json: boolean): Promise<void> {
  if (json) {
    const problems = checked.flatMap((one) => one.problems);
    process.stdout.write(`${JSON.stringify(validationDocument(problems), null, 2)}\n`);
    return;
  }
  for (const { source, valid, problems, stages } of checked) {
    await printDefinitionProblems(problems, source, { json: false });
    if (!valid) continue;
    const size = stages === 1 ? '1 stage' : `${stages} stages`;
    process.stdout.write(`${oneLine(source.file, 400)}: valid, ${size}\n`);
  }
}

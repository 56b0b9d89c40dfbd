import { type Fix, fixTasks, type Validation, validateTasks } from '../../../../compose/tasks/validate.ts';
import type { TaskProblem } from '../../../../core/task/problem.ts';
import type { TaskValidationDocument } from '../../../contract/task.ts';
import { EXIT } from '../../exit-code.ts';
import { styleFor } from '../../report/style.ts';
import { fixAsText, fixDocument } from '../../report/task-fix.ts';
import { formatTaskProblems, validationAsText } from '../../report/task-problems.ts';
import { CommandFailure } from '../../run-command.ts';
import { need, print, printJson, type TaskOptions, taskProgram, wantsJson } from '../../task-command.ts';

interface Parsed extends TaskOptions {
  readonly fix?: boolean;
  readonly dryRun?: boolean;
}

/** `task validate [files]`: everything that is wrong, at once; `--fix` puts right what needs no decision. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = taskProgram('validate', 'say everything that is wrong in task files, and put it right')
    .argument('[tasks...]', 'ids or files; all of them, if none is given')
    .option('--fix', 'move files to where their state puts them, and say that times are UTC; shows it first')
    .option('--dry-run', 'with --fix: only show what would change');
  program.parse([...argv], { from: 'user' });
  const options = program.opts<Parsed>();
  if (options.dryRun === true && options.fix !== true) throw new CommandFailure(DRY_RUN_ALONE, EXIT.usage);
  const { fixes, failed } = options.fix === true ? await fixed(program.args, options) : NO_FIXES;
  const wanted = fixes.reduce(withNewPlace, program.args);
  const validation = need(validateTasks(process.cwd(), wanted));
  const isValid = !validation.problems.some(isError) && failed.length === 0;
  if (wantsJson(options)) await printJson(documentOf(validation, fixes, failed, options));
  else await report(validation, failed);
  return isValid ? EXIT.done : EXIT.usage;
}

/** Shows all that is going to be done before anything of it is. */
async function fixed(wanted: readonly string[], options: Parsed) {
  const planned = need(fixTasks(process.cwd(), wanted, true));
  if (!wantsJson(options)) {
    const style = await styleFor(process.stdout);
    for (const fix of planned.fixes) await print(fixAsText(fix, style));
    if (planned.fixes.length === 0) await print('nothing to put right\n');
  }
  if (options.dryRun === true || planned.fixes.length === 0) return planned;
  return need(fixTasks(process.cwd(), wanted, false));
}

/** A file that was named and moved is the same file. */
function withNewPlace(wanted: readonly string[], { file, to }: Fix): readonly string[] {
  return to === undefined ? wanted : wanted.map((name) => (name.endsWith(file.name) ? to.shown : name));
}

async function report({ files, problems }: Validation, failed: readonly TaskProblem[]): Promise<void> {
  const style = await styleFor(process.stderr);
  process.stderr.write(formatTaskProblems([...failed, ...problems], style));
  await print(validationAsText(files, [...failed, ...problems]));
}

function documentOf(
  { files, problems }: Validation,
  fixes: readonly Fix[],
  failed: readonly TaskProblem[],
  { dryRun }: Parsed,
): TaskValidationDocument {
  return {
    valid: !problems.some(isError) && failed.length === 0,
    files,
    problems: [...failed, ...problems],
    fixes: fixes.map((fix) => fixDocument(fix, dryRun !== true)),
  };
}

function isError({ severity }: TaskProblem): boolean {
  return severity === 'error';
}

const NO_FIXES: { readonly fixes: readonly Fix[]; readonly failed: readonly TaskProblem[] } = {
  fixes: [],
  failed: [],
};
const DRY_RUN_ALONE = {
  code: 'usage',
  message: '--dry-run goes with --fix',
  hint: 'without --fix, nothing is written anyway',
};

import { checkFiles } from '../../../../compose/pipelines/check.ts';
import { placeOf } from '../../../../compose/pipelines/place.ts';
import { EXIT } from '../../exit-code.ts';
import { printChecked } from '../../report/pipeline/checked.ts';

interface Arguments {
  readonly files: readonly string[];
  readonly json: boolean;
  readonly stateDir: string | undefined;
}

/** `pipeline validate <file…>`: everything that is wrong, at once; for editors and CI with `--json`. */
export async function main(argv: readonly string[]): Promise<number> {
  const { files, json, stateDir } = plainArguments(argv) ?? (await parseWithCommander(argv));
  const checked = await checkFiles(files, placeOf(process.cwd(), stateDir));
  await printChecked(checked, json);
  return checked.every(({ valid }) => valid) ? EXIT.done : EXIT.usage;
}

/** Files and `--json` alone need no parser, which would take as long as the check. */
function plainArguments(argv: readonly string[]): Arguments | undefined {
  const files = argv.filter((word) => word !== '--json');
  if (files.length === 0 || files.some((word) => word === '' || (word.startsWith('-') && word !== '-')))
    return undefined;
  return { files, json: files.length < argv.length, stateDir: undefined };
}

async function parseWithCommander(argv: readonly string[]): Promise<Arguments> {
  const { newProgram } = await import('../../program.ts');
  const program = newProgram('pipeline validate', 'say everything that is wrong in pipeline files')
    .argument('<file...>', 'definitions; - is standard input')
    .option('--json', 'print one JSON document')
    .option('--state-dir <directory>', 'where state is kept (default: .claude, or MURMUR8_STATE_DIR)');
  program.parse([...argv], { from: 'user' });
  const { json, stateDir } = program.opts<{ json?: boolean; stateDir?: string }>();
  return { files: program.args, json: json === true, stateDir };
}

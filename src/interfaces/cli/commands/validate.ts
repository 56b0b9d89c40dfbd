import type { Check } from '../../../compose/check.ts';
import { validateProject } from '../../../compose/validate.ts';
import { EXIT } from '../exit-code.ts';
import { named, runnersOf } from '../option-values.ts';
import { newProgram } from '../program.ts';
import { oneLine } from '../report/one-line.ts';
import { styleFor } from '../report/style.ts';

const MARKS = { ok: 'ok', warning: 'note', failed: 'FAIL' } as const;

/** `validate`: can a run start here? Every check with its fix; nothing that costs is started. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram('validate', 'check that a run can start here')
    .option(
      '--runner <name>',
      'the runner to try: claude, codex, gemini, opencode, acp:<command>, offline or command:<command line>; again: takes over without quota',
      named,
    )
    .option('--json', 'print one JSON document')
    .option('--state-dir <directory>', 'keep state here instead of .claude');
  program.parse([...argv], { from: 'user' });
  const { runner, json, stateDir } = program.opts<{ runner?: string[]; json?: boolean; stateDir?: string }>();
  const checks = await validateProject({
    cwd: process.cwd(),
    stateDirectory: stateDir,
    asked: runnersOf(runner),
  });
  const ready = checks.every((check) => check.state !== 'failed');
  process.stdout.write(
    json === true ? `${JSON.stringify({ ready, checks }, null, 2)}\n` : await asText(checks, ready),
  );
  return ready ? EXIT.done : EXIT.failed;
}

async function asText(checks: readonly Check[], ready: boolean): Promise<string> {
  const style = await styleFor(process.stdout);
  const width = Math.max(...checks.map((check) => check.name.length));
  const lines = checks.flatMap((check) => {
    const mark = MARKS[check.state].padEnd(4);
    const painted =
      check.state === 'ok'
        ? style.green(mark)
        : check.state === 'failed'
          ? style.red(mark)
          : style.yellow(mark);
    const fix = check.fix === undefined ? [] : [`      ${' '.repeat(width)}  ${oneLine(check.fix, 400)}`];
    return [`${painted}  ${check.name.padEnd(width)}  ${oneLine(check.found, 400)}`, ...fix];
  });
  return `${lines.join('\n')}\n\n${ready ? 'a run can start here' : 'a run cannot start here yet'}\n`;
}

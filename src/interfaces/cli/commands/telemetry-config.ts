import { openTelemetryConfig } from '../../../compose/telemetry.ts';
import { EXIT } from '../exit-code.ts';
import { newProgram } from '../program.ts';
import { type TelemetryReport, telemetryAsJson, telemetryAsText } from '../report/telemetry.ts';

interface Options {
  readonly test?: boolean;
  readonly json?: boolean;
  readonly stateDir?: string;
}

/** Shows what telemetry would do and how it went last; `--test` tries it (spec: history-and-telemetry). */
export async function main(argv: readonly string[]): Promise<number> {
  const options = switchesIn(argv) ?? parsed(argv);
  const telemetry = openTelemetryConfig({
    cwd: process.cwd(),
    stateDir: options.stateDir,
    version: process.env['MURMUR8_VERSION'] ?? 'dev',
  });
  const report: TelemetryReport = {
    status: telemetry.status(),
    ...(options.test === true ? { test: await telemetry.test() } : {}),
  };
  process.stdout.write(options.json === true ? telemetryAsJson(report) : telemetryAsText(report));
  return report.test?.ok === false ? EXIT.failed : EXIT.done;
}

/** The usual call carries only switches; setting up a parser for it takes longer than the answer. */
function switchesIn(argv: readonly string[]): Options | undefined {
  if (!argv.every((word) => word === '--test' || word === '--json')) return undefined;
  return { test: argv.includes('--test'), json: argv.includes('--json') };
}

function parsed(argv: readonly string[]): Options {
  const program = newProgram('telemetry-config', 'show where telemetry is sent, and how it went last')
    .option('--test', 'send a made-up event and say what came back')
    .option('--json', 'print JSON')
    .option('--state-dir <directory>', 'where state is kept (default: .claude, or MURMUR8_STATE_DIR)');
  program.parse([...argv], { from: 'user' });
  return program.opts<Options>();
}

import { unknownStage } from '../../../../compose/pipeline/known-stage.ts';
import { type LogSource, logSources, textOfLog } from '../../../../compose/pipeline/logs.ts';
import { hasLostOwner, readRunState } from '../../../../compose/pipeline/read-run.ts';
import { namesExport } from '../../../../core/record/logs.ts';
import type { RunLogsDocument } from '../../../contract/run.ts';
import { EXIT } from '../../exit-code.ts';
import { knownPipelineRun } from '../../known-pipeline-run.ts';
import { count } from '../../option-values.ts';
import { newProgram } from '../../program.ts';
import { printJson, STATE_DIR } from '../../registry-command.ts';
import { createLogPrinter } from '../../report/log-printer.ts';
import { CommandFailure } from '../../run-command.ts';
import { exitFor } from '../../run-session.ts';

const LOOK_AGAIN_MS = 200;

interface Parsed {
  readonly attempt?: number;
  readonly follow?: boolean;
  readonly json?: boolean;
  readonly stateDir?: string;
}

/** `pipeline logs <run> [stage]`: what agents and commands printed, masked as it was stored. Reads only. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram('pipeline logs', 'show what the stages of a run printed')
    .argument('<run>', 'id of a run, or the beginning of one')
    .argument('[stage]', 'only this stage, or export')
    .option('--attempt <n>', 'only attempts of this number', count)
    .option('--follow', 'go on until the run ends')
    .option('--json', 'print one JSON document; with --follow once the run has ended')
    .option(...STATE_DIR);
  program.parse([...argv], { from: 'user' });
  const parsed = program.opts<Parsed>();
  const [name, stage] = program.args;
  const only = {
    ...(stage === undefined ? {} : { stage }),
    ...(parsed.attempt === undefined ? {} : { attempt: parsed.attempt }),
  };
  const printer = createLogPrinter(process.stdout);
  for (;;) {
    const { known } = knownPipelineRun(name, parsed.stateDir);
    const read = readRunState(known);
    if (!read.ok) throw new CommandFailure(read.error, exitFor(read.error));
    const state = read.value;
    const unknown = stage === undefined || namesExport(state, stage) ? undefined : unknownStage(state, stage);
    if (unknown !== undefined) throw new CommandFailure(unknown, exitFor(unknown));
    const lostOwner = hasLostOwner(known, state.phase);
    const isUnderWay = state.endedAt === undefined && !lostOwner;
    const follows = parsed.follow === true && isUnderWay;
    const sources = logSources(state, known.stored.directory, only, lostOwner);
    if (parsed.json === true && !follows) {
      printJson(documentOf(state.executionId, sources));
      return EXIT.done;
    }
    for (const source of parsed.json === true ? [] : sources) {
      const problem = await printer.print(source, follows);
      if (problem !== undefined) throw new CommandFailure(problem, exitFor(problem));
    }
    if (follows) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      continue;
    }
    if (sources.length === 0) process.stderr.write(`${nothing(stage, parsed.attempt)}\n`);
    return EXIT.done;
  }
}

function documentOf(runId: string, sources: readonly LogSource[]): RunLogsDocument {
  const logs = sources.map((source) => {
    const read = textOfLog(source);
    if (!read.ok) throw new CommandFailure(read.error, exitFor(read.error));
    return {
      stage_name: source.stage ?? null,
      job: source.job,
      frame: source.frame ?? null,
      attempt: source.attempt ?? null,
      outcome: source.outcome,
      started_at: source.startedAt ?? null,
      log_file: source.file,
      text: read.value ?? null,
    };
  });
  return { run_id: runId, logs };
}

function nothing(stage: string | undefined, attempt: number | undefined): string {
  const what = stage === undefined ? 'no stage' : stage;
  return attempt === undefined ? `${what} has begun yet` : `${what} has no attempt ${attempt}`;
}

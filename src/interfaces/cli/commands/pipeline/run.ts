import { Option } from 'commander';
import { dryRunOf } from '../../../../compose/pipeline/dry-run.ts';
import { sayReady } from '../../../../compose/pipeline/owner.ts';
import { type PreparedRun, prepareRun, type RunOrder } from '../../../../compose/pipeline/prepare.ts';
import { runDetached, runPipeline } from '../../../../compose/pipeline/run.ts';
import type { Facts } from '../../../../core/condition/evaluated.ts';
import { asTyped } from '../../as-typed.ts';
import { EXIT } from '../../exit-code.ts';
import { AS_BEFORE } from '../../feature-options.ts';
import { count } from '../../option-values.ts';
import {
  addPipelineOptions,
  collect,
  collectVariables,
  type ParsedPipelineOptions,
  pipelineOptions,
} from '../../pipeline-options.ts';
import { refuseRun, withPipelineAudience } from '../../pipeline-session.ts';
import { newProgram } from '../../program.ts';
import { printJson } from '../../registry-command.ts';
import { dryRunAsText } from '../../report/dry-run.ts';
import { runDetails } from '../../report/run-details.ts';
import { styleFor } from '../../report/style.ts';
import { CommandFailure } from '../../run-command.ts';
import { resume } from '../resume.ts';

interface Parsed extends ParsedPipelineOptions {
  readonly resume?: string;
  readonly var?: Readonly<Record<string, string>>;
  readonly branch?: string;
  readonly path?: readonly string[];
  readonly label?: readonly string[];
  readonly paths: boolean;
  readonly labels: boolean;
  readonly force?: boolean;
  readonly detach?: boolean;
  readonly dryRun?: boolean;
  readonly owner?: boolean;
}

/** `pipeline run <name>`: runs a registered pipeline. `--resume <run>` is the form in which seed 002 prints how a run goes on. */
export async function main(argv: readonly string[]): Promise<number> {
  const { name, parsed } = plainArguments(argv) ?? parseWithCommander(argv);
  const options = { json: parsed.json === true, events: parsed.events === true };
  if (parsed.resume !== undefined)
    return resume(parsed.resume, { ...AS_BEFORE, ...parsed }, parsed.owner === true ? sayReady : undefined);
  if (name === undefined) {
    const problem = {
      code: 'usage',
      message: 'which pipeline is to be run?',
      hint: 'murmur8 pipeline list shows them',
    };
    throw new CommandFailure(problem, EXIT.usage);
  }
  const prepared = await prepareRun(orderFrom(name, parsed), parsed.dryRun !== true);
  if (!prepared.ok) return refuseRun(prepared.error, options);
  if (parsed.dryRun === true) return foretell(prepared.value, options);
  if (parsed.detach === true) return detach(prepared.value, options);
  return withPipelineAudience(options, (company) => runPipeline(prepared.value, company));
}

interface Arguments {
  readonly name: string | undefined;
  readonly parsed: Parsed;
}

/** A name alone needs no parser, which takes longer to load than a run to prepare. */
function plainArguments(argv: readonly string[]): Arguments | undefined {
  const [name] = argv;
  if (argv.length !== 1 || name === undefined || name === '' || name.startsWith('-')) return undefined;
  return { name, parsed: { paths: true, labels: true } };
}

function parseWithCommander(argv: readonly string[]): Arguments {
  const program = addPipelineOptions(
    newProgram('pipeline run', 'run a registered pipeline, or continue a run')
      .argument('[name]', 'name of the pipeline')
      .option('--resume <run>', 'continue this run instead')
      .option('--var <name=value>', 'value of a variable that the pipeline declares', collectVariables)
      .option('--branch <name>', 'the branch that it is about')
      .option('--path <path>', 'a path that changed; may be given again', collect)
      .option('--no-paths', 'it is known that no path changed')
      .option('--label <label>', 'a label; may be given again', collect)
      .option('--no-labels', 'it is known that there are no labels')
      .option('--max-parallel <n>', 'stages at the same time', count)
      .option('--force', 'run it although it is disabled')
      .option('--dry-run', 'show what it would do, and write nothing')
      .option('--detach', 'leave it to a process in the background, and print its id')
      .addOption(new Option('--owner', 'be that process').hideHelp()),
  );
  program.parse([...argv], { from: 'user' });
  return { name: program.args[0], parsed: program.opts<Parsed>() };
}

async function foretell(prepared: PreparedRun, options: { readonly json: boolean }): Promise<number> {
  const { plan, branch } = await dryRunOf(prepared);
  if (options.json) printJson(plan);
  else process.stdout.write(dryRunAsText(plan, await styleFor(process.stdout), branch));
  return EXIT.done;
}

/** Leaves the run to a process in the background. Its id is all that standard output gets. */
async function detach(prepared: PreparedRun, options: { readonly json: boolean }): Promise<number> {
  const started = await runDetached(prepared);
  if (!started.ok) return refuseRun(started.error, options);
  const { state, logFile, pid, warning } = started.value;
  if (warning !== undefined) process.stderr.write(`murmur8: warning: ${warning}\n`);
  if (options.json) printJson(runDetails(state));
  else process.stdout.write(`${state.executionId}\n`);
  const driver = pid === undefined ? 'a process' : `process ${pid}`;
  process.stderr.write(
    asTyped(
      `driven by ${driver} in the background, which writes ${logFile}\nnext: murmur8 pipeline status ${state.executionId}\n`,
    ),
  );
  return EXIT.done;
}

function orderFrom(name: string, parsed: Parsed): RunOrder {
  return {
    cwd: process.cwd(),
    stateDirectory: parsed.stateDir,
    name,
    variables: parsed.var ?? {},
    facts: factsFrom(parsed),
    cause: { kind: 'manual' },
    options: pipelineOptions(parsed),
    force: parsed.force === true,
    version: process.env['MURMUR8_VERSION'] ?? 'dev',
  };
}

/** Only what was supplied: the branch that is checked out here need not be the one it is about (spec: pipelines 3). */
function factsFrom({ branch, path, label, paths, labels }: Parsed): Facts {
  return {
    ...(branch === undefined ? {} : { branch }),
    ...(path !== undefined ? { paths: path } : paths ? {} : { paths: [] }),
    ...(label !== undefined ? { labels: label } : labels ? {} : { labels: [] }),
  };
}

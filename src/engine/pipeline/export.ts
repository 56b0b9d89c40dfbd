import { dependencyCode } from '../../core/decide/give-up.ts';
import { stallTimeoutOf } from '../../core/decide/limits.ts';
import { globMatcher } from '../../core/glob/match.ts';
import type { Export } from '../../core/pipeline/definition.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { lookupAfterAll } from '../../core/run/variables.ts';
import { commandWithVariables } from '../../core/variable/command.ts';
import { substitute } from '../../core/variable/substitute.ts';
import { optional } from '../agent-choice.ts';
import { endOfCommand } from './job-command.ts';
import { type JobEnd, missingInput } from './job-order.ts';
import { pathInProject } from './project-path.ts';
import { readAnswer, withAnswer } from './typed-answer.ts';
import type { PipelineWorld } from './world.ts';

const MOST_FILES = 10_000;

/**
 * Makes and checks what a run gives out, after its last stage: makes the place, fills it, looks for the files, validates
 * them. Nothing when it is stopped meanwhile: whoever continues the run begins it again.
 */
export async function exportResult(
  world: PipelineWorld,
  state: RunState,
  signal: AbortSignal,
): Promise<Result<readonly RunEventBody[]>> {
  const definition = state.pipeline.export;
  if (definition === undefined) throw new Error('this pipeline exports nothing');
  const location = await makeLocation(world, state, definition);
  if (!location.ok) return failed(world, location.error);
  const made = { world, state, definition, location: location.value, signal };
  const run = definition.run === undefined ? undefined : await command(made, 'run', definition.run);
  if (run?.end.outcome === 'cancelled') return ok([]);
  if (run !== undefined && run.end.outcome !== 'ok') return failed(world, problemOf(run, definition), run);
  const files = await filesIn(world, definition, location.value);
  if (!files.ok) return failed(world, files.error, run);
  const check =
    definition.validate === undefined ? undefined : await command(made, 'validate', definition.validate);
  if (check?.end.outcome === 'cancelled') return ok([]);
  const validationPassed = check === undefined || check.end.outcome === 'ok';
  const message = validationPassed ? undefined : `the validation did not pass: ${saidBy(check?.end)}`;
  return ok([
    {
      type: 'run.closed',
      outcome: 'exported',
      files: [...files.value],
      location: `${location.value.path}/`,
      validationPassed,
      ...optional('message', message === undefined ? undefined : world.mask(message)),
      ...optional('logFile', check?.logFile ?? run?.logFile),
    },
  ]);
}

interface Location {
  /** As it is written, relative to the project's root. */
  readonly path: string;
  /** Where links on the way lead to, relative to the root as well. */
  readonly real: string;
}

async function makeLocation(
  world: PipelineWorld,
  state: RunState,
  { location }: Export,
): Promise<Result<Location>> {
  const text = substitute(location, lookupAfterAll(state));
  if (!text.ok) return fail({ ...text.error, code: 'OUTPUT_INVALID' });
  const path = pathInProject(text.value, 'the location of the export');
  if (!path.ok) return fail({ ...path.error, code: 'SYS_WRITE_ERROR' });
  const real = await world.makeDirectory(path.value);
  if (real.ok) return ok({ path: path.value, real: real.value });
  return fail({
    code: 'SYS_WRITE_ERROR',
    message: `the location of the export cannot be made: ${path.value}: ${real.error.message}`,
    hint: 'correct location: of the export, or what stands in its way',
  });
}

interface Exporting {
  readonly world: PipelineWorld;
  readonly state: RunState;
  readonly definition: Export;
  readonly location: Location;
  readonly signal: AbortSignal;
}

interface CommandEnd {
  readonly end: JobEnd;
  readonly logFile: string;
}

async function command(
  { world, state, definition, location, signal }: Exporting,
  which: 'run' | 'validate',
  text: string,
): Promise<CommandEnd> {
  // A continued run keeps what an earlier part of it logged.
  const nth = state.runIds.length;
  const places = world.places(state, `export/${which}${nth > 1 ? `-${nth}` : ''}`, 'command');
  const { logFile, answerFile, scratchDir } = places;
  const prepared = commandWithVariables(text, lookupAfterAll(state));
  if (!prepared.ok) return { end: missingInput(prepared.error.message), logFile };
  const outcome = await world.commands.run(
    {
      runId: state.executionId,
      commandLine: prepared.value.commandLine,
      cwd: world.root,
      env: {
        MURMUR8_RUN_ID: state.executionId,
        MURMUR8_PIPELINE: state.pipeline.name,
        MURMUR8_JOB: which === 'run' ? 'export' : 'validate',
        MURMUR8_EXPORT: location.real === '.' ? world.root : `${world.root}/${location.real}`,
        MURMUR8_ANSWER: answerFile,
        ...prepared.value.env,
      },
      timeoutMs: definition.timeoutMs,
      ...optional('stallTimeoutMs', stallTimeoutOf(state, 'command')),
      logFile,
      scratchDir,
    },
    signal,
  );
  const end = endOfCommand(outcome);
  if (end.outcome !== 'ok' && end.outcome !== 'failed') return { end, logFile };
  return { end: withAnswer(world, end, await readAnswer(world, answerFile)), logFile };
}

function problemOf({ end }: CommandEnd, { dependency }: Export): Problem {
  const message = `the export failed: ${saidBy(end)}`;
  if (end.outcome === 'missing-input') return { code: 'OUTPUT_INVALID', message };
  const ofTheTool = dependency === undefined ? 'STAGE_FAILED' : dependencyCode(dependency);
  return { code: end.told?.code ?? ofTheTool, message };
}

function saidBy(end: JobEnd | undefined): string {
  return end?.message ?? end?.outcome ?? '';
}

/** Every glob has to find a file; without globs, whatever is there is taken. In the order of the globs, then sorted. */
async function filesIn(
  world: PipelineWorld,
  definition: Export,
  { path, real }: Location,
): Promise<Result<readonly string[]>> {
  const globs = definition.files.length === 0 ? ['**'] : definition.files;
  const without = globs.filter((glob) => glob.startsWith('!'));
  const absent: string[] = [];
  for (const glob of definition.files) {
    if (glob.startsWith('!')) continue;
    const found = await world.find([glob, ...without], real, 1);
    if (!found.ok)
      return fail({ code: 'OUTPUT_INVALID', message: `${glob} cannot be looked for: ${told(found.error)}` });
    if (found.value.length === 0) absent.push(glob);
  }
  if (absent.length > 0)
    return fail({
      code: 'OUTPUT_INVALID',
      message: `the export has left no file ${absent.join(', ')} in ${path}`,
    });
  const all = await world.find(globs, real, MOST_FILES + 1);
  if (!all.ok)
    return fail({ code: 'OUTPUT_INVALID', message: `cannot look into ${path}: ${told(all.error)}` });
  if (all.value.length <= MOST_FILES) return ok(inOrderOf(definition.files, all.value));
  return fail({
    code: 'OUTPUT_INVALID',
    message: `there are more than ${MOST_FILES} exported files in ${path}`,
    hint: 'name those that count with files: of the export',
  });
}

function inOrderOf(globs: readonly string[], files: readonly string[]): readonly string[] {
  const wanted = globs.filter((glob) => !glob.startsWith('!'));
  const matchers = wanted.map((glob) => globMatcher([glob]));
  const place = (file: string): number => matchers.findIndex((isMatch) => isMatch(file));
  return [...files].sort((one, other) => place(one) - place(other));
}

function told({ file, message }: Problem): string {
  return file === undefined ? message : `${file} ${message}`;
}

function failed(
  world: PipelineWorld,
  { code, message, hint }: Problem,
  by?: CommandEnd,
): Result<readonly RunEventBody[]> {
  return ok([
    {
      type: 'run.closed',
      outcome: 'failed',
      files: [],
      validationPassed: false,
      code,
      message: world.mask(`${message}${hint === undefined ? '' : ` (${hint})`}`),
      ...optional('logFile', by?.logFile),
    },
  ]);
}

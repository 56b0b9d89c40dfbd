import { failureIn, questionIn } from '../../core/agent/answer.ts';
import type { Job, Stage } from '../../core/pipeline/definition.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import { commandWithVariables, unusableInEnvironment } from '../../core/variable/command.ts';
import { type Lookup, substitute } from '../../core/variable/substitute.ts';
import {
  modelOf,
  optional,
  priced,
  remainingBudget,
  roleOf,
  runnerNameOf,
  STALL_TIMEOUT_MS,
} from '../agent-choice.ts';
import type { AgentJob, AgentOutcome } from '../ports.ts';
import type { PipelineWorld, StagePlaces } from './world.ts';

/** One piece of work of a stage: an attempt at it, or its undoing. */
export interface JobOrder {
  readonly state: RunState;
  readonly stage: Stage;
  readonly job: Job;
  readonly kind: 'work' | 'undo';
  readonly frame: number;
  readonly attempt: number;
  readonly timeoutMs: number;
  readonly places: StagePlaces;
  readonly lookup: Lookup;
  readonly item?: string;
  readonly findings: readonly string[];
  readonly sessionId?: string;
  /** The whole prompt, given what is filled in of the stage's texts. */
  readonly prompt: (filled: FilledTexts) => Promise<Result<string>>;
  readonly onSession?: (sessionId: string) => void;
}

/** Texts of a stage with their variables filled in. */
export interface FilledTexts {
  /** Empty where the stage has none. */
  readonly task: string;
  readonly environment?: string;
}

/** How the work ended. `missing-input`: something that it needs was not there, and nothing was started. */
export interface JobEnd extends Omit<AgentOutcome, 'outcome'> {
  readonly outcome: AgentOutcome['outcome'] | 'failed' | 'missing-input';
  readonly question?: string;
}

/** Does a piece of work by command or agent, with values as data: in the environment, or in the text of a task. */
export async function doJob(
  world: PipelineWorld,
  order: JobOrder,
  signal: AbortSignal,
): Promise<Result<JobEnd>> {
  const place = await placeOf(world, order);
  if (!place.ok) return ok(missing(place.error.message));
  return order.job.kind === 'command'
    ? runCommand(world, order, order.job.run, place.value, signal)
    : runAgent(world, order, place.value, signal);
}

interface Place {
  readonly cwd: string;
  /** Label of the stage. */
  readonly environment?: string;
  readonly env: Readonly<Record<string, string>>;
}

async function placeOf(world: PipelineWorld, { stage, lookup, item }: JobOrder): Promise<Result<Place>> {
  const directory = workingDirectoryOf(stage, lookup);
  if (!directory.ok) return directory;
  const environment = stage.environment === undefined ? ok(undefined) : substitute(stage.environment, lookup);
  if (!environment.ok) return environment;
  const env: Record<string, string> = {};
  for (const [name, text] of Object.entries(stage.env ?? {})) {
    const value = substitute(text, lookup);
    if (!value.ok) return value;
    env[name] = value.value;
  }
  const values = { ...env, MURMUR8_ITEM: item ?? '', MURMUR8_ENVIRONMENT: environment.value ?? '' };
  for (const [name, value] of Object.entries(values)) {
    const unusable = unusableInEnvironment(value, name);
    if (unusable !== undefined) return fail(unusable);
  }
  if (!(await world.isDirectory(directory.value)))
    return fail({
      code: 'no-directory',
      message: `the working directory ${directory.value} is no directory of this project`,
    });
  const cwd = directory.value === '.' ? world.root : `${world.root}/${directory.value}`;
  return ok({ cwd, env, ...optional('environment', environment.value) });
}

/** Relative to the root; never outside of it. */
export function workingDirectoryOf(stage: Stage, lookup: Lookup): Result<string> {
  const text = substitute(stage.workingDirectory ?? '.', lookup);
  if (!text.ok) return text;
  const parts = text.value.split('/').filter((part) => part !== '' && part !== '.');
  if (text.value.startsWith('/') || parts.includes('..'))
    return fail({
      code: 'outside',
      message: `the working directory ${JSON.stringify(text.value)} leaves the project`,
      hint: 'name a directory below the root of the project',
    });
  return ok(parts.length === 0 ? '.' : parts.join('/'));
}

async function runCommand(
  world: PipelineWorld,
  order: JobOrder,
  run: string,
  place: Place,
  signal: AbortSignal,
): Promise<Result<JobEnd>> {
  const command = commandWithVariables(run, order.lookup);
  if (!command.ok) return ok(missing(command.error.message));
  const { state, stage, places } = order;
  const outcome = await world.commands.run(
    {
      runId: state.executionId,
      commandLine: command.value.commandLine,
      cwd: place.cwd,
      // What the engine says goes above what the stage says.
      env: {
        ...place.env,
        MURMUR8_RUN_ID: state.executionId,
        MURMUR8_PIPELINE: state.pipeline.name,
        MURMUR8_STAGE: stage.name,
        MURMUR8_JOB: order.kind,
        MURMUR8_OUTPUT: places.outputFile,
        ...optional('MURMUR8_ENVIRONMENT', place.environment),
        ...optional('MURMUR8_ITEM', order.item),
        ...command.value.env,
      },
      timeoutMs: order.timeoutMs,
      logFile: places.logFile,
      scratchDir: places.scratchDir,
    },
    signal,
  );
  const message = outcome.message ?? explain(outcome.exitCode, outcome.stderr, outcome.stdout);
  return ok({
    outcome: outcome.outcome,
    ...optional('exitCode', outcome.exitCode),
    ...(outcome.outcome === 'ok' || outcome.outcome === 'cancelled' ? {} : { message }),
  });
}

/** Exit code, and the last thing that the program said: usually the reason. */
function explain(exitCode: number | undefined, stderr: string, stdout: string): string {
  const last = lastLine(stderr) ?? lastLine(stdout);
  return `exit code ${exitCode ?? 'unknown'}${last === undefined ? '' : `: ${last}`}`;
}

function lastLine(text: string): string | undefined {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? undefined : line.slice(0, 300);
}

async function runAgent(
  world: PipelineWorld,
  order: JobOrder,
  place: Place,
  signal: AbortSignal,
): Promise<Result<JobEnd>> {
  const { state, stage, job, places } = order;
  const role = roleOf(world, job);
  const runner = world.runner(runnerNameOf(world, state, role));
  if (!runner.ok) return runner;
  const task = substitute((job.kind === 'agent' ? job.task : undefined) ?? '', order.lookup);
  if (!task.ok) return ok(missing(task.error.message));
  const filled = { task: task.value, ...optional('environment', place.environment) };
  const prompt = await order.prompt(filled);
  if (!prompt.ok) return prompt;
  const model = modelOf(state, job, role);
  const outcome = await runner.value.run(
    {
      runId: state.executionId,
      attempt: order.attempt,
      agent: role.name,
      instructions: role.instructions,
      prompt: prompt.value,
      cwd: place.cwd,
      env: place.env,
      timeoutMs: order.timeoutMs,
      stallTimeoutMs: STALL_TIMEOUT_MS,
      ...places,
      job: agentJob(order, filled),
      ...optional('model', model),
      ...optional('tools', role.tools),
      ...optional('maxTurns', role.maxTurns),
      ...optional('sessionId', order.sessionId),
      ...optional('maxCostMicroUsd', remainingBudget(state)),
    },
    (event) => {
      if (event.type === 'started' && event.sessionId !== undefined) order.onSession?.(event.sessionId);
      world.watch(stage.name, order.frame, order.attempt, event);
    },
    signal,
  );
  const end = priced(world, outcome, model);
  if (end.outcome !== 'ok') return ok(end);
  return ok(withAnswer(end, await world.readAnswer(places.answerFile), world.mask));
}

/** An agent that ended well may have asked something, or have said that it failed. Both are kept and shown. */
function withAnswer(end: AgentOutcome, answer: unknown, mask: (text: string) => string): JobEnd {
  const failure = failureIn(answer);
  if (failure !== undefined) return { ...end, outcome: 'failed', message: mask(failure) };
  const question = questionIn(answer);
  return question === undefined ? end : { ...end, question: mask(question) };
}

function agentJob(
  { state, stage, kind, findings, item }: JobOrder,
  { task, environment }: FilledTexts,
): AgentJob {
  return {
    kind,
    stage: stage.name,
    pipeline: state.pipeline.name,
    slug: '',
    featureId: '',
    briefPath: '',
    findings,
    withStories: false,
    ...(task === '' ? {} : { task }),
    ...optional('environment', environment),
    ...optional('outputs', kind === 'work' ? stage.outputs : undefined),
    ...optional('produces', kind === 'work' ? stage.produces : undefined),
    ...optional('item', item),
  };
}

function missing(message: string): JobEnd {
  return { outcome: 'missing-input', message };
}

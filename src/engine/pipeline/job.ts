import { failureIn, questionIn } from '../../core/agent/answer.ts';
import type { Job, Stage } from '../../core/pipeline/definition.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import { commandWithVariables } from '../../core/variable/command.ts';
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
  /** The whole prompt, given the task with its variables filled in. */
  readonly prompt: (task: string) => Promise<Result<string>>;
  readonly onSession?: (sessionId: string) => void;
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
  /** Relative to the root. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

async function placeOf(world: PipelineWorld, { stage, lookup }: JobOrder): Promise<Result<Place>> {
  const directory = workingDirectoryOf(stage, lookup);
  if (!directory.ok) return directory;
  const env: Record<string, string> = {};
  for (const [name, text] of Object.entries(stage.env ?? {})) {
    const value = substitute(text, lookup);
    if (!value.ok) return value;
    env[name] = value.value;
  }
  if (!(await world.isDirectory(directory.value)))
    return fail({
      code: 'no-directory',
      message: `the working directory ${directory.value} is no directory of this project`,
    });
  const cwd = directory.value === '.' ? world.root : `${world.root}/${directory.value}`;
  return ok({ cwd, directory: directory.value, env });
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
      env: {
        MURMUR8_RUN_ID: state.executionId,
        MURMUR8_PIPELINE: state.pipeline.name,
        MURMUR8_STAGE: stage.name,
        MURMUR8_JOB: order.kind,
        MURMUR8_OUTPUT: places.outputFile,
        ...optional('MURMUR8_ENVIRONMENT', stage.environment),
        ...optional('MURMUR8_ITEM', order.item),
        ...place.env,
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
  const prompt = await order.prompt(task.value);
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
      job: agentJob(order, task.value),
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
  return ok(end.outcome === 'ok' ? withAnswer(end, await world.readAnswer(places.answerFile)) : end);
}

/** An agent that ended well may have asked something, or have said that it failed. */
function withAnswer(end: AgentOutcome, answer: unknown): JobEnd {
  const failure = failureIn(answer);
  if (failure !== undefined) return { ...end, outcome: 'failed', message: failure };
  return { ...end, ...optional('question', questionIn(answer)) };
}

function agentJob({ state, stage, kind, findings, item }: JobOrder, task: string): AgentJob {
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
    ...optional('environment', stage.environment),
    ...optional('outputs', kind === 'work' ? stage.outputs : undefined),
    ...optional('produces', kind === 'work' ? stage.produces : undefined),
    ...optional('item', item),
  };
}

function missing(message: string): JobEnd {
  return { outcome: 'missing-input', message };
}

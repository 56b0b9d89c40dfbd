import type { Stage } from '../../core/pipeline/definition.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { unusableInEnvironment } from '../../core/variable/command.ts';
import { type Lookup, substitute } from '../../core/variable/substitute.ts';
import { optional } from '../agent-choice.ts';
import { runAgent } from './job-agent.ts';
import { runCommand } from './job-command.ts';
import { type JobEnd, type JobOrder, type JobPlace, missingInput } from './job-order.ts';
import { pathInProject } from './project-path.ts';
import type { PipelineWorld } from './world.ts';

/** Does a piece of work by command or agent, with values as data: in the environment, or in the text of a task. */
export async function doJob(
  world: PipelineWorld,
  order: JobOrder,
  signal: AbortSignal,
): Promise<Result<JobEnd>> {
  const place = await placeOf(world, order);
  if (!place.ok) return ok(missingInput(place.error.message));
  return order.job.kind === 'command'
    ? runCommand(world, order, order.job.run, place.value, signal)
    : runAgent(world, order, place.value, signal);
}

async function placeOf(world: PipelineWorld, { stage, lookup, item }: JobOrder): Promise<Result<JobPlace>> {
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
  return text.ok ? pathInProject(text.value, 'the working directory') : text;
}

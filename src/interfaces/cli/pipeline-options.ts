import { type Command, InvalidArgumentError } from 'commander';
import type { PipelineOptions } from '../../compose/pipeline/options.ts';
import type { Limits } from '../../core/pipeline/definition.ts';
import { given, limitsOf, runnersOf, withLimitsAndOutput, withRunner } from './option-values.ts';
import { type ParsedStageOptions, stageOptionsOf } from './per-stage.ts';

/** What commander makes of the options that a pipeline's run can be given each time it is driven. */
export interface ParsedPipelineOptions extends ParsedStageOptions {
  readonly runner?: readonly string[];
  readonly model?: string;
  readonly maxParallel?: number;
  readonly maxAttempts?: number;
  readonly limit?: Limits;
  readonly json?: boolean;
  readonly events?: boolean;
  readonly stateDir?: string;
}

export function addPipelineOptions(command: Command): Command {
  return withLimitsAndOutput(withRunner(command));
}

export function pipelineOptions(parsed: ParsedPipelineOptions): PipelineOptions {
  return {
    ...runnersOf(parsed.runner),
    ...given('model', parsed.model),
    ...given('maxParallel', parsed.maxParallel),
    ...stageOptionsOf(parsed),
    limits: limitsOf(parsed),
  };
}

/** `--var name=value`, again and again; the value may hold anything, also `=`. */
export function collectVariables(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('it takes name=value');
  return Object.fromEntries([...Object.entries(before), [text.slice(0, at), text.slice(at + 1)]]);
}

/** An option that may be given again and again. */
export function collect(text: string, before: readonly string[] = []): string[] {
  if (text === '') throw new InvalidArgumentError('it takes a name or path that is not empty');
  return [...before, text];
}

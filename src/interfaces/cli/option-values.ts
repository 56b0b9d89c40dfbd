import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Limits } from '../../core/pipeline/definition.ts';
import { parseDuration } from '../../core/pipeline/duration.ts';
import { limitFrom } from '../../core/pipeline/limit-option.ts';
import { type PerStage, perStage } from './per-stage.ts';

/** What runs the agents; of every command that drives a run. `more`: what else `--model` takes. */
export function withRunner(command: Command, more = ''): Command {
  return command
    .option(
      '--runner <name>',
      'runs the agents: claude, codex, gemini, opencode, acp:<command>, offline or command:<command line>; again: takes over without quota',
      named,
    )
    .option('--model <name>', `model for every agent, in the runner’s own naming${more}`);
}

/** Limits, the form of what is printed, and where state lies; of every command that drives a run. */
export function withLimitsAndOutput(command: Command): Command {
  return command
    .option(
      '--max-cost <usd>',
      'stop when the agents have cost this much; of one stage: <stage>=<usd>',
      perStage(amount),
    )
    .option(
      '--max-tokens <n>',
      'stop when the agents have used this many tokens; of one stage: <stage>=<n>',
      perStage(count),
    )
    .option('--max-attempts <n>', 'stop after this many attempts in all', count)
    .option('--limit <name=value>', 'another stop condition of the pipeline, such as retry_rate=0.5', limit)
    .option(
      '--stage-timeout <duration>',
      'longest time of one attempt, such as 30m; of one stage: <stage>=<duration>',
      perStage(duration),
    )
    .addOption(new Option('--json', 'print one JSON document at the end').conflicts('events'))
    .option('--events', 'print every run event as a line of JSON')
    .option('--state-dir <directory>', 'keep state here instead of .claude (also MURMUR8_STATE_DIR)');
}

/** The stop conditions that were given, by their own options or by `--limit`. */
export function limitsOf(parsed: {
  readonly maxCost?: PerStage<number>;
  readonly maxTokens?: PerStage<number>;
  readonly maxAttempts?: number;
  readonly limit?: Limits;
}): Limits {
  return {
    ...parsed.limit,
    ...given('maxCostMicroUsd', parsed.maxCost?.run),
    ...given('maxTokens', parsed.maxTokens?.run),
    ...given('maxAttempts', parsed.maxAttempts),
  };
}

/** Who was named with `--runner`: the first one, and those that take over from it. */
export function runnersOf(runners: readonly string[] = []): {
  readonly runner?: string;
  readonly fallbackRunners?: readonly string[];
} {
  const [runner, ...fallbackRunners] = new Set(runners);
  if (runner === undefined) return {};
  return fallbackRunners.length === 0 ? { runner } : { runner, fallbackRunners };
}

/** An object with the key, or without it where nothing was given. */
export function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}

/** `--limit name=value`, again and again. */
function limit(text: string, before: Limits = {}): Limits {
  const read = limitFrom(text);
  if (!read.ok) throw new InvalidArgumentError(`${read.error.message}; ${read.error.hint ?? ''}`);
  return { ...before, ...read.value };
}

/** `--runner name`, again and again. */
export function named(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** US dollars to integer micro-USD. */
export function amount(text: string): number {
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(text) || Number(text) === 0) {
    throw new InvalidArgumentError('it takes an amount in US dollars above 0, such as 2.50');
  }
  return Math.round(Number(text) * 1e6);
}

/** A whole number above 0. */
export function count(text: string): number {
  if (!/^[1-9]\d{0,11}$/.test(text)) throw new InvalidArgumentError('it takes a whole number above 0');
  return Number(text);
}

/** A duration with its unit, to ms. */
export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined)
    throw new InvalidArgumentError('it takes a duration with its unit, such as 90s, 30m or 1h30m');
  return ms;
}

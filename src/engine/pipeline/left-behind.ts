import { parseOutputs } from '../../core/output/parse-outputs.ts';
import type { Stage } from '../../core/pipeline/definition.ts';
import type { Problem } from '../../core/problem.ts';
import type { RunState } from '../../core/run/state.ts';
import { lookupIn } from '../../core/run/variables.ts';
import { itemOf } from './attempt-key.ts';
import { workingDirectoryOf } from './job.ts';
import type { PipelineWorld } from './world.ts';

/** What an attempt has left, held against what its stage declares. */
export interface LeftBehind {
  /** What is wrong with it; empty when all is there. */
  readonly findings: readonly string[];
  /** Declared outputs that were given. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Names of outputs that were given and are not declared. */
  readonly undeclared: readonly string[];
}

/** Declared outputs have to be given, declared files have to be there (spec: pipelines 4). */
export async function lookAtLeft(
  world: PipelineWorld,
  state: RunState,
  stage: Stage,
  frame: number,
  outputFile: string,
): Promise<LeftBehind> {
  const text = await world.readLeft(outputFile);
  const read = text.ok ? parseOutputs(text.value ?? '') : text;
  if (!read.ok) return { findings: [unreadable(read.error)], outputs: {}, undeclared: [] };
  const declared = stage.outputs ?? [];
  const given = Object.entries(read.value);
  const absent = declared
    .filter((name) => !Object.hasOwn(read.value, name))
    .map(
      (name) => `the output ${name} was not given: add a line ${name}=<value> to the file at MURMUR8_OUTPUT`,
    );
  return {
    findings: [
      ...absent,
      ...secretsIn(world, declared, read.value),
      ...(await absentFiles(world, state, stage, frame)),
    ],
    outputs: Object.fromEntries(given.filter(([name]) => declared.includes(name))),
    undeclared: given.map(([name]) => name).filter((name) => !declared.includes(name)),
  };
}

/** Outputs are kept and shown. One with a secret is not taken, as without it the value would be another one. */
function secretsIn(
  world: PipelineWorld,
  declared: readonly string[],
  outputs: Readonly<Record<string, string>>,
): string[] {
  return declared
    .filter((name) => Object.hasOwn(outputs, name) && world.mask(outputs[name] ?? '') !== outputs[name])
    .map(
      (name) =>
        `the output ${name} holds what looks like a secret; leave the name of a variable that holds it`,
    );
}

function unreadable({ message, hint }: Problem): string {
  return `the outputs cannot be read: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

async function absentFiles(
  world: PipelineWorld,
  state: RunState,
  stage: Stage,
  frame: number,
): Promise<string[]> {
  const findings: string[] = [];
  if (stage.produces === undefined) return findings;
  const directory = workingDirectoryOf(stage, lookupIn(state, stage.name, itemOf(state, stage, frame)));
  if (!directory.ok) return [directory.error.message];
  for (const glob of stage.produces) {
    const found = await world.find([glob], directory.value, 1);
    if (!found.ok) findings.push(`${glob} cannot be looked for: ${found.error.message}`);
    else if (found.value.length === 0)
      findings.push(`there is no file ${glob}, which this stage has to leave`);
  }
  return findings;
}

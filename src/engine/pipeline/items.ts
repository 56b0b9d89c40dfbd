import { checkGlob, checkGlobs } from '../../core/glob/match.ts';
import type { Stage } from '../../core/pipeline/definition.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import { lookupIn } from '../../core/run/variables.ts';
import { type Lookup, substitute } from '../../core/variable/substitute.ts';
import type { PipelineWorld } from './world.ts';

const MOST_ITEMS = 100_000;

/**
 * The titles of a stage's frames as they are now: one per item of its `foreach`, else its name. The code
 * `SYS_MANIFEST_INVALID` is that of a file of items that cannot be used.
 */
export async function itemsOf(
  world: PipelineWorld,
  state: RunState,
  stage: Stage,
): Promise<Result<string[]>> {
  const { foreach, name } = stage;
  if (foreach === undefined) return ok([name]);
  const items = await listOf(world, state, name, foreach);
  if (!items.ok || items.value.length <= MOST_ITEMS) return items;
  return fail(noItems(tooMany(name)));
}

function tooMany(stage: string): string {
  return `foreach of ${stage} gives more than ${MOST_ITEMS} items`;
}

/** A list, a glob, a JSON file, or lines or JSON of an output (spec: run-status, frames). No items: no frames. */
async function listOf(
  world: PipelineWorld,
  state: RunState,
  name: string,
  foreach: NonNullable<Stage['foreach']>,
): Promise<Result<string[]>> {
  const lookup = lookupIn(state, name);
  if (typeof foreach !== 'string') {
    const items: string[] = [];
    for (const entry of foreach) {
      const item = substitute(entry, lookup);
      if (!item.ok) return item;
      items.push(item.value);
    }
    return ok(items);
  }
  const text = substitute(foreach, lookup);
  if (!text.ok) return text;
  if (REFERENCE.test(foreach)) {
    const items = isJson(text.value) ? itemsInJson(text.value) : ok(linesOf(text.value));
    return items.ok ? items : fail(noItems(`${foreach} ${items.error}`));
  }
  if (foreach.endsWith('.json') && !/[*?+[{]/.test(foreach.replaceAll(REFERENCES, '')))
    return inFile(world, name, text.value);
  return inProject(world, foreach, lookup);
}

const REFERENCE = /^\$\{[^{}]*\}$/;
const REFERENCES = /\$\{[^{}]*\}/g;

/** A file of items that cannot be used ends the run: code `SYS_MANIFEST_INVALID`. */
async function inFile(world: PipelineWorld, stage: string, file: string): Promise<Result<string[]>> {
  const text = await world.readFile(file);
  if (!text.ok) return fail(unusable(file, text.error.message, text.error.hint));
  if (text.value === undefined)
    return fail(unusable(file, `there is no such file, and foreach of ${stage} takes its items from it`));
  const items = itemsInJson(text.value);
  if (!items.ok) return fail(unusable(file, items.error));
  return items.value.length > MOST_ITEMS ? fail(unusable(file, tooMany(stage))) : items;
}

function unusable(
  file: string,
  message: string,
  hint = 'make it a JSON array of texts and numbers',
): Problem {
  return { code: 'SYS_MANIFEST_INVALID', message, file, hint };
}

/** A value within a glob stands for itself, whatever characters it holds. */
async function inProject(world: PipelineWorld, glob: string, lookup: Lookup): Promise<Result<string[]>> {
  const filled = substitute(glob, (reference) => lookup(reference)?.replace(/[\\*?+[\]{},!]/g, '\\$&'));
  if (!filled.ok) return filled;
  const wrong = checkGlob(filled.value) ?? checkGlobs([filled.value]);
  // A malformed glob finds nothing, and a stage without items has nothing to do: nobody would see it.
  if (wrong !== undefined) return fail(noItems(`foreach: ${glob}: ${wrong}`));
  const found = await world.find([filled.value], '.', MOST_ITEMS + 1);
  return found.ok ? ok([...found.value]) : found;
}

function isJson(text: string): boolean {
  return text.trimStart().startsWith('[');
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}

/** Texts and numbers. The error says what is wrong with the text. */
function itemsInJson(text: string): Result<string[], string> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return fail(`is no JSON array${placeOf(error, text)}`);
  }
  if (!Array.isArray(value)) return fail('is no JSON array');
  const items: string[] = [];
  for (const [index, item] of value.entries()) {
    if (typeof item !== 'string' && typeof item !== 'number')
      return fail(`holds something that is neither text nor a number, as item ${index + 1}: ${kindOf(item)}`);
    items.push(String(item));
  }
  return ok(items);
}

/** Line and column of a mistake, where the parser tells its position. */
function placeOf(error: unknown, text: string): string {
  const position = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  if (position === undefined) return '';
  const before = text.slice(0, Number(position)).split('\n');
  return `: line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function kindOf(item: unknown): string {
  if (item === null) return 'null';
  if (Array.isArray(item)) return 'a list';
  return typeof item === 'object' ? 'an object' : `a ${typeof item}`;
}

function noItems(message: string) {
  return { code: 'no-items', message };
}

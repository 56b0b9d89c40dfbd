import { checkGlob, checkGlobs } from '../../core/glob/match.ts';
import type { Stage } from '../../core/pipeline/definition.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { latestApproval } from '../../core/run/approval-events.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { lookupIn } from '../../core/run/variables.ts';
import { type Lookup, substitute } from '../../core/variable/substitute.ts';
import { changeSince } from './approval.ts';
import type { PipelineWorld } from './world.ts';

const MOST_ITEMS = 100_000;

/** Begins a stage, unless what was approved is no longer what would begin. With `foreach` it has a frame per item. */
export async function openStage(
  world: PipelineWorld,
  state: RunState,
  name: string,
): Promise<Result<readonly RunEventBody[]>> {
  const stage = state.definitions.get(name);
  const before = state.stages.get(name);
  if (stage === undefined || before === undefined) throw new Error(`no stage named ${name}`);
  const approval = stage.approval === undefined ? undefined : latestApproval(state, before);
  if (approval !== undefined) {
    const reason = await changeSince(world, state, stage, approval);
    if (!reason.ok) return reason;
    if (reason.value !== undefined)
      return ok([
        {
          type: 'approval.closed',
          approvalId: approval.id,
          stage: name,
          status: 'void',
          reason: reason.value,
        },
      ]);
  }
  const items = await itemsOf(world, state, stage);
  if (!items.ok) {
    // A stage whose items cannot be had fails without an attempt.
    const { message } = items.error;
    return ok([{ type: 'stage.finished', stage: name, status: 'failed', code: 'OUTPUT_INVALID', message }]);
  }
  return ok([{ type: 'stage.started', stage: name, frames: items.value.map((title) => ({ title })) }]);
}

async function itemsOf(world: PipelineWorld, state: RunState, stage: Stage): Promise<Result<string[]>> {
  const { foreach, name } = stage;
  if (foreach === undefined) return ok([name]);
  const items = await listOf(world, state, name, foreach);
  if (!items.ok || items.value.length <= MOST_ITEMS) return items;
  return fail(noItems(`foreach of ${name} gives more than ${MOST_ITEMS} items`));
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
  if (REFERENCE.test(foreach))
    return isJson(text.value) ? inJson(text.value, foreach) : ok(linesOf(text.value));
  if (foreach.endsWith('.json') && !/[*?+[{]/.test(foreach.replaceAll(REFERENCES, '')))
    return inFile(world, text.value);
  return inProject(world, foreach, lookup);
}

const REFERENCE = /^\$\{[^{}]*\}$/;
const REFERENCES = /\$\{[^{}]*\}/g;

async function inFile(world: PipelineWorld, path: string): Promise<Result<string[]>> {
  const file = await world.readFile(path);
  if (!file.ok) return file;
  return file.value === undefined ? fail(noItems(`there is no file ${path}`)) : inJson(file.value, path);
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

/** Texts and numbers. */
function inJson(text: string, source: string): Result<string[]> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail(noItems(`${source} is no JSON array`));
  }
  if (!Array.isArray(value)) return fail(noItems(`${source} is no JSON array`));
  const items = value.map((item: unknown) => {
    return typeof item === 'string' || typeof item === 'number' ? String(item) : undefined;
  });
  return items.every((item) => item !== undefined)
    ? ok(items)
    : fail(noItems(`${source} holds something that is neither text nor a number`));
}

function noItems(message: string) {
  return { code: 'no-items', message };
}

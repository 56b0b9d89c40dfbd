import { findEntry, findFrontmatter } from './frontmatter.ts';

const KEY = 'featureId';

/** The `featureId` in the frontmatter of a specification, as it stands there; undefined when there is none. */
export function readFeatureId(text: string): string | undefined {
  const block = findFrontmatter(text);
  if (block === undefined) return undefined;
  const value = findEntry(text, block, KEY)?.value;
  return value === undefined || value === '' ? undefined : value;
}

/**
 * The text with a `featureId`. One that is there already stays, whatever it is (seed 004, story identifiers, AC-4);
 * otherwise exactly one line, or one block at the front, is added and every other byte stays.
 */
export function withFeatureId(text: string, id: string): string {
  return readFeatureId(text) === undefined ? restoreFeatureId(text, id) : text;
}

/** The text with exactly this `featureId`, also in place of another one that an agent invented. */
export function restoreFeatureId(text: string, id: string): string {
  if (readFeatureId(text) === id) return text;
  const block = findFrontmatter(text);
  if (block === undefined) return withNewBlock(text, id);
  const entry = findEntry(text, block, KEY);
  if (entry === undefined) {
    return `${text.slice(0, block.start)}${KEY}: ${id}${block.lineEnding}${text.slice(block.start)}`;
  }
  return `${text.slice(0, entry.start)} ${id}${withoutContinuation(text.slice(entry.end))}`;
}

function withNewBlock(text: string, id: string): string {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const lineEnding = /\r?\n/.exec(text)?.[0] ?? '\n';
  return `${mark}---${lineEnding}${KEY}: ${id}${lineEnding}---${lineEnding}${text.slice(mark.length)}`;
}

/** Drops indented lines that belonged to the value which was replaced. */
function withoutContinuation(rest: string): string {
  const match = /^([^\r\n]*)((?:\r?\n[ \t]+\S[^\r\n]*)+)/.exec(rest);
  return match === null ? rest : `${match[1] ?? ''}${rest.slice(match[0].length)}`;
}

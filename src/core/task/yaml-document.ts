import { EVENT_ID, type Event } from 'js-yaml';
import { readYaml, type YamlError } from '../pipeline/yaml-text.ts';

/** A front matter holds a few kilobytes; attempts take half of one each. */
export const MAX_FRONT_MATTER_CHARACTERS = 1024 * 1024;
/** With every alias written out. */
const MAX_VALUES = 100_000;

export interface YamlDocument {
  readonly value: unknown;
  readonly events: readonly Event[];
  readonly hasBadKeys: boolean;
}

/** Reads a front matter's YAML as data, within bounds. Nothing at all reads as an empty map. */
export function readYamlDocument(text: string): YamlDocument | YamlError {
  if (text.length > MAX_FRONT_MATTER_CHARACTERS)
    return {
      message: `the front matter is ${text.length} characters long; ${MAX_FRONT_MATTER_CHARACTERS} is the limit`,
      hint: 'close it with a line that holds "---" and nothing else; long text belongs below it',
      offset: 0,
      length: 0,
    };
  if (/^(?:[ \t]*(?:#.*)?(?:\r?\n|\r|$))*$/.test(text)) return { value: {}, events: [], hasBadKeys: false };
  const read = readYaml(text);
  if ('message' in read) return withoutPipelines(read);
  if (
    read.events.some(({ type }) => type === EVENT_ID.ALIAS) &&
    countValues(read.value, MAX_VALUES) >= MAX_VALUES
  )
    return {
      message: `with its aliases written out, the front matter holds more than ${MAX_VALUES} values`,
      hint: 'aliases of aliases multiply; write out what is meant',
      offset: 0,
      length: 0,
    };
  return { value: read.value ?? {}, events: read.events, hasBadKeys: read.hasBadKeys };
}

/** Some hints of the reader speak of the files it was made for. */
function withoutPipelines({ message, hint, offset, length }: YamlError): YamlError {
  const known = hint === undefined || hint.includes('pipeline') ? undefined : hint;
  return { message, offset, length, ...(known === undefined ? {} : { hint: known }) };
}

/** Up to `most`, so that what multiplies is not walked through. */
function countValues(value: unknown, most: number): number {
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  for (const item of Object.values(value)) {
    if (count >= most) break;
    count += countValues(item, most - count);
  }
  return count;
}

import { readMoment } from './moment.ts';
import type { ScalarNode } from './yaml-tree.ts';

export type Quoting = ScalarNode['style'];

/** A key or text that stands in a file already, to write new ones alike. */
export interface Like {
  readonly quoting?: Quoting;
  /** Of a list or map: whether it is written in brackets. */
  readonly isFlow?: boolean;
  /** How the value at a key, or the items of a list, are written. */
  readonly at: (key: string | undefined) => Like;
}

export const UNLIKE: Like = { at: () => UNLIKE };

/** Where a value is to be written. */
export interface Place {
  /** Column of the map, list or text that is written. */
  readonly indent: number;
  readonly lineEnding: string;
  /** Columns that a map lies deeper than its key. */
  readonly step: number;
  /** Columns that a list's hyphens lie deeper than its key. */
  readonly listStep: number;
  readonly isFlow: boolean;
  /** Keys from the front matter's top: it alone has date-times without quotes, as task files do. */
  readonly depth: number;
}

/** `key: value`, with further lines where the value needs them; neither indented nor ended. */
export function renderEntry(key: string, value: unknown, place: Place, like: Like = UNLIKE): string {
  const name = renderText(key, 'plain', place.isFlow, false);
  const isLong = !place.isFlow && like.isFlow !== true && isCollection(value) && !isEmpty(value);
  if (!isLong) return `${name}: ${renderInline(value, place, like)}`;
  return `${name}:${place.lineEnding}${renderNested(value, place, like)}`;
}

/** The lines of a list or map that stands below its key, each indented, the last one not ended. */
export function renderNested(value: unknown, place: Place, like: Like = UNLIKE): string {
  const indent = place.indent + (Array.isArray(value) ? place.listStep : place.step);
  return `${' '.repeat(indent)}${renderBlock(value, { ...place, indent, depth: place.depth + 1 }, like)}`;
}

/** A list or map by indentation, from its first character on; anything else on one line. */
export function renderBlock(value: unknown, place: Place, like: Like = UNLIKE): string {
  const margin = `${place.lineEnding}${' '.repeat(place.indent)}`;
  if (!isCollection(value) || isEmpty(value) || like.isFlow === true) return renderInline(value, place, like);
  if (Array.isArray(value))
    return value.map((item: unknown) => renderItem(item, place, ' ', like)).join(margin);
  return pairsOf(value)
    .map(([key, item]) => renderEntry(key, item, place, like.at(key)))
    .join(margin);
}

/** `- value`; `gap` is what stands between the hyphen and the value. */
export function renderItem(item: unknown, place: Place, gap: string, like: Like = UNLIKE): string {
  const inside = { ...place, indent: place.indent + 1 + gap.length };
  return `-${gap}${renderBlock(item, inside, like.at(undefined))}`;
}

/** A value on one line, lists and maps in brackets; text that was a block of lines may become one again. */
export function renderInline(value: unknown, place: Place, like: Like = UNLIKE): string {
  if (Array.isArray(value)) {
    const inside = { ...place, isFlow: true, depth: place.depth + 1 };
    return `[${value.map((item: unknown) => renderInline(item, inside, like.at(undefined))).join(', ')}]`;
  }
  if (isCollection(value)) {
    const inside = { ...place, isFlow: true, depth: place.depth + 1 };
    const entries = pairsOf(value).map(([key, item]) => renderEntry(key, item, inside, like.at(key)));
    return `{${entries.join(', ')}}`;
  }
  if (typeof value !== 'string') return value === undefined ? 'null' : String(value);
  const isBlock = like.quoting === 'literal' || like.quoting === 'folded';
  if (isBlock && !place.isFlow && isLines(value)) return renderLines(value, place);
  return renderText(value, like.quoting, place.isFlow, place.depth === 0);
}

function isCollection(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

function pairsOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, item]) => item !== undefined);
}

function renderText(
  text: string,
  quoting: Quoting | undefined,
  isFlow: boolean,
  isPlainTime: boolean,
): string {
  if (quoting === 'single' && !NEEDS_ESCAPES.test(text)) return `'${text.replaceAll("'", "''")}'`;
  if (quoting === 'double' || !isPlain(text, isFlow)) return doubleQuoted(text);
  if (quoting !== 'plain' && !isPlainTime && TIME_LIKE.test(text)) return doubleQuoted(text);
  return text;
}

const NEEDS_ESCAPES = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|\p{Cs}/u;
const TIME_LIKE = /^\d{4}-\d\d-\d\d/;
const FIRST = /^[\p{L}\d_/.(]/u;
/** What some reader of YAML, 1.1 or 1.2, takes for something else than text. */
const NO_TEXT = /^(?:null|true|false|yes|no|on|off|y|n|0[xob].*|[-+\d.][\d.,_:eE+-]*|\.(?:inf|nan))$/i;

function isPlain(text: string, isFlow: boolean): boolean {
  if (!FIRST.test(text) || NEEDS_ESCAPES.test(text)) return false;
  if (/\s$|: | #|:$|^\.{3}/.test(text)) return false;
  if (isFlow && /[,[\]{}]/.test(text)) return false;
  return readMoment(text) !== undefined || !NO_TEXT.test(text);
}

function doubleQuoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Whether a text can be written as a block of lines and be read as the same. */
function isLines(text: string): boolean {
  return /^[^\s]/.test(text) && text.includes('\n') && !/[^\S\n]\n/.test(text) && !UNPRINTABLE.test(text);
}

const UNPRINTABLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|\p{Cs}/u;

function renderLines(text: string, { indent, step, lineEnding }: Place): string {
  const ends = /\n*$/.exec(text)?.[0].length ?? 0;
  const header = ends === 0 ? '|-' : ends === 1 ? '|' : '|+';
  const lines = (ends === 0 ? text : text.slice(0, -1)).split('\n');
  const margin = ' '.repeat(indent + step);
  return [header, ...lines.map((line) => (line === '' ? '' : margin + line))].join(lineEnding);
}

import {
  CORE_SCHEMA,
  constructFromEvents,
  defineMappingTag,
  EVENT_ID,
  type Event,
  parseEvents,
  YAMLException,
} from 'js-yaml';

/** A text that is one YAML document, with the parser's events, from which places are found if something is wrong. */
export interface YamlText {
  readonly text: string;
  readonly value: unknown;
  readonly events: readonly Event[];
  /** Keys that stand twice, or that no key may be: `value` was read without them. */
  readonly hasBadKeys: boolean;
  /** Whether any key begins with `x-`. */
  readonly hasExtensions: boolean;
}

/** Why a text is no document. Offset and length are in UTF-16 units of the text. */
export interface YamlError {
  readonly message: string;
  readonly hint?: string;
  readonly offset: number;
  readonly length: number;
}

/** Ten thousand stages with all they can say take less. */
const MAX_CHARACTERS = 8 * 1024 * 1024;
/** With every alias written out. A file without aliases is limited by its size alone. */
const MAX_NODES = 1_000_000;
const MAX_DEPTH = 100;

/**
 * Reads YAML 1.2 with its core types: `yes` and `on` are text, merge keys are none. One document; tabs as indentation,
 * unknown tags, aliases that stand for themselves or for millions of values, and nesting beyond 100 are refused.
 */
export function readYaml(text: string): YamlText | YamlError {
  if (text.length > MAX_CHARACTERS)
    return {
      message: `the file is ${(text.length / 1024 / 1024).toFixed(1)} million characters long; 8 million is the limit`,
      hint: 'divide it into several pipelines',
      offset: 0,
      length: 0,
    };
  try {
    const events = parseEvents(text, { maxDepth: MAX_DEPTH });
    return notOneDocument(events) ?? exploding(text, events) ?? construct(text, events);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    return syntaxError(error);
  }
}

function construct(text: string, events: Event[]): YamlText {
  const seen = { extensions: false };
  try {
    const [value] = constructFromEvents(events, { source: text, schema: schema(seen, false) });
    return { text, value, events, hasBadKeys: false, hasExtensions: seen.extensions };
  } catch (error) {
    if (!(error instanceof YAMLException) || !BAD_KEY.test(error.reason)) throw error;
    // Everything else that is wrong is to be told at the same time.
    const [value] = constructFromEvents(events, { source: text, schema: schema(seen, true), json: true });
    return { text, value, events, hasBadKeys: true, hasExtensions: seen.extensions };
  }
}

const BAD_KEY = /^(duplicated mapping key|no key)$/;

/** `__proto__` and keys that are no text are refused: what they would become is not what was written. */
function schema(seen: { extensions: boolean }, tolerant: boolean) {
  return CORE_SCHEMA.withTags(
    defineMappingTag<Record<string, unknown>>('tag:yaml.org,2002:map', {
      create: () => ({}),
      addPair: (map, key, value) => {
        if (typeof key !== 'string' || key === '__proto__') return tolerant ? '' : 'no key';
        if (key.startsWith('x-')) seen.extensions = true;
        if (!tolerant || !Object.hasOwn(map, key)) map[key] = value;
        return '';
      },
      has: (map, key) => typeof key === 'string' && Object.hasOwn(map, key),
      keys: (map) => Object.keys(map),
      get: (map, key) => map[String(key)],
      identify: () => false,
    }),
  );
}

function notOneDocument(events: readonly Event[]): YamlError | undefined {
  if (events.length === 0)
    return {
      message: 'the file is empty',
      hint: 'a pipeline has at least a name and one stage',
      offset: 0,
      length: 0,
    };
  const second = events.findIndex((event, index) => index > 0 && event.type === EVENT_ID.DOCUMENT);
  if (second < 0) return undefined;
  const offset =
    events
      .slice(second)
      .map(offsetOf)
      .find((at) => at >= 0) ?? 0;
  return {
    message: 'a second document begins here',
    hint: 'keep one pipeline in a file, and take the line with "---" out',
    offset,
    length: 1,
  };
}

/** Sizes and depths with every alias written out, found in one pass: an alias stands for what its anchor counted. */
function exploding(text: string, events: readonly Event[]): YamlError | undefined {
  if (!events.some((event) => event.type === EVENT_ID.ALIAS)) return undefined;
  const anchors = new Map<string, { nodes: number; depth: number; open: boolean }>();
  const open: { nodes: number; depth: number; anchor: string }[] = [{ nodes: 0, depth: 0, anchor: '' }];
  for (const event of events) {
    const top = open.at(-1);
    if (top === undefined || event.type === EVENT_ID.DOCUMENT) continue;
    if (event.type === EVENT_ID.POP) {
      const closed = open.length > 1 ? open.pop() : undefined;
      const parent = open.at(-1);
      if (closed === undefined || parent === undefined) continue;
      if (closed.anchor !== '') anchors.set(closed.anchor, { ...closed, open: false });
      parent.nodes += closed.nodes;
      parent.depth = Math.max(parent.depth, closed.depth + 1);
      continue;
    }
    const name = event.anchorStart < 0 ? '' : text.slice(event.anchorStart, event.anchorEnd);
    if (event.type === EVENT_ID.ALIAS) {
      const meant = anchors.get(name);
      const place = { offset: event.anchorStart - 1, length: name.length + 1 };
      if (meant?.open) return { message: `*${name} stands within what it stands for`, ...place };
      top.nodes += meant?.nodes ?? 1;
      top.depth = Math.max(top.depth, (meant?.depth ?? 0) + 1);
      if (top.nodes > MAX_NODES)
        return {
          message: `with this alias written out, the file holds more than ${MAX_NODES} values`,
          hint: 'aliases of aliases multiply; write out what is meant',
          ...place,
        };
      if (top.depth + open.length > MAX_DEPTH)
        return {
          message: `with this alias written out, values are nested more than ${MAX_DEPTH} deep`,
          ...place,
        };
    } else if (event.type === EVENT_ID.SCALAR) {
      top.nodes += 1;
      if (name !== '') anchors.set(name, { nodes: 1, depth: 0, open: false });
    } else {
      open.push({ nodes: 1, depth: 0, anchor: name });
      if (name !== '') anchors.set(name, { nodes: 0, depth: 0, open: true });
    }
  }
  return undefined;
}

function syntaxError(error: YAMLException): YamlError {
  const hint = hintFor(error.reason);
  return {
    message: `this is no valid YAML: ${reasonOf(error)}`,
    ...(hint === undefined ? {} : { hint }),
    offset: error.mark?.position ?? 0,
    length: 1,
  };
}

/** The parser blames the indentation where a bracket or a quote is still open. */
function reasonOf({ reason }: YAMLException): string {
  return reason === 'deficient indentation' ? 'a line is indented too little, or ends too early' : reason;
}

function hintFor(reason: string): string | undefined {
  if (reason.includes('tab char')) return 'indent with spaces';
  if (reason.includes('maxDepth')) return `nothing in a pipeline is nested more than ${MAX_DEPTH} deep`;
  if (/unknown \w+ tag/.test(reason)) return 'take the tag out; put text into quotes';
  if (reason.includes('unidentified alias'))
    return 'an alias names an anchor further up; put text that begins with "*" into quotes';
  if (reason === 'deficient indentation')
    return 'look above for a "{", "[" or quote that is never closed; what it holds is indented';
  if (/indentation|mapping/.test(reason))
    return 'keys of one map stand in one column; put text that holds ": " into quotes';
  return undefined;
}

/** Where what an event stands for begins; -1 when it has no place of its own. */
export function offsetOf(event: Event): number {
  if (event.type === EVENT_ID.SCALAR) return event.valueStart;
  if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) return event.start;
  return event.type === EVENT_ID.ALIAS ? event.anchorStart - 1 : -1;
}

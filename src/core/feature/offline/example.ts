export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** `input → output` from a brief: what is called with what, and what comes back or is thrown. */
export interface Example {
  /** Name of the function, where the brief writes a call such as `add(1, 2)`. */
  readonly call?: string;
  readonly input: readonly JsonValue[];
  readonly expected: { readonly output: JsonValue } | { readonly throws: string };
}

const MAX_SIDE = 500;
/** Beginnings of sentences in which an arrow means "and then" and not "gives". */
const PROSE =
  /^(?:the|a|an|when|whenever|if|given|then|users?|as|on|after|before|once|every|each|click|open|press)\s/i;

/**
 * Reads a line as an example. Both sides in quotes or code marks, numbers, JSON or a call are taken everywhere; bare
 * words are taken too unless they read like a sentence, which only the section's own heading can turn into examples.
 */
export function readExample(line: string, underExampleHeading: boolean): Example | undefined {
  const content = line.replace(/^\s*(?:[-*+]\s+|\d+[.)]\s+)?/, '').trim();
  const sides = content.split(/\s*(?:→|⇒|(?<![-<])->)\s*/u);
  const [left, right] = sides;
  if (sides.length !== 2 || left === undefined || right === undefined) return undefined;
  if (left === '' || right === '' || left.length > MAX_SIDE || right.length > MAX_SIDE) return undefined;
  if (!underExampleHeading && PROSE.test(left)) return undefined;
  return { ...readInput(left), expected: readExpected(right) };
}

function readInput(side: string): Pick<Example, 'call' | 'input'> {
  const call = /^([A-Za-z_$][\w$]*)\((.*)\)$/s.exec(withoutCodeMarks(side));
  if (call !== null) {
    const input = readJson(`[${call[2] ?? ''}]`);
    if (Array.isArray(input)) return { call: call[1] ?? '', input };
  }
  return { input: [readValue(side)] };
}

function readExpected(side: string): Example['expected'] {
  const thrown = /^(?:throws|error)\b:?\s*(.*)$/is.exec(withoutCodeMarks(side));
  if (thrown === null) return { output: readValue(side) };
  const message = readValue((thrown[1] ?? '').trim());
  return { throws: typeof message === 'string' ? message : JSON.stringify(message) };
}

/** JSON where it is JSON, else the text itself without quotes or code marks around it. */
function readValue(side: string): JsonValue {
  const bare = withoutCodeMarks(side);
  const json = readJson(bare);
  if (json !== undefined) return json;
  return /^(['“‘«]).*['”’»]$/s.test(bare) ? bare.slice(1, -1) : bare;
}

function withoutCodeMarks(side: string): string {
  return /^(`+)([^`]+)\1$/s.exec(side)?.[2]?.trim() ?? side;
}

function readJson(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    // A number that does not come back as it was written (1.0, 007, 1e400) is a text.
    if (typeof value === 'number' && String(value) !== text) return undefined;
    return value;
  } catch {
    return undefined;
  }
}

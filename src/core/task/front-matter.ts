/** Where the parts of a task file are, in UTF-16 units of its text. */
export interface FrontMatter {
  readonly kind: 'found';
  /** Between the line that opens the front matter and the one that closes it. */
  readonly start: number;
  readonly end: number;
  /** After the closing line and its line ending. */
  readonly bodyStart: number;
  /** As the opening line ends. */
  readonly lineEnding: string;
}

/** Why a text has no front matter that could be read. */
export interface NoFrontMatter {
  readonly kind: 'missing' | 'language' | 'unclosed';
  /** Of `---js` and the like: what it says. */
  readonly language?: string;
}

const OPENING = /^\uFEFF?---([^\r\n]*)(\r\n|\n|\r)/;

/**
 * Finds the front matter of a file's text, or of its beginning. A block that names another language than YAML is
 * never read, and nothing of it is ever run (spec: tasks, files). A `---` further down belongs to the body.
 */
export function findFrontMatter(text: string): FrontMatter | NoFrontMatter {
  const opening = OPENING.exec(text);
  if (opening === null) return { kind: 'missing' };
  const language = (opening[1] ?? '').trim();
  // A ruled-off paragraph may follow four or more hyphens: that is no front matter at all.
  if (language.startsWith('-')) return { kind: 'missing' };
  if (language !== '' && language !== 'yaml' && language !== 'yml') return { kind: 'language', language };
  const start = opening[0].length;
  const lineEnding = opening[2] ?? '\n';
  // Searched without a pattern: this is done for each of ten thousand files.
  for (let end = text.indexOf('---', start); end >= 0; end = text.indexOf('---', end + 1)) {
    if (!isLineEnd(text.charCodeAt(end - 1))) continue;
    let closed = end + 3;
    while (text.charCodeAt(closed) === SPACE || text.charCodeAt(closed) === TAB) closed += 1;
    if (closed < text.length && !isLineEnd(text.charCodeAt(closed))) continue;
    const isPair = text.charCodeAt(closed) === CR && text.charCodeAt(closed + 1) === LF;
    const bodyStart = Math.min(text.length, closed + (isPair ? 2 : 1));
    return { kind: 'found', start, end, bodyStart, lineEnding };
  }
  return { kind: 'unclosed' };
}

const SPACE = 32;
const TAB = 9;
const LF = 10;
const CR = 13;

function isLineEnd(code: number): boolean {
  return code === LF || code === CR;
}

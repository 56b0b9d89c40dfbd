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
const CLOSING = /(?<=[\r\n])---[ \t]*(?=[\r\n]|$)/g;

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
  CLOSING.lastIndex = start;
  const closing = CLOSING.exec(text);
  if (closing === null) return { kind: 'unclosed' };
  const closed = closing.index + closing[0].length;
  const ending = /^(?:\r\n|\n|\r)/.exec(text.slice(closed, closed + 2))?.[0].length ?? 0;
  return {
    kind: 'found',
    start,
    end: closing.index,
    bodyStart: closed + ending,
    lineEnding: opening[2] ?? '\n',
  };
}

import type { PlaceQuoting, Span } from './quoting.ts';

/** A `<<WORD` whose text begins on the next line. */
export interface HereDocument {
  readonly delimiter: string;
  /** Its word is quoted, so that nothing in its text is expanded. */
  readonly literal: boolean;
  readonly stripTabs: boolean;
}

/** What was found in the text of a here-document. */
export interface ReadBody {
  readonly places: readonly PlaceQuoting[];
  /** Offset of the end of its last line. */
  readonly end: number;
  /** Why nothing is known from there on. */
  readonly lost?: string;
}

interface Command {
  readonly text: string;
  readonly spans: readonly Span[];
  /** How many of them have a place already. */
  readonly placed: number;
  readonly escapes: ReadonlySet<number>;
}

const START = /<<(-?)[ \t]*((?:'[^'\\\n]*'|"[^"\\$`\n]*"|\\[^\n]|[^\s'"\\;&|()<>$`])+)/y;
const WORD_END = /^(?:[\s;&|()<>]|$)/;

/** Reads `<<WORD`; undefined where the word is not plain, so that its end would be a guess. */
export function hereDocumentAt(
  text: string,
  at: number,
): { document: HereDocument; length: number } | undefined {
  START.lastIndex = at;
  const [whole, dash, word] = START.exec(text) ?? [];
  if (
    whole === undefined ||
    word === undefined ||
    !WORD_END.test(text.slice(at + whole.length, at + whole.length + 1))
  )
    return undefined;
  const document = {
    delimiter: word.replace(/\\(.)|['"]/g, '$1'),
    literal: /['"\\]/.test(word),
    stripTabs: dash === '-',
  };
  return { document, length: whole.length };
}

/** Reads the text of a here-document up to its delimiter, or to the end. */
export function readBody(document: HereDocument, from: number, nested: boolean, command: Command): ReadBody {
  const { text } = command;
  const places: PlaceQuoting[] = [];
  let expands: string | undefined;
  for (let at = from; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    const line = document.stripTabs ? text.slice(at, end).replace(/^\t+/, '') : text.slice(at, end);
    if (line === document.delimiter) return { places, end };
    // Shells differ about a delimiter that is followed by the end of a substitution.
    if (nested && line.startsWith(document.delimiter))
      return { places, end, lost: 'after a here-document whose end is not plain' };
    if (document.literal) {
      for (let span = nextSpan(command, places); span !== undefined && span.offset < end; ) {
        places.push({ quoted: 'single' });
        span = nextSpan(command, places);
      }
    } else {
      expands = readLine(at, end, expands, places, command);
      // A continued line hides a delimiter from some shells.
      if (/(?:^|[^\\])(?:\\\\)*\\$/.test(text.slice(at, end)))
        return { places, end, lost: 'after a continued line in a here-document' };
    }
    at = end + 1;
  }
  return { places, end: text.length };
}

/** Places the spans of one line, and says why those that follow an expansion are not to be known. */
function readLine(
  from: number,
  end: number,
  before: string | undefined,
  places: PlaceQuoting[],
  command: Command,
): string | undefined {
  let expands = before;
  for (let at = from; at < end; ) {
    const span = nextSpan(command, places);
    if (span?.offset === at) {
      places.push(expands === undefined ? { quoted: 'double' } : { quoted: 'unknown', obstacle: expands });
      at += span.length;
    } else if (command.text[at] === '\\') {
      const isEscaped = span?.offset === at + 1;
      if (isEscaped) places.push({ quoted: 'unknown', obstacle: 'after a backslash' });
      at += 1 + (isEscaped ? span.length : 1);
    } else {
      if (/^(?:`|\$[([])/.test(command.text.slice(at, at + 2)) || command.escapes.has(at))
        expands = 'after an expansion in a here-document';
      at += 1;
    }
  }
  return expands;
}

function nextSpan(command: Command, places: readonly PlaceQuoting[]): Span | undefined {
  return command.spans[command.placed + places.length];
}

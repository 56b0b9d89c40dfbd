import { type HereDocument, hereDocumentAt, readBody } from './here-document.ts';
import type { PlaceQuoting, Span } from './quoting.ts';

/** Where the reader stands: in a list of commands, in double quotes, or in arithmetic. */
interface Frame {
  readonly kind: 'commands' | 'double' | 'arithmetic';
  /** Round brackets open within it. */
  depth: number;
  readonly hereDocuments: HereDocument[];
}

/**
 * Says of each span of a command how the shell would read it. Both lists are in the order of the text; an escape is
 * the offset of `$${`, which the shell will see as `${`. Once something was met whose end shells find differently,
 * everything after it is `unknown`: a reference is rather refused than read as code.
 */
export function shellQuoting(
  text: string,
  spans: readonly Span[],
  escapes: readonly number[],
): readonly PlaceQuoting[] {
  return new ShellReader(text, spans, escapes).read();
}

const ACROSS = 'after a here-document that begins on the line of a $(…)';
const WORD_ENDS = new Set([undefined, ' ', '\t', '\n', ';', '&', '|', '(', ')', '<', '>']);
// A shell expansion whose end is plain to see: no quotes, or balanced ones without anything in them to expand.
const PLAIN_EXPANSION = /(?:[^'"\\`{}$\n]|\$[A-Za-z0-9_@*#?!-]|"[^"'\\`{}$]*"|'[^'"\\`{}$]*')*\}/y;
const PLAIN_EXPANSION_IN_QUOTES = /(?:[^'"\\`{}$\n]|\$[A-Za-z0-9_@*#?!-])*\}/y;
// What nothing of is special, to be passed at once.
const WORD = /[A-Za-z0-9_.,:/@%+-]+/y;
const QUOTED = /[^"\\`$]+/y;
const LONGEST_TEST = 4000;
const NUMERIC_TEST = /\s-(?:eq|ne|lt|le|gt|ge|v)\s/;

class ShellReader {
  private readonly text: string;
  private readonly spans: readonly Span[];
  private readonly escapes: ReadonlySet<number>;
  private readonly places: PlaceQuoting[] = [];
  private readonly frames: Frame[] = [{ kind: 'commands', depth: 0, hereDocuments: [] }];
  private at = 0;
  /** Whether a word may begin here, and with it a comment or a reserved word. */
  private wordStart = true;
  /** End of a test that compares numbers. */
  private numericUntil = 0;
  /** Why nothing is known from here on. */
  private lost: string | undefined;

  constructor(text: string, spans: readonly Span[], escapes: readonly number[]) {
    this.text = text;
    this.spans = spans;
    this.escapes = new Set(escapes);
  }

  read(): readonly PlaceQuoting[] {
    while (this.at < this.text.length && this.places.length < this.spans.length && this.lost === undefined) {
      const span = this.spanHere();
      if (span !== undefined) this.pass(span);
      else if (this.frame.kind === 'commands') this.readCommands();
      else if (this.frame.kind === 'double') this.readDouble();
      else this.readArithmetic();
    }
    while (this.places.length < this.spans.length) this.places.push(this.unknown(this.lost ?? 'here'));
    return this.places;
  }

  private get frame(): Frame {
    const top = this.frames.at(-1);
    if (top === undefined) throw new Error('the outermost frame is never left');
    return top;
  }

  private spanHere(): Span | undefined {
    const span = this.spans[this.places.length];
    return span?.offset === this.at ? span : undefined;
  }

  private pass(span: Span): void {
    const { kind } = this.frame;
    if (this.at < this.numericUntil) this.places.push(this.unknown('in a test of numbers in [[ ]]'));
    else if (kind === 'arithmetic') this.places.push(this.unknown('in shell arithmetic'));
    else if (kind === 'double') this.places.push({ quoted: 'double' });
    else if (this.isSubscript()) this.places.push(this.unknown('in an array subscript'));
    else this.places.push({ quoted: 'none' });
    this.at += span.length;
    this.wordStart = false;
  }

  /** `name[` before it: bash evaluates what stands there, even inside of quotes. */
  private isSubscript(): boolean {
    return /[A-Za-z0-9_]\[[^\]\s]*$/.test(this.text.slice(Math.max(0, this.at - 200), this.at));
  }

  private readCommands(): void {
    const { text, at } = this;
    const character = text[at];
    if (this.readExpansion()) return;
    switch (character) {
      case '\\':
        this.readBackslash();
        return;
      case "'":
        this.readLiteral(at + 1, text.indexOf("'", at + 1), 1);
        return;
      case '"':
        this.open('double', 1);
        return;
      case '#':
        if (this.wordStart) this.readComment();
        else this.step(1, false);
        return;
      case '\n':
        this.readNewline();
        return;
      case '<':
        if (text.startsWith('<<<', at)) this.step(3, true);
        else if (text.startsWith('<<', at)) this.readHereDocument();
        else this.step(1, true);
        return;
      case '(':
        if (this.wordStart && text[at + 1] === '(') this.open('arithmetic', 2, 2);
        else {
          this.frame.depth += 1;
          this.step(1, true);
        }
        return;
      case ')':
        this.closeBracket();
        return;
      case '[':
        if (this.wordStart && text[at + 1] === '[' && at >= this.numericUntil) this.readTest();
        else this.step(1, false);
        return;
      case 'c':
        // The brackets of its patterns are not balanced, so the end of the substitution cannot be found by counting.
        if (this.frames.length > 1 && this.wordStart && /^case\s/.test(text.slice(at, at + 5)))
          this.lost = 'after "case" within $(…)';
        else this.step(1, false);
        return;
      default:
        if (WORD_ENDS.has(character)) this.step(1, true);
        else this.step(lengthOf(WORD, text, at), false);
    }
  }

  private readDouble(): void {
    if (this.readExpansion()) return;
    const character = this.text[this.at];
    if (character === '\\') this.readBackslash();
    else if (character === '"') this.close();
    else this.step(lengthOf(QUOTED, this.text, this.at), false);
  }

  private readArithmetic(): void {
    const character = this.text[this.at] ?? '';
    if (character === '(') this.frame.depth += 1;
    else if (character === ')') this.frame.depth -= 1;
    else if ('\'"\\`'.includes(character)) this.lost = 'after quotes in shell arithmetic';
    if (this.frame.depth === 0) this.close();
    else this.step(1, false);
  }

  /** Everything that begins with `$` or a backquote. False where it is only that character. */
  private readExpansion(): boolean {
    const { text, at } = this;
    if (text[at] === '`') this.readBackquotes();
    else if (text[at] !== '$') return false;
    else if (this.escapes.has(at)) this.readParameter();
    else if (text.startsWith('$((', at)) this.open('arithmetic', 3, 2);
    else if (text.startsWith('$(', at)) this.open('commands', 2);
    else if (text.startsWith('$[', at)) this.lost = 'after "$["';
    else if (text.startsWith("$'", at) && this.frame.kind === 'commands') this.readDollarQuote();
    else return false;
    return true;
  }

  /** A `${…}` of the shell: a reference within it would be a pattern, or arithmetic, or quoted who knows how. */
  private readParameter(): void {
    const plain = this.frame.kind === 'double' ? PLAIN_EXPANSION_IN_QUOTES : PLAIN_EXPANSION;
    plain.lastIndex = this.at + 3;
    const body = plain.exec(this.text)?.[0];
    if (body === undefined) this.lost = 'in or after a shell expansion $${…} that is not a plain one';
    else this.step(3 + body.length, false);
  }

  /** Shells without `$'…'` read it as single quotes: they agree only where nothing is escaped in it. */
  private readDollarQuote(): void {
    const end = this.text.indexOf("'", this.at + 2);
    if (end >= 0 && this.text.slice(this.at, end).includes('\\'))
      this.lost = "in or after $'…' with a backslash";
    else this.readLiteral(this.at + 2, end, 1);
  }

  private readLiteral(from: number, end: number, closing: number): void {
    this.at = from;
    this.placeUntil(end < 0 ? this.text.length : end, () => ({ quoted: 'single' }));
    this.step(closing, false);
  }

  private readBackquotes(): void {
    let end = this.at + 1;
    while (end < this.text.length && this.text[end] !== '`') end += this.text[end] === '\\' ? 2 : 1;
    this.placeUntil(Math.min(end, this.text.length), () => this.unknown('in backquotes'));
    this.step(1, false);
  }

  private readBackslash(): void {
    this.at += 1;
    const span = this.spanHere();
    if (span === undefined) {
      // A continued line is one line: what stood before the break decides whether a word begins.
      const continued = this.text[this.at] === '\n';
      this.step(1, continued && this.wordStart);
      return;
    }
    this.places.push(this.unknown('after a backslash'));
    this.step(span.length, false);
  }

  private readComment(): void {
    const end = this.text.indexOf('\n', this.at);
    this.placeUntil(end < 0 ? this.text.length : end, () => ({ quoted: 'none' }));
  }

  private readHereDocument(): void {
    const read = hereDocumentAt(this.text, this.at);
    if (read === undefined) {
      this.lost = 'after a here-document whose end is not plain';
      return;
    }
    this.frame.hereDocuments.push(read.document);
    this.step(read.length, false);
  }

  private readNewline(): void {
    if (this.frames.slice(0, -1).some((outer) => outer.hereDocuments.length > 0)) {
      this.lost = ACROSS;
      return;
    }
    this.step(1, true);
    for (const document of this.frame.hereDocuments.splice(0)) {
      if (this.lost !== undefined) return;
      const { text, spans, escapes, places } = this;
      const nested = this.frames.length > 1;
      const body = readBody(document, this.at, nested, { text, spans, placed: places.length, escapes });
      this.places.push(...body.places);
      this.lost = body.lost;
      this.at = Math.min(body.end + 1, text.length);
    }
  }

  /** `[[ x -eq y ]]`: bash evaluates the operands as arithmetic, even inside of quotes. */
  private readTest(): void {
    const length = this.text.slice(this.at, this.at + LONGEST_TEST).search(/\s\]\]/);
    const until = length < 0 ? this.text.length : this.at + length;
    if (NUMERIC_TEST.test(this.text.slice(this.at, until))) this.numericUntil = until;
    this.step(2, false);
  }

  private placeUntil(end: number, place: () => PlaceQuoting): void {
    for (let span = this.spans[this.places.length]; span !== undefined && span.offset < end; ) {
      this.places.push(place());
      span = this.spans[this.places.length];
    }
    this.at = end;
  }

  private open(kind: Frame['kind'], length: number, depth = 0): void {
    this.frames.push({ kind, depth, hereDocuments: [] });
    this.step(length, kind === 'commands');
  }

  private close(): void {
    if (this.frame.hereDocuments.length > 0) this.lost = ACROSS;
    this.frames.pop();
    this.step(1, false);
  }

  private closeBracket(): void {
    if (this.frame.depth > 0) this.frame.depth -= 1;
    else if (this.frames.length > 1) {
      this.close();
      return;
    }
    this.step(1, true);
  }

  private step(length: number, wordStart: boolean): void {
    this.at += length;
    this.wordStart = wordStart;
  }

  private unknown(obstacle: string): PlaceQuoting {
    return { quoted: 'unknown', obstacle };
  }
}

/** How much of the text is made of that, at least one character. */
function lengthOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 1;
}

import { fail, ok, type Result } from '../result.ts';

/** A glob, read. */
export type GlobNode =
  | { readonly kind: 'one'; readonly test: CharacterTest }
  | { readonly kind: 'many'; readonly test: CharacterTest }
  | { readonly kind: 'sequence' | 'choice'; readonly of: readonly GlobNode[] }
  | { readonly kind: 'optional' | 'repeated'; readonly of: GlobNode };

/** Whether one character (a code point) can stand at a place. */
export type CharacterTest = (character: string) => boolean;

const MAX_LENGTH = 1000;
const anything: CharacterTest = () => true;
const withinSegment: CharacterTest = (character) => character !== '/';

/** Reads a glob without its leading `!`. The error is a message for people. */
export function parseGlob(glob: string): Result<GlobNode, string> {
  if (glob === '') return fail('an empty pattern matches nothing');
  if (glob.length > MAX_LENGTH) return fail(`a pattern has at most ${MAX_LENGTH} characters`);
  if (glob.startsWith('/')) return fail('it begins with "/", which paths and names never do: leave it out');
  return new GlobReader(glob.startsWith('./') ? glob.slice(2) : glob).read();
}

class GlobReader {
  private readonly characters: readonly string[];
  private at = 0;
  private problem: string | undefined;

  constructor(glob: string) {
    this.characters = Array.from(glob);
  }

  read(): Result<GlobNode, string> {
    const node = this.readSequence(true, 0);
    return this.problem === undefined ? ok(node) : fail(this.problem);
  }

  /** Up to the end, or within braces up to `,` or `}`. */
  private readSequence(atSegmentStart: boolean, depth: number): GlobNode {
    const parts: GlobNode[] = [];
    let segmentStart = atSegmentStart;
    for (let character = this.next(); character !== undefined; character = this.next()) {
      if (depth > 0 && (character === ',' || character === '}')) break;
      this.at += 1;
      if (character === '?' || character === '+') this.repeat(parts, character);
      else if (character === '*') parts.push(this.readStars(segmentStart));
      else if (character === '[') parts.push(this.readClass());
      else if (character === '{') parts.push(this.readBraces(segmentStart, depth + 1));
      else parts.push(literal(character === '\\' ? this.readEscaped() : character));
      // After stars that took their "/" along, another segment begins as well.
      segmentStart = this.characters[this.at - 1] === '/';
    }
    return { kind: 'sequence', of: parts };
  }

  private repeat(parts: GlobNode[], character: '?' | '+'): void {
    const repeated = parts.pop();
    if (repeated === undefined || !['one', 'choice'].includes(repeated.kind)) {
      this.refuse(`"${character}" repeats what stands before it, and nothing fit does: write \\${character}`);
      return;
    }
    parts.push({ kind: character === '?' ? 'optional' : 'repeated', of: repeated });
  }

  private readStars(segmentStart: boolean): GlobNode {
    if (this.next() !== '*') return { kind: 'many', test: withinSegment };
    this.at += 1;
    if (this.next() === '*') this.refuse('more than two "*" in a row: write "*" or "**"');
    const across: GlobNode = { kind: 'many', test: anything };
    if (!segmentStart || this.next() !== '/') return across;
    this.at += 1;
    // A whole segment `**` stands for no directory as well, and then its "/" is not there either.
    return { kind: 'optional', of: { kind: 'sequence', of: [across, literal('/')] } };
  }

  private readBraces(segmentStart: boolean, depth: number): GlobNode {
    const choices: GlobNode[] = [];
    do {
      choices.push(this.readSequence(segmentStart, depth));
      this.at += 1;
    } while (this.characters[this.at - 1] === ',' && this.problem === undefined);
    if (this.characters[this.at - 1] !== '}') this.refuse('"{" is never closed: write "{a,b}", or \\{');
    else if (choices.length < 2) this.refuse('braces without a comma: write "{a,b}", or \\{');
    return { kind: 'choice', of: choices };
  }

  private readClass(): GlobNode {
    const from = this.at;
    const negated = this.next() === '!' || this.next() === '^';
    if (negated) this.at += 1;
    const ranges: (readonly [string, string])[] = [];
    while (ranges.length === 0 || this.next() !== ']') {
      if (this.next() === undefined || this.problem !== undefined) {
        this.refuse('"[" is never closed: write "[abc]", or \\[');
        break;
      }
      if (this.next() === '[' && this.characters[this.at + 1] === ':')
        this.refuse('classes such as [:alpha:] are not known: write "[a-z]"');
      ranges.push(this.readRange());
    }
    this.at += 1;
    if (ranges.some(([first, last]) => first > last))
      this.refuse(`a range in "[${this.characters.slice(from, this.at).join('')}" runs backwards`);
    const listed: CharacterTest = (character) => ranges.some(([a, b]) => a <= character && character <= b);
    return { kind: 'one', test: (character) => character !== '/' && listed(character) !== negated };
  }

  private readRange(): readonly [string, string] {
    const first = this.readMember();
    const second = this.characters[this.at + 1];
    if (this.next() !== '-' || second === undefined || second === ']') return [first, first];
    this.at += 1;
    return [first, this.readMember()];
  }

  private readMember(): string {
    const character = this.next() ?? '';
    this.at += 1;
    return character === '\\' ? this.readEscaped() : character;
  }

  private readEscaped(): string {
    const character = this.next();
    if (character === undefined) this.refuse('it ends in a lone backslash');
    this.at += 1;
    return character ?? '';
  }

  private next(): string | undefined {
    return this.characters[this.at];
  }

  /** The first problem is the one that is told. */
  private refuse(message: string): void {
    this.problem ??= message;
  }
}

function literal(character: string): GlobNode {
  return { kind: 'one', test: (other) => other === character };
}

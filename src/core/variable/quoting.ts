/**
 * How a POSIX shell reads a place in a command: `none` outside of quotes; `double` where it expands and does not split
 * (double quotes, a here-document); `single` where it does not expand at all; `unknown` where a value could become
 * code, or where shells differ about what is quoted.
 */
export type Quoting = 'none' | 'double' | 'single' | 'unknown';

/** Of one place. The obstacle says what makes it `unknown`. */
export interface PlaceQuoting {
  readonly quoted: Quoting;
  readonly obstacle?: string;
}

/** A piece of a text, in UTF-16 units. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

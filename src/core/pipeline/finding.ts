/** Keys and indexes from the document's root to a value. */
export type Path = readonly (string | number)[];

/** Something wrong in a definition, before its place in the text was looked up. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  /** In lower case, without a full stop. */
  readonly message: string;
  readonly hint?: string;
  readonly path: Path;
  /** What is underlined: the key at the end of the path, or the value under it. */
  readonly part: 'key' | 'value';
  /** A piece of the text that the value stands for, in UTF-16 units: `${…}` within a task. */
  readonly within?: { readonly offset: number; readonly length: number };
  /** Another place that belongs to it, named in the hint: the first of two stages with one name. */
  readonly other?: { readonly path: Path; readonly says: string };
}

type More = Pick<Finding, 'hint' | 'within' | 'other'>;

export function errorAt(path: Path, part: Finding['part'], message: string, more: More = {}): Finding {
  return { severity: 'error', message, path, part, ...more };
}

export function warningAt(path: Path, part: Finding['part'], message: string, more: More = {}): Finding {
  return { severity: 'warning', message, path, part, ...more };
}

import { errorAt, type Finding, type Path } from '../finding.ts';

/** How a directory and what it is relative to are spoken of. */
export interface DirectoryWords {
  readonly label: string;
  readonly root: string;
  /** Such as `src, not /src`. */
  readonly example: string;
}

/** That a path stays within its root. What a reference stands for is looked at when its work starts. */
export function directoryFindings(written: string, path: Path, words: DirectoryWords): Finding[] {
  const { label, root, example } = words;
  if (/^([/\\]|[A-Za-z]:)/.test(written))
    return [errorAt(path, 'value', `${label} is relative to ${root}`, { hint: `write ${example}` })];
  let depth = 0;
  for (const part of written.split(/[/\\]/)) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0)
      return [
        errorAt(path, 'value', `${label} lies outside of ${root}`, {
          hint: 'take the ".." out',
        }),
      ];
  }
  return [];
}

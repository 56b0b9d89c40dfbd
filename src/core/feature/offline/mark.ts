/** Stands in every file that the offline runner writes, and tells its own files from those of people and models. */
export const DERIVED_MARK = 'derived by rule, without a model, by the offline runner of murmur8';

/** Whether a file may be written anew: it was derived before, or it is not there. */
export function isDerived(text: string | undefined): boolean {
  return text === undefined || text.includes(DERIVED_MARK);
}

/** The sentence that says so, for Markdown files. */
export function derivedNote(briefPath: string): string {
  return `> This file was ${DERIVED_MARK}, from the brief \`${briefPath.replaceAll('`', '')}\`.`;
}

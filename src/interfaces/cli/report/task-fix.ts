import type { Fix } from '../../../compose/tasks/validate.ts';
import type { TaskValidationDocument } from '../../contract/task.ts';
import { oneLine } from './one-line.ts';
import { PLAIN, type Style } from './style.ts';
import { lineDiff } from './task-diff.ts';

const WIDEST = 300;

/** What is put right in one file: where it goes, and its lines before and after. */
export function fixAsText({ file, to, before, after }: Fix, style: Style): string {
  const name = style.bold(oneLine(file.shown, WIDEST));
  const head = to === undefined ? `${name}\n` : `${name} -> ${oneLine(to.shown, WIDEST)}\n`;
  return head + lineDiff(before, after, style);
}

/** The same for programs. */
export function fixDocument(
  { file, to, before, after }: Fix,
  applied: boolean,
): TaskValidationDocument['fixes'][number] {
  return { file: file.shown, to: to?.shown ?? null, diff: lineDiff(before, after, PLAIN), applied };
}

import { applySplices, type EditDocument, editDocument, type Splice } from './edit-document.ts';
import { withCommentsBelow } from './edit-map.ts';
import { sameValue } from './value-at.ts';

/** Ends an edit from any depth of its steps; `editFrontMatter` tells its message. */
export class Refusal extends Error {}

/** The document after an edit, which must say exactly what is expected; otherwise a `Refusal`. */
export function step(
  document: EditDocument,
  splices: readonly Splice[] | undefined,
  expected: unknown,
): EditDocument {
  if (splices === undefined) throw new Refusal('it is written in a form that cannot be edited safely');
  const next = outcome(document, splices, expected);
  if (next !== undefined) return next;
  throw new Refusal('it is written in a form that cannot be edited without changing something else');
}

/** The same where something is taken out. Comments below it stay, unless the text above would swallow them. */
export function stepOut(
  document: EditDocument,
  splices: readonly Splice[] | undefined,
  expected: unknown,
): EditDocument {
  const next = splices && outcome(document, splices, expected);
  return next ?? step(document, splices && withCommentsBelow(document.text, splices), expected);
}

function outcome(
  document: EditDocument,
  splices: readonly Splice[],
  expected: unknown,
): EditDocument | undefined {
  const next = editDocument(applySplices(document.text, splices), document.lineEnding);
  return 'message' in next || !sameValue(next.value, expected) ? undefined : next;
}

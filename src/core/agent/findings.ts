import { plainText, shorten } from './plain-text.ts';

const MOST_FINDINGS = 50;
const LONGEST_FINDING = 1_000;
/** Room for the mark with which a cut text ends. */
const CUT_AT = LONGEST_FINDING - 40;
const LONGEST_VARIABLE = 30_000;

/**
 * What a check says, as it may be kept and shown: one line each, without control characters and secrets, at most 50 of
 * 1,000 characters. Empty ones are left out.
 */
export function boundedFindings(findings: readonly string[], mask: (text: string) => string): string[] {
  const kept: string[] = [];
  let left = 0;
  for (const finding of findings) {
    // A line is enough to tell that there is one more.
    if (kept.length > MOST_FINDINGS) left += 1;
    else {
      const line = oneLine(mask(plainText(finding)));
      if (line !== '') kept.push(line.length > LONGEST_FINDING ? shorten(line, CUT_AT) : line);
    }
  }
  if (kept.length <= MOST_FINDINGS) return kept;
  const shown = kept.slice(0, MOST_FINDINGS - 1);
  return [...shown, `… and ${kept.length - shown.length + left} more findings`];
}

/** Findings for an environment variable, one per line; what does not fit is left out. Empty without any. */
export function findingsVariable(findings: readonly string[]): string {
  let text = '';
  for (const finding of findings) {
    const line = oneLine(plainText(finding));
    if (line === '') continue;
    const longer = text === '' ? line : `${text}\n${line}`;
    if (longer.length > LONGEST_VARIABLE) break;
    text = longer;
  }
  return text;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}

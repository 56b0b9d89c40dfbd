import type { Finding } from './finding.ts';
import { headingKey, isFilled, readLines, readSections } from './markdown.ts';

/** A handoff note has fewer lines than this. */
export const HANDOFF_LINE_LIMIT = 30;

export const HANDOFF_SECTIONS = [
  'Key Decisions',
  'Files Created',
  'Open Questions',
  'Critical Context',
] as const;

export interface Handoff {
  readonly for?: string;
  readonly feature?: string;
  readonly lineCount: number;
  /** Titles of the required sections that are there and filled. */
  readonly filled: readonly string[];
}

export function parseHandoff(text: string): Handoff {
  const lines = readLines(text.trimEnd());
  const sections = readSections(lines);
  const recipient = field(text, 'For');
  const feature = field(text, 'Feature');
  return {
    ...(recipient === undefined ? {} : { for: recipient }),
    ...(feature === undefined ? {} : { feature }),
    lineCount: lines.length,
    filled: HANDOFF_SECTIONS.filter((title) =>
      sections.some((section) => headingKey(section.title) === headingKey(title) && isFilled(section)),
    ),
  };
}

export interface HandoffCheck {
  readonly file: string;
  readonly text: string | undefined;
  readonly slug: string;
  /** The roles that may come next, the likeliest first, e.g. `Cass`. */
  readonly next: readonly string[];
}

/** The contract of a handoff note. */
export function checkHandoff({ file, text, slug, next }: HandoffCheck): Finding[] {
  if (text === undefined || text.trim() === '') {
    return [{ rule: 'handoff-missing', file, message: 'the handoff note does not exist or is empty' }];
  }
  const handoff = parseHandoff(text);
  const findings: Finding[] = [];
  if (handoff.lineCount >= HANDOFF_LINE_LIMIT) {
    const message = `has ${handoff.lineCount} lines; keep it under ${HANDOFF_LINE_LIMIT}`;
    findings.push({ rule: 'handoff-length', file, message });
  }
  const recipient = handoff.for?.toLowerCase() ?? '';
  if (!next.some((role) => recipient.includes(role.toLowerCase()))) {
    findings.push({ rule: 'handoff-for', file, message: `write the line "**For:** ${next[0] ?? ''}"` });
  }
  if (handoff.feature !== slug) {
    findings.push({ rule: 'handoff-feature', file, message: `write the line "**Feature:** ${slug}"` });
  }
  for (const title of HANDOFF_SECTIONS) {
    if (handoff.filled.includes(title)) continue;
    const message = `the heading "### ${title}" is missing or nothing stands under it; write "None" with a reason if so`;
    findings.push({ rule: 'handoff-heading', file, message });
  }
  return findings;
}

function field(text: string, name: string): string | undefined {
  const value = new RegExp(`^\\s*(?:[-*]\\s+)?\\*\\*${name}:?\\*\\*:?[ \\t]*(.*?)[ \\t]*\\r?$`, 'im').exec(
    text,
  )?.[1];
  return value === undefined || value === '' ? undefined : value.replace(/^`|`$/g, '');
}

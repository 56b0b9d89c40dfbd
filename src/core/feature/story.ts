import { type Criterion, checkCriteria, readCriteria } from './criteria.ts';
import type { Finding } from './finding.ts';
import { readLines, readSections } from './markdown.ts';

export interface Story {
  readonly title?: string;
  /** Does it say who wants what, and why? */
  readonly sentence: { readonly asA: boolean; readonly iWant: boolean; readonly soThat: boolean };
  readonly criteria: readonly Criterion[];
}

export function parseStory(text: string): Story {
  const lines = readLines(text);
  const prose = lines
    .filter((line) => !line.inert)
    .map((line) => line.text)
    .join(' ')
    .replace(/[*_>]/g, ' ')
    .replace(/\s+/g, ' ');
  const asA = /\bas an? \S/i.exec(prose);
  const iWant = asA === null ? null : /\bI (?:want|need|would like)\b/i.exec(prose.slice(asA.index));
  const after = asA === null || iWant === null ? '' : prose.slice(asA.index + iWant.index);
  const title = readSections(lines).find((section) => section.level === 1)?.title;
  return {
    ...(title === undefined ? {} : { title }),
    sentence: { asA: asA !== null, iWant: iWant !== null, soThat: /\bso that \S/i.test(after) },
    criteria: readCriteria(lines),
  };
}

/** The contract of one of cass's stories. */
export function checkStory(file: string, text: string): Finding[] {
  const story = parseStory(text);
  return [
    ...checkSentence(story, file),
    ...checkHasCriteria(story, file),
    ...checkCriteria(story.criteria, file),
  ];
}

function checkSentence(story: Story, file: string): Finding[] {
  const { asA, iWant, soThat } = story.sentence;
  const missing = [asA ? [] : ['As a …'], iWant ? [] : ['I want …'], soThat ? [] : ['so that …']].flat();
  if (missing.length === 0) return [];
  const message = `the story sentence lacks ${missing.map((part) => `"${part}"`).join(' and ')}, in this order: As a … I want … so that …`;
  return [{ rule: 'story-sentence', file, message }];
}

function checkHasCriteria(story: Story, file: string): Finding[] {
  if (story.criteria.length > 0) return [];
  return [
    { rule: 'story-criteria', file, message: 'there is no criterion AC-n with Given, When and Then lines' },
  ];
}

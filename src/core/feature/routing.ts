import { findEntry, findFrontmatter } from './frontmatter.ts';
import { headingKey, isFilled, readLines, readSections } from './markdown.ts';

export interface StoryRoute {
  readonly kind: 'technical' | 'user-facing';
  /** Whether cass writes stories. */
  readonly withStories: boolean;
  /** Why, for a person. */
  readonly reason: string;
}

const TECHNICAL =
  /\b(refactor\w*|migrat\w+|upgrad\w+|dependenc(?:y|ies)|infrastructure|pipeline|ci|build|tooling|logging|telemetry|cach(?:e|ing)|performance|schema|internal|module|library|api client|database|lint\w*|type ?checks?)\b/gi;
const USER_FACING =
  /\b(users?|customers?|visitors?|people|person|screen|page|button|form|dialog|click\w*|sees?|shown?|display\w*|sign(?:s|ed)? in|log(?:s|ged)? in|e-?mails?|message|notification|accessib\w+)\b/gi;

/**
 * Does this feature need stories? The specification's frontmatter decides (`kind: technical` or `kind: user-facing`);
 * where it says nothing, it shows by handing over to the story writer or by carrying criteria of its own; else the
 * words of intent, actors and behaviour are weighed. In doubt it gets stories: they cost a stage, while criteria that
 * nobody wrote cost the feature.
 */
export function routeStories(specification: string): StoryRoute {
  const declared = declaredKind(specification);
  if (declared !== undefined) {
    return route(declared, `the specification says kind: ${declared}`);
  }
  const sections = readSections(readLines(specification)).filter((section) => section.level === 2);
  const filled = (key: string): boolean =>
    sections.some((section) => headingKey(section.title).startsWith(key) && isFilled(section));
  if (filled('handover')) return route('user-facing', 'it hands over to the story writer');
  if (filled('acceptance criteria')) return route('technical', 'it carries its acceptance criteria itself');
  const text = relevantText(specification);
  const technical = distinct(text, TECHNICAL);
  const userFacing = distinct(text, USER_FACING);
  if (technical.length > userFacing.length) {
    return route('technical', `it speaks of ${listed(technical)} and ${against(userFacing)}`);
  }
  if (userFacing.length === 0) return route('user-facing', 'nothing in it says otherwise');
  return route('user-facing', `it speaks of ${listed(userFacing)}`);
}

function route(kind: StoryRoute['kind'], reason: string): StoryRoute {
  return { kind, withStories: kind === 'user-facing', reason };
}

function declaredKind(text: string): StoryRoute['kind'] | undefined {
  const block = findFrontmatter(text);
  const value = block === undefined ? undefined : findEntry(text, block, 'kind')?.value.toLowerCase();
  return value === 'technical' || value === 'user-facing' ? value : undefined;
}

const RELEVANT = ['feature intent', 'actors', 'behaviour', 'scope'];

function relevantText(specification: string): string {
  const lines = readLines(specification);
  const sections = readSections(lines).filter(
    (section) => section.level === 2 && RELEVANT.some((key) => headingKey(section.title).startsWith(key)),
  );
  const chosen = sections.length === 0 ? lines : sections.flatMap((section) => section.lines);
  return chosen
    .filter((line) => !line.inert && !/^ {0,3}#/.test(line.text))
    .map((line) => line.text)
    .join('\n');
}

function distinct(text: string, words: RegExp): string[] {
  return [...new Set([...text.matchAll(words)].map((match) => match[0].toLowerCase()))];
}

function listed(words: readonly string[]): string {
  return words.slice(0, 4).join(', ');
}

function against(words: readonly string[]): string {
  return words.length === 0 ? 'of nobody who uses it' : `less of people (${listed(words)})`;
}

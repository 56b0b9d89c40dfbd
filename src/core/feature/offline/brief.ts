import { type Example, readExample } from './example.ts';
import { kebab, plainWords } from './plain-words.ts';

/** One thing that the brief asks for. */
export interface Wish {
  /** In plain words, on one line. */
  readonly text: string;
  /** Present when it is an example, which can be checked. */
  readonly example?: Example;
}

export interface BriefSection {
  readonly title: string;
  readonly wishes: readonly Wish[];
}

export interface Brief {
  readonly title: string;
  /** First sentences, in plain words. */
  readonly summary: string;
  /** Sections that ask for something, each with at least one wish; never empty. */
  readonly sections: readonly BriefSection[];
  /** What the brief says is not to be done. */
  readonly outOfScope: readonly string[];
  /** How many wishes were left out because there were too many. */
  readonly leftOut: number;
}

/** Most wishes that are turned into criteria. */
export const MAX_WISHES = 200;
const MAX_TEXT = 1_000_000;
const OUT_OF_SCOPE = /\b(out of scope|non-?goals?|not in scope|excluded|won'?t)\b/i;
const BACKGROUND = /\b(background|context|notes?|motivation|why|references?|links?|glossary)\b/i;
const EXAMPLES = /\bexamples?\b/i;

interface OpenSection {
  title: string;
  kind: 'wishes' | 'background' | 'out-of-scope';
  examples: boolean;
  bullets: Wish[];
  prose: string[];
}

/** Takes any text apart by rule; a text without headings or bullets still yields one section with one wish. */
export function readBrief(text: string, slug: string): Brief {
  const { title, sections } = readOpenSections(text.slice(0, MAX_TEXT));
  const prose = sections
    .filter((section) => section.kind !== 'out-of-scope')
    .flatMap((section) => section.prose);
  const name = title ?? titleFrom(slug);
  const wanted = sections.filter((section) => section.kind === 'wishes');
  const all = distinctTitles(
    wanted
      .filter((section) => section.bullets.length > 0)
      .map(({ title: own, bullets }) => ({ title: own || name, wishes: bullets })),
  );
  const found = all.length > 0 ? all : [{ title: name, wishes: fromProse(wanted, name) }];
  const { kept, leftOut } = limit(found);
  return {
    title: name,
    summary: plainWords(prose.join(' '), 400) || `The brief gives no more than its title: ${name}.`,
    sections: kept,
    outOfScope: sections
      .filter((section) => section.kind === 'out-of-scope')
      .flatMap((section) => [
        ...section.bullets.map((wish) => wish.text),
        ...section.prose.map((line) => plainWords(line)),
      ])
      .filter((line) => line !== '')
      .slice(0, 20),
    leftOut,
  };
}

function readOpenSections(text: string): { title: string | undefined; sections: OpenSection[] } {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  let title: string | undefined;
  let current: OpenSection = { title: '', kind: 'wishes', examples: false, bullets: [], prose: [] };
  const sections = [current];
  let fenced = false;
  for (const line of lines) {
    if (/^\s*(?:```|~~~)/.test(line)) {
      fenced = !fenced;
      continue;
    }
    const heading = fenced ? undefined : /^ {0,3}(#{1,6})\s+(.*)$/.exec(line);
    if (heading) {
      const words = plainWords(heading[2] ?? '', 80);
      if (words === '') continue;
      if (title === undefined && heading[1] === '#') {
        title = words;
        continue;
      }
      const kind = OUT_OF_SCOPE.test(words)
        ? 'out-of-scope'
        : BACKGROUND.test(words)
          ? 'background'
          : 'wishes';
      current = { title: words, kind, examples: EXAMPLES.test(words), bullets: [], prose: [] };
      sections.push(current);
      continue;
    }
    readLine(line, current, fenced);
  }
  return { title, sections };
}

function readLine(line: string, section: OpenSection, fenced: boolean): void {
  if (line.trim() === '') return;
  const example = fenced && !section.examples ? undefined : readExample(line, section.examples);
  const words = plainWords(line.replace(/^\s*(?:[-*+]\s+|\d+[.)]\s+)(?:\[[ xX]\]\s+)?/, ''));
  if (example !== undefined && section.kind === 'wishes') {
    section.bullets.push({ text: words, example });
    return;
  }
  if (words === '' || fenced) return;
  if (/^\s*(?:[-*+]|\d+[.)])\s+/.test(line)) {
    section.bullets.push({ text: words });
    return;
  }
  if (EXAMPLES.test(line) && line.trimEnd().endsWith(':')) section.examples = true;
  else section.prose.push(line.slice(0, 2000));
}

/** Without bullets and examples, each paragraph line is a wish. */
function fromProse(sections: readonly OpenSection[], name: string): Wish[] {
  const wishes = sections
    .flatMap((section) => section.prose)
    .map((line) => ({ text: plainWords(line) }))
    .filter(({ text }) => text !== '');
  return wishes.length > 0 ? wishes : [{ text: name }];
}

function distinctTitles(sections: readonly BriefSection[]): BriefSection[] {
  const byName = new Map<string, { title: string; wishes: Wish[] }>();
  for (const section of sections) {
    const key = kebab(section.title) || section.title.toLowerCase();
    const known = byName.get(key);
    if (known === undefined) byName.set(key, { title: section.title, wishes: [...section.wishes] });
    else known.wishes.push(...section.wishes);
  }
  return [...byName.values()];
}

function limit(sections: readonly BriefSection[]): { kept: BriefSection[]; leftOut: number } {
  let room = MAX_WISHES;
  const kept = sections.flatMap((section) => {
    const wishes = section.wishes.slice(0, room);
    room -= wishes.length;
    return wishes.length === 0 ? [] : [{ ...section, wishes }];
  });
  const total = sections.reduce((sum, section) => sum + section.wishes.length, 0);
  return { kept, leftOut: total - (MAX_WISHES - room) };
}

function titleFrom(slug: string): string {
  const words = slug.replaceAll('-', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** One line of Markdown with what is around it. */
export interface MarkdownLine {
  readonly text: string;
  /** From one. */
  readonly number: number;
  /** Inside a code fence, an HTML comment or the frontmatter: content that states nothing. */
  readonly inert: boolean;
  /** Inside a code fence. */
  readonly fenced: boolean;
}

/** A heading with everything down to the next heading of the same or a higher level. */
export interface MarkdownSection {
  readonly title: string;
  readonly level: number;
  readonly line: number;
  readonly lines: readonly MarkdownLine[];
}

/** Lines of a text with CRLF and BOM taken off. */
export function readLines(text: string): MarkdownLine[] {
  const raw = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const lines: MarkdownLine[] = [];
  let fence: string | undefined;
  let comment = false;
  let front = raw[0]?.trimEnd() === '---' && raw.slice(1).some((line) => line.trimEnd() === '---');
  for (const [index, line] of raw.entries()) {
    const number = index + 1;
    if (front) {
      lines.push({ text: line, number, inert: true, fenced: false });
      if (index > 0 && line.trimEnd() === '---') front = false;
      continue;
    }
    const marker = comment ? undefined : /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== undefined) {
      lines.push({ text: line, number, inert: true, fenced: true });
      if (marker !== undefined && closes(marker, fence, line)) fence = undefined;
      continue;
    }
    if (
      marker !== undefined &&
      !(marker.startsWith('`') && line.slice(line.indexOf(marker) + marker.length).includes('`'))
    ) {
      fence = marker;
      lines.push({ text: line, number, inert: true, fenced: true });
      continue;
    }
    const opens = comment || /^\s*<!--/.test(line);
    if (opens) comment = !line.includes('-->');
    lines.push({ text: line, number, inert: opens, fenced: false });
  }
  return lines;
}

function closes(marker: string, fence: string, line: string): boolean {
  return marker[0] === fence[0] && marker.length >= fence.length && line.trim() === marker;
}

/** Every heading of the text (`#` form) with its section, in order. */
export function readSections(lines: readonly MarkdownLine[]): MarkdownSection[] {
  const headings = lines.flatMap((line, index) => {
    const match = line.inert ? null : /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$/.exec(line.text);
    return match === null
      ? []
      : [{ title: match[2] ?? '', level: match[1]?.length ?? 1, line: line.number, index }];
  });
  return headings.map(({ title, level, line, index }) => {
    const next = headings.find((other) => other.index > index && other.level <= level);
    return { title, level, line, lines: lines.slice(index + 1, next?.index ?? lines.length) };
  });
}

/** A heading without its number, marks and case, `&` spelled out: what two people would both have meant. */
export function headingKey(title: string): string {
  return title
    .toLowerCase()
    .replace(/&/g, ' and ')
    .replace(/[*_`]/g, '')
    .replace(/^\s*\d+(\.\d+)*[.)]?\s+/, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

const PLACEHOLDER = /^(?:<[^>]*>|\[[^\]]*\]|\{\{[^}]*\}\}|todo|tbd|fixme|\.{3}|…|n\/?a|-+)[.:!]?$/i;

/** Does the section say anything beyond headings, rules, comments and the template's placeholders? */
export function isFilled(section: MarkdownSection): boolean {
  return section.lines.some((line) => {
    if (line.fenced) return !/^\s*(?:`{3,}|~{3,})/.test(line.text) && line.text.trim() !== '';
    if (line.inert || /^ {0,3}#{1,6}\s/.test(line.text)) return false;
    const content = line.text
      .replace(/^[\s>*+-]*(?:\d+[.)]\s+)?/, '')
      .replace(/[*_`]/g, '')
      .trim();
    if (content === '' || /^\|?[\s|:-]*\|?$/.test(content)) return false;
    return !PLACEHOLDER.test(content) && !/^[^:]{1,60}:\s*(?:<[^>]*>|todo|tbd)$/i.test(content);
  });
}

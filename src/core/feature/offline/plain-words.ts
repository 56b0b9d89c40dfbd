/**
 * Text of a brief made harmless for Markdown that is checked by rule: one line, no table bars, fences, headings, ids
 * or placeholders of its own, and not longer than a reader wants.
 */
export function plainWords(text: string, maxLength = 200): string {
  const plain = text
    .replace(/<!--[\s\S]*?(?:-->|$)/g, ' ')
    .replace(/<\/?[A-Za-z][^<>]*>/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[`*_|<>[\]{}\\]+/g, ' ')
    .replace(/\b(AC|T)-(?=[A-Z0-9])/g, '$1 ')
    .replace(/\bstory-/gi, 'story ')
    .replace(/\bFEATURE_SPEC\b/g, 'feature spec')
    .replace(/^[\s#>+~=.:-]+/, '')
    .replace(/\s+/g, ' ')
    .trim();
  return clip(plain, maxLength);
}

/** Cut between characters, with an ellipsis. */
export function clip(text: string, maxLength: number): string {
  const characters = [...text];
  return characters.length > maxLength ? `${characters.slice(0, maxLength - 1).join('')}…` : text;
}

/** A value as the brief's example has it, on one line and short enough for a title. */
export function shownValue(value: unknown, maxLength = 60): string {
  return clip(
    JSON.stringify(value)
      .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}`|]/gu, ' ')
      .replace(/\b(AC|T)-(?=[A-Z0-9])/g, '$1 ')
      .replace(/<!--/g, '< !--')
      .replace(/\{\{/g, '{ {'),
    maxLength,
  );
}

/** Lower-case words joined by hyphens, for file names; empty when nothing is left. */
export function kebab(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
}

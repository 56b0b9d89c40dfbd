import type { ChalkInstance } from 'chalk';

/** What colour stands for; words and glyphs say the same, so that nothing is lost without it. */
export type Style = Readonly<Record<'bold' | 'dim' | 'green' | 'red' | 'yellow', (text: string) => string>>;

const same = (text: string): string => text;

/** No colour at all. */
export const PLAIN: Style = { bold: same, dim: same, green: same, red: same, yellow: same };

/**
 * The style of a stream: colour on a terminal, unless NO_COLOR; FORCE_COLOR decides over both. The library is loaded
 * only where there is something to colour: it would cost a short command a tenth of its time.
 */
export async function styleFor(stream: { readonly isTTY?: boolean }): Promise<Style> {
  if (!wantsColour(process.env, stream.isTTY === true)) return PLAIN;
  const { Chalk } = await import('chalk');
  return coloured(new Chalk({ level: 1 }));
}

export function wantsColour(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  return isTerminal && env['TERM'] !== 'dumb';
}

/**
 * Text from a file or an agent, safe to print: control characters (escape sequences, line ends) and those that
 * turn the direction of writing are shown as their code.
 */
export function harmless(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function coloured({ bold, dim, green, red, yellow }: ChalkInstance): Style {
  return { bold, dim, green, red, yellow };
}

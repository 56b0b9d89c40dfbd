/**
 * What colour stands for; words and glyphs say the same, so that nothing is lost without it.
 * By hand, because loading a package for five codes takes a fifth of the time of a short command.
 */
export interface Style {
  bold(text: string): string;
  green(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
}

const PLAIN: Style = { bold: same, green: same, red: same, yellow: same };
const COLOURED: Style = {
  bold: (text) => `\u001b[1m${text}\u001b[22m`,
  green: (text) => `\u001b[32m${text}\u001b[39m`,
  red: (text) => `\u001b[31m${text}\u001b[39m`,
  yellow: (text) => `\u001b[33m${text}\u001b[39m`,
};

/** The style of a stream: colour on a terminal, unless NO_COLOR; FORCE_COLOR decides over both. */
export function styleFor(stream: { readonly isTTY?: boolean }): Style {
  return wantsColour(process.env, stream.isTTY === true) ? COLOURED : PLAIN;
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

function same(text: string): string {
  return text;
}

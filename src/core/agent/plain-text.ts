/** Terminal sequences: OSC, DCS and their kin up to their end, CSI, and two-character escapes. */
const TERMINAL_SEQUENCES =
  /(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?/g;

/** Controls except tab and line feed, and the marks that reorder what a reader sees. */
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Output of a program as it may be shown or logged: without terminal escapes and control characters.
 * To be applied before masking: an escape in the middle of a secret must not hide it from the masker.
 */
export function plainText(text: string): string {
  return text
    .replace(TERMINAL_SEQUENCES, '')
    .replace(/\r(?=\n|$)/g, '')
    .replace(/\r/g, ' ')
    .replace(CONTROLS, '');
}

/** The beginning of a text, with a visible mark where it was cut. `limit` counts UTF-16 units. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const kept = text.slice(0, limit);
  const whole = /[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept;
  return `${whole}… [${text.length - whole.length} more characters]`;
}

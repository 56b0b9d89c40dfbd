import { formsOf } from './secret-forms.ts';
import { isNoWord } from './secret-lines.ts';

/** What stands in the place of a secret. */
const MASK = '***';

/** Shorter values would hit ordinary words and mangle every line. */
const MIN_SECRET_LENGTH = 8;

const SECRET_NAME =
  /KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|(?:^|_)(?:PASS|PAT|DSN|COOKIE|WEBHOOK)(?:_|$)/i;

/**
 * Shapes of keys that are worth hiding even if nobody told us their value. Every repetition is bounded or
 * begins at a fixed prefix, so that a line of megabytes stays linear.
 */
const KEY_PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\bsk-[A-Za-z0-9_-]{16,}/g, MASK],
  [/\b(?:gh[opusr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{20,})/g, MASK],
  [/\bnpm_[A-Za-z0-9]{30,}/g, MASK],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, MASK],
  [/\bAIza[0-9A-Za-z_-]{35}/g, MASK],
  [/\bxox[a-z]-[A-Za-z0-9-]{10,}/g, MASK],
  [/\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g, MASK],
  [/\b(aws_secret_access_key["']?\s{0,4}[=:]\s{0,4}["']?)[A-Za-z0-9/+]{20,}/gi, `$1${MASK}`],
  [/(\/:_(?:authToken|auth|password)\s{0,4}=\s{0,4}["']?)[^\s"'\\$]{8,}/g, `$1${MASK}`],
  [/\b(Bearer\s{1,4})[A-Za-z0-9._~+/=-]{8,}/gi, `$1${MASK}`],
  [/:\/\/[^\s/@:"'\\]{0,256}:[^\s/@"'\\]{1,512}@/g, `://${MASK}@`],
];

const KEY_BLOCK_BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----/g;
const KEY_BLOCK_END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----/g;
const KEY_BODY_LINE = /^\s*(?:[A-Za-z0-9+/=]*|[A-Za-z-]+: .*)\s*$/;

/** Values of variables whose names look secret, out of an environment or a parsed `.env`. */
export function secretValues(variables: Readonly<Record<string, string | undefined>>): readonly string[] {
  const found: string[] = [];
  for (const [name, value] of Object.entries(variables)) {
    if (value !== undefined && SECRET_NAME.test(name) && value.length >= MIN_SECRET_LENGTH) found.push(value);
  }
  return found;
}

/**
 * Hides known secret values (also as they stand inside JSON and in the usual encodings) and common key shapes in a text.
 * It does not see a secret that was encoded twice, compressed, or taken apart.
 */
export function createMasker(secrets: readonly string[]): (text: string) => string {
  const values = valuesOf(secrets);
  const known = values.length === 0 ? undefined : patternOf(values);
  return (text) => {
    if (text.length < MIN_SECRET_LENGTH - 1) return text;
    let masked = maskKeyBlocks(text);
    if (known !== undefined) masked = maskBeforeCut(masked.replace(known, MASK), values);
    for (const [pattern, replacement] of KEY_PATTERNS) masked = masked.replace(pattern, replacement);
    return masked;
  };
}

/** The same for values that may be names of something: hides known secrets that are no words, and no mere shapes. */
export function createValueMasker(secrets: readonly string[]): (value: string) => string {
  const values = valuesOf(secrets.filter(isNoWord));
  const known = values.length === 0 ? undefined : patternOf(values);
  return (value) => (known === undefined ? value : value.replace(known, MASK));
}

/** The same for one stream that arrives line by line: also hides the lines of a private key's body. */
export function createLineMasker(mask: (text: string) => string): (line: string) => string {
  let insideKey = false;
  return (line) => {
    if (insideKey) {
      insideKey = KEY_BODY_LINE.test(line);
      if (insideKey) return MASK;
      if (line.search(KEY_BLOCK_END) >= 0) return MASK;
    }
    insideKey = opensKey(line);
    return mask(line);
  };
}

/** In every form in which they may be met, the longest first. */
function valuesOf(secrets: readonly string[]): readonly string[] {
  const values = new Set<string>();
  for (const secret of secrets) {
    for (const line of secret.split(/\r?\n/)) {
      const value = line.trim();
      if (value.length >= MIN_SECRET_LENGTH) for (const form of formsOf(value)) values.add(form);
    }
    // Encoded as a whole its lines have other forms.
    if (secret.includes('\n')) for (const form of formsOf(secret)) values.add(form);
  }
  return [...values].sort((a, b) => b.length - a.length);
}

function patternOf(values: readonly string[]): RegExp {
  return new RegExp(values.map((value) => value.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
}

/** Where a text is cut, as `shorten` and the limits on output cut it. */
const CUT = /… ?(?:\[[^\]]{1,60}\])?$/;

/** Of a secret in which a text was cut its beginning is left, which nobody else would know again. */
function maskBeforeCut(text: string, values: readonly string[]): string {
  if (!text.endsWith('…') && !text.endsWith(']')) return text;
  const end = text.search(CUT);
  if (end < 0) return text;
  for (const value of values) {
    const from = Math.max(0, end - value.length + 1);
    const near = text.slice(from, end);
    const begin = near.indexOf(value.slice(0, MIN_SECRET_LENGTH));
    if (begin >= 0 && value.startsWith(near.slice(begin)))
      return `${text.slice(0, from + begin)}${MASK}${text.slice(end)}`;
  }
  return text;
}

/** A block without an end, as in output that was cut, is hidden as far as it looks like a key. */
function maskKeyBlocks(text: string): string {
  if (!text.includes('-----BEGIN ')) return text;
  let result = '';
  let position = 0;
  for (const begin of text.matchAll(KEY_BLOCK_BEGIN)) {
    if (begin.index < position) continue;
    const bodyAt = begin.index + begin[0].length;
    result += text.slice(position, begin.index) + MASK;
    position = endOfKey(text, bodyAt);
  }
  return result + text.slice(position);
}

function endOfKey(text: string, bodyAt: number): number {
  const body = /(?:\\[nr]|[A-Za-z0-9+/=\s])*/y;
  body.lastIndex = bodyAt;
  body.test(text);
  const afterBody = Math.max(body.lastIndex, bodyAt);
  const end = new RegExp(KEY_BLOCK_END.source, 'g');
  end.lastIndex = bodyAt;
  const found = end.exec(text.slice(0, afterBody + 16_384));
  return found === null ? afterBody : found.index + found[0].length;
}

function opensKey(line: string): boolean {
  const begin = line.search(KEY_BLOCK_BEGIN);
  return begin >= 0 && line.slice(begin).search(KEY_BLOCK_END) < 0;
}

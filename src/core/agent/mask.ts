/** What stands in the place of a secret. */
const MASK = '***';

/** Shorter values would hit ordinary words and mangle every line. */
const MIN_SECRET_LENGTH = 8;

const SECRET_NAME = /KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL/i;

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
 * Hides known secret values (also as they stand inside JSON) and common key shapes in a text.
 * It does not see a secret that was encoded otherwise, e.g. in base64.
 */
export function createMasker(secrets: readonly string[]): (text: string) => string {
  const known = knownValues(secrets);
  return (text) => {
    let masked = maskKeyBlocks(text);
    if (known !== undefined) masked = masked.replace(known, MASK);
    for (const [pattern, replacement] of KEY_PATTERNS) masked = masked.replace(pattern, replacement);
    return masked;
  };
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

function knownValues(secrets: readonly string[]): RegExp | undefined {
  const values = new Set<string>();
  for (const secret of secrets) {
    for (const line of secret.split(/\r?\n/)) {
      const value = line.trim();
      if (value.length < MIN_SECRET_LENGTH) continue;
      values.add(value);
      values.add(JSON.stringify(value).slice(1, -1));
    }
  }
  if (values.size === 0) return undefined;
  const longestFirst = [...values].sort((a, b) => b.length - a.length);
  return new RegExp(
    longestFirst.map((value) => value.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'),
    'g',
  );
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

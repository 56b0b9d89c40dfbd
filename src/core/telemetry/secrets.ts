import { endpointKind } from './endpoint.ts';

const SECRET_NAME =
  /SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|TOKEN|API_?KEY|(?:^|_)KEY$|(?:ACCESS|PRIVATE|AUTH|SIGNING|ENCRYPTION)_?KEY|(?:^|_)(?:PASS|AUTH|DSN)$/i;
/** Names of this form say where a secret lies, or how long, not what it is. */
const NOT_THE_SECRET = /(?:_PATH|_FILE|_DIR|_SOCK|_LIMIT|_COUNT|_MAX|MAX_TOKENS|_TOKENS|_TTL|_TYPE|_NAME)$/i;
/** Shorter values occur by chance in any text. */
const SHORTEST_SECRET = 8;
const REDACTED = '[redacted]';

/** Values that must never leave this machine: those of secret-looking variables, and passwords inside addresses. */
export function secretValues(environment: Readonly<Record<string, string | undefined>>): string[] {
  const found = new Set<string>();
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) continue;
    const candidates = SECRET_NAME.test(name) && !NOT_THE_SECRET.test(name) ? [value.trim()] : [];
    const password = endpointKind(value) === 'malformed' ? undefined : passwordOf(value);
    for (const candidate of [...candidates, ...(password ?? [])]) {
      if (candidate.length >= SHORTEST_SECRET) found.add(candidate);
    }
  }
  return longestFirst([...found]);
}

/** The same value with every secret inside its texts replaced; keys of objects too. */
export function redacted<T>(value: T, secrets: readonly string[]): T {
  return secrets.length === 0 ? value : (redact(value, longestFirst([...secrets])) as T);
}

function redact(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string')
    return secrets.reduce((text, secret) => text.replaceAll(secret, REDACTED), value);
  if (Array.isArray(value)) return value.map((entry) => redact(entry, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [String(redact(key, secrets)), redact(entry, secrets)]),
  );
}

/** As written and as decoded, since either form may turn up in a text. */
function passwordOf(address: string): string[] | undefined {
  const password = /^[a-z]+:\/\/[^/?#:@]*:([^/?#]*)@/i.exec(address.trim())?.[1];
  if (password === undefined) return undefined;
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}

/** A secret that contains another one must go first, or its rest would stay. */
function longestFirst(secrets: string[]): string[] {
  return secrets.sort((one, other) => other.length - one.length);
}

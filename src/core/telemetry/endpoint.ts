/** Where payloads go and what opens the door there; null where not set. */
export interface TelemetryConfig {
  readonly url: string | null;
  readonly key: string | null;
}

/** What can be said of an address before anything is sent there. */
export type EndpointKind = 'https' | 'http-local' | 'http' | 'malformed';

export function endpointKind(url: string): EndpointKind {
  const match = /^(https?):\/\/([^/?#]*@)?(\[[0-9a-f:.]+\]|[^/?#:@[\]]+)(?::[0-9]{1,5})?(?:[/?#]|$)/i.exec(
    url.trim(),
  );
  if (match === null || /\s/.test(url.trim())) return 'malformed';
  if (match[1]?.toLowerCase() === 'https') return 'https';
  return isLoopback(match[3] ?? '') ? 'http-local' : 'http';
}

/** The address as it may be shown: user, password, the values of its query and its fragment are hidden. */
export function shownUrl(url: string, key: string | null): string {
  const shown = url
    .replace(/^([^/?#]*:\/\/)?[^/?#]*@/, (_whole, scheme: string | undefined) => `${scheme ?? ''}***@`)
    .replace(/([?&][^=&#]*=)[^&#]*/g, '$1***')
    .replace(/#.*$/s, '#***')
    .replace(UNPRINTABLE, '?');
  return key === null ? shown : shown.replaceAll(key, '****');
}
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f]/g;

/**
 * The key as it may be shown: its last four characters, after a prefix that names only its kind. A key with fewer
 * than eight characters is hidden whole, and so is a prefix that would leave fewer than eight.
 */
export function maskedKey(key: string | null): string {
  if (key === null || key === '') return 'not set';
  if (key.length < SHORTEST_SHOWN) return '****';
  const prefix = KNOWN_PREFIXES.find((known) => key.startsWith(known)) ?? '';
  const kept = key.length - prefix.length >= SHORTEST_SHOWN ? prefix : '';
  return `${kept}****${key.slice(-4).replace(UNPRINTABLE, '?')}`;
}
const SHORTEST_SHOWN = 8;
const KNOWN_PREFIXES = [
  'sk-ant-',
  'sk-proj-',
  'sk_live_',
  'sk_test_',
  'sk-',
  'pk-',
  'rk-',
  'ghp_',
  'gho_',
  'ghs_',
  'github_pat_',
  'glpat-',
  'xoxb-',
  'xoxp-',
  'key-',
];

/** A remote's address without user name, password, query and fragment. `git@host:path` names no secret and stays. */
export function repositoryWithoutCredentials(address: string): string {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(address.trim());
  if (match === null) return address.trim();
  const rest = match[2] ?? '';
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? '';
  // A password with an unescaped slash makes the part before it look like a host with a strange port.
  const end =
    /:(?![0-9]*$)/.test(authority) && !authority.includes('@')
      ? rest.lastIndexOf('@')
      : authority.lastIndexOf('@');
  return `${match[1] ?? ''}${rest.slice(end + 1).replace(/[?#].*$/s, '')}`;
}

function isLoopback(host: string): boolean {
  return /^(localhost|.*\.localhost|127(\.[0-9]{1,3}){3}|\[::1\])$/i.test(host);
}

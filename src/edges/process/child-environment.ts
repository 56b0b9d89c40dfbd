/** What a program needs to start, and to find its tools, its network and its language. Nothing that is a key. */
const PASSED = new Set([
  ...['PATH', 'HOME', 'LANG', 'LANGUAGE', 'TZ', 'USER', 'LOGNAME', 'SHELL', 'CI'],
  ...[
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
    'ALL_PROXY',
    'http_proxy',
    'https_proxy',
    'no_proxy',
    'all_proxy',
  ],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'],
  ...[
    'JAVA_HOME',
    'GOPATH',
    'GOROOT',
    'GOCACHE',
    'GOMODCACHE',
    'GOPROXY',
    'GOFLAGS',
    'CARGO_HOME',
    'RUSTUP_HOME',
  ],
  ...['VIRTUAL_ENV', 'PYENV_ROOT', 'NVM_DIR', 'VOLTA_HOME', 'PNPM_HOME', 'BUN_INSTALL', 'RBENV_ROOT'],
]);

const PASSED_PREFIXES = ['LC_', 'XDG_'];

/** Names that the user lets through besides, divided by commas. */
const USER_LIST = 'MURMUR8_PASS_ENV';

/**
 * The environment of a child, by allow-list: nothing is inherited by accident. `extra` wins; it holds what the
 * runner itself needs, such as the one key of its model service and TMPDIR.
 */
export function childEnvironment(
  parent: Readonly<Record<string, string | undefined>>,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  const named = new Set((parent[USER_LIST] ?? '').split(',').map((name) => name.trim()));
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(parent)) {
    const passed =
      PASSED.has(name) || named.has(name) || PASSED_PREFIXES.some((start) => name.startsWith(start));
    if (passed && value !== undefined) environment[name] = value;
  }
  return { ...environment, TERM: 'dumb', NO_COLOR: '1', ...extra };
}

/**
 * What belongs to this program or is a secret, at any depth: never part of a checkpoint, a diff or a commit,
 * and never touched by a restore, whether or not the project ignores it.
 */
const PRIVATE_GLOBS = [
  '**/.claude/runs',
  '**/.claude/worktrees',
  '**/.worktrees',
  '**/.claude/telemetry-*',
  '**/.claude/pipeline-history*',
  '**/.claude/.*-lock',
  '**/.env',
  // A glob ends at the directory itself; what is below needs its own.
].flatMap((glob) => [glob, `${glob}/**`]);

const PRIVATE_PATH =
  /(^|\/)(\.claude\/(runs|worktrees|telemetry-[^/]*|pipeline-history[^/]*|\.[^/]*-lock)|\.worktrees|\.env)(\/|$)/;

/**
 * Is this path (relative to the root, forward slashes) private, or below one of the additional private directories?
 * One that begins with two stars and a slash is a glob of files at any depth, of words, `*` and `[…]`.
 */
export function isPrivatePath(path: string, additional: readonly string[] = []): boolean {
  return PRIVATE_PATH.test(path) || additional.some((entry) => isWithin(path, entry));
}

/** Pathspecs that select everything private. */
export function privatePathspecs(additional: readonly string[] = []): string[] {
  return [
    ...PRIVATE_GLOBS.map((glob) => `:(top,glob)${glob}`),
    ...additional.map((path) => `:(top,${isGlob(path) ? 'glob' : 'literal'})${path}`),
  ];
}

/** Pathspecs that select everything but the private. */
export function publicPathspecs(additional: readonly string[] = []): string[] {
  return [
    ':/',
    ...PRIVATE_GLOBS.map((glob) => `:(top,exclude,glob)${glob}`),
    ...additional.map((path) => `:(top,exclude,${isGlob(path) ? 'glob' : 'literal'})${path}`),
  ];
}

function isGlob(entry: string): boolean {
  return entry.startsWith('**/');
}

function isWithin(path: string, entry: string): boolean {
  if (!isGlob(entry)) return path === entry || path.startsWith(`${entry}/`);
  const pattern = entry.slice(3).replaceAll('.', '\\.').replaceAll('*', '[^/]*');
  return new RegExp(`^(?:.*/)?${pattern}$`).test(path);
}

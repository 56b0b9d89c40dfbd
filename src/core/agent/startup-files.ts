/** A place in a directory of the project from which some agent takes code to run or its rights, when it starts. */
interface StartupPlace {
  /** Relative to the directory, with forward slashes. */
  readonly path: string;
  readonly form: 'file' | 'tree';
  /** Runners of ours that really read it, as they are started (facts: measured with the versions they were made for). */
  readonly readBy: readonly string[];
}

/**
 * Hooks, servers, plugins, permissions. Texts that only instruct (AGENTS.md, skills, commands) are the project's, and
 * are looked at with the rest of the changes.
 */
export const STARTUP_PLACES: readonly StartupPlace[] = [
  // Claude Code reads none of its own as it is started here; other programs that contain it do.
  { path: '.claude/settings.json', form: 'file', readBy: [] },
  { path: '.claude/settings.local.json', form: 'file', readBy: [] },
  { path: '.claude/hooks', form: 'tree', readBy: [] },
  { path: '.claude/plugins', form: 'tree', readBy: [] },
  { path: '.mcp.json', form: 'file', readBy: [] },
  // Codex takes no notice of a project that it is told not to trust.
  { path: '.codex', form: 'tree', readBy: [] },
  { path: '.gemini', form: 'tree', readBy: ['gemini'] },
  { path: '.opencode', form: 'tree', readBy: ['opencode'] },
  { path: 'opencode.json', form: 'file', readBy: ['opencode'] },
  { path: 'opencode.jsonc', form: 'file', readBy: ['opencode'] },
  { path: '.cursor', form: 'tree', readBy: [] },
  { path: '.qwen', form: 'tree', readBy: [] },
];

/** Opencode itself puts these beside the plugins of a project, whenever it starts. */
const OF_THE_AGENT_ITSELF =
  /(?:^|\/)\.opencode\/(?:node_modules(?:\/|$)|(?:package|package-lock)\.json$|bun\.lockb?$|\.gitignore$)/;

/** False for what an agent writes into such a place by itself. */
export function countsAsStartupFile(path: string): boolean {
  return !OF_THE_AGENT_ITSELF.test(path);
}

/**
 * Would an agent of this runner take notice of the file? Of a program that is not known, such as that of
 * `acp:<command>`, it has to be expected of every one.
 *
 * @param path relative to the root of the project, with forward slashes
 */
export function readsAtStart(runner: string, path: string): boolean {
  if (runner === 'offline') return false;
  if (runner.startsWith('acp:') || runner.startsWith('command:')) return true;
  return STARTUP_PLACES.some(
    (place) => place.readBy.includes(runner) && `/${path}/`.includes(`/${place.path}/`),
  );
}

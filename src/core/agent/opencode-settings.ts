import { roleRights } from './role-rights.ts';

/** The agent that we define, so that no rule of another one counts. */
export const OPENCODE_AGENT = 'murmur8';

type Action = 'allow' | 'deny';
type Rule = Action | Readonly<Record<string, Action>>;

/**
 * Settings of one session, on top of the user's own: an agent with the rights of the role. Nothing is left to be
 * asked, for a question that nobody answers ends the session as if all were well.
 *
 * @param temporaryDir absolute, outside of the project
 * @param ownFiles every form in which opencode may name the files that every role may write
 * @param plugin address of our plugin's file; it comes after those of the user
 */
export function opencodeSettings(
  tools: readonly string[] | undefined,
  temporaryDir: string,
  ownFiles: readonly string[],
  plugin: string,
): string {
  const { writes, commands, fetches } = roleRights(tools);
  const own = Object.fromEntries(ownFiles.map((file) => [file, 'allow' as const]));
  const patterns = commands === 'any' ? ['*'] : commands === 'none' ? [] : commands;
  const bash: Rule = { '*': 'deny', ...Object.fromEntries(patterns.map((pattern) => [pattern, 'allow'])) };
  // The last rule that fits counts.
  const permission: Readonly<Record<string, Rule>> = {
    '*': 'deny',
    read: 'allow',
    glob: 'allow',
    grep: 'allow',
    list: 'allow',
    todowrite: 'allow',
    todoread: 'allow',
    edit: { '*': writes ? 'allow' : 'deny', '.git/*': 'deny', ...own },
    bash,
    webfetch: fetches ? 'allow' : 'deny',
    websearch: fetches ? 'allow' : 'deny',
    external_directory: { '*': 'deny', [`${temporaryDir}/*`]: 'allow' },
  };
  return JSON.stringify({
    autoupdate: false,
    share: 'disabled',
    plugin: [plugin],
    agent: { [OPENCODE_AGENT]: { mode: 'primary', description: 'A stage of a pipeline', permission } },
  });
}

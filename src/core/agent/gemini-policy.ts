import { roleRights } from './role-rights.ts';

const READING = [
  'glob',
  'grep_search',
  'list_directory',
  'read_file',
  'read_many_files',
  'codebase_investigator',
  'update_topic',
  'complete_task',
  'write_todos',
];

/**
 * The rights of a role as rules of Gemini CLI's policy engine, in TOML. What is not named is denied, tools of MCP
 * servers among it; a tool that is denied without a condition is not even offered to the model.
 *
 * @param ownFiles absolute paths of the files that every role may write
 */
export function geminiPolicy(tools: readonly string[] | undefined, ownFiles: readonly string[]): string {
  const { writes, commands, fetches } = roleRights(tools);
  const rules = [
    rule(['*'], 'deny', 1),
    rule(READING, 'allow', 500),
    ...(writes ? [rule(['write_file', 'replace'], 'allow', 500)] : []),
    // Hooks of git run code; no command of a role is needed to plant one.
    rule(['write_file', 'replace'], 'deny', 900, [`argsPattern = ${toml('"file_path":"[^"]*/\\.git/')}`]),
    ...ownFiles.map((file) =>
      rule(['write_file', 'replace'], 'allow', 950, [
        `argsPattern = ${toml(`"file_path":${literal(file)}`)}`,
      ]),
    ),
    ...(fetches ? [rule(['web_fetch', 'google_web_search'], 'allow', 500)] : []),
    ...(commands === 'any' ? [rule(['run_shell_command'], 'allow', 500, ['allowRedirection = true'])] : []),
    ...(typeof commands === 'string'
      ? []
      : commands.map((pattern) => rule(['run_shell_command'], 'allow', 500, [command(pattern)]))),
  ];
  return `${rules.join('\n')}`;
}

function rule(
  names: readonly string[],
  decision: 'allow' | 'deny',
  priority: number,
  more: readonly string[] = [],
): string {
  const toolName = names.length === 1 ? toml(names[0] ?? '') : `[${names.map(toml).join(', ')}]`;
  return [
    '[[rule]]',
    `toolName = ${toolName}`,
    ...more,
    `decision = "${decision}"`,
    `priority = ${priority}`,
    '',
  ].join('\n');
}

/** `git log *` is everything that begins so; a star elsewhere stands for anything within the command. */
function command(pattern: string): string {
  const start = pattern.replace(/ \*$/, '');
  if (!start.includes('*')) return `commandPrefix = ${toml(start)}`;
  return `commandRegex = ${toml(start.split('*').map(escaped).join('[^"]*'))}`;
}

/** A JSON string as it stands in the arguments, for a regular expression. */
function literal(text: string): string {
  return escaped(JSON.stringify(text));
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function toml(text: string): string {
  return JSON.stringify(text);
}

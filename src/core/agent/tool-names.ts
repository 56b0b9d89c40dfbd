import { nearestTo } from '../nearest.ts';

/** Tools of Claude Code (2.1), by whose names roles are written. */
const KNOWN: ReadonlySet<string> = new Set(
  (
    'Agent AskUserQuestion Bash BashOutput Edit ExitPlanMode Glob Grep KillShell LS LSP ListMcpResourcesTool MultiEdit ' +
    'NotebookEdit NotebookRead Read ReadMcpResourceTool Skill SlashCommand Task TaskOutput TaskStop TodoWrite ToolSearch ' +
    'WebFetch WebSearch Write'
  ).split(' '),
);

/**
 * What a role may use that a runner does not know, in words: a name that is nobody's, or the tool of an MCP server with
 * a runner that keeps those out. It is passed over when the role is run. Undefined when all is known.
 */
export function unknownTools(runner: string, tools: readonly string[]): string | undefined {
  const words = tools.flatMap((tool) => {
    const name = tool.replace(/\(.*$/s, '').trim();
    if (KNOWN.has(name)) return [];
    if (name.startsWith('mcp__')) return runner === 'claude' ? [] : [name];
    const near = nearestTo(name, KNOWN);
    return [near === undefined ? name : `${name} (did you mean ${near}?)`];
  });
  if (words.length === 0) return undefined;
  return `${runner} knows no ${words.length === 1 ? 'tool' : 'tools'} ${words.join(', ')}`;
}

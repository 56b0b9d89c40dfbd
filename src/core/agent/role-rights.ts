/** What a role may do, from its list of tools. */
export interface RoleRights {
  readonly writes: boolean;
  /** `none`, `any`, or the patterns of the commands that may be run, such as `git log *`. */
  readonly commands: 'none' | 'any' | readonly string[];
  readonly fetches: boolean;
}

const WRITING = new Set(['Write', 'Edit', 'MultiEdit', 'NotebookEdit']);

/** Tools in Claude Code's naming; absent: what a stage that writes needs, files and commands and nothing from outside. */
export function roleRights(tools: readonly string[] | undefined): RoleRights {
  if (tools === undefined) return { writes: true, commands: 'any', fetches: false };
  const parsed = tools.map(parse);
  const patterns = parsed.flatMap(({ name, rule }) => (name === 'Bash' ? [rule ?? '*'] : []));
  return {
    writes: parsed.some(({ name }) => WRITING.has(name)),
    commands: patterns.length === 0 ? 'none' : patterns.includes('*') ? 'any' : patterns,
    fetches: parsed.some(({ name }) => name === 'WebFetch' || name === 'WebSearch'),
  };
}

/** Whether a command line is one of those; one that chains, redirects or substitutes is none of a pattern's. */
export function mayRun(commands: RoleRights['commands'], commandLine: string | undefined): boolean {
  if (commands === 'any') return true;
  if (commands === 'none' || commandLine === undefined || /[;&|<>`$()\n\r\\]/.test(commandLine)) return false;
  const line = commandLine.trim();
  return commands.some((pattern) => matches(pattern, line));
}

/** `Bash(npm *)` is a rule about the tool `Bash`. */
function parse(tool: string): { readonly name: string; readonly rule: string | undefined } {
  const found = /^\s*([^(]+?)\s*(?:\((.*)\)\s*)?$/s.exec(tool);
  const rule = found?.[2]?.trim().replace(/:\*$/, ' *');
  return { name: found?.[1] ?? tool.trim(), rule: rule === '' ? undefined : rule };
}

/** A star stands for anything; at the end, after a space, also for nothing at all. */
function matches(pattern: string, line: string): boolean {
  if (pattern.endsWith(' *') && line === pattern.slice(0, -2).trim()) return true;
  const expression = pattern
    .split('*')
    .map((part) => part.replace(/[\\^$.+?()[\]{}|/-]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${expression}$`, 's').test(line);
}

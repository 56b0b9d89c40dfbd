import type { AcpTool } from './acp-tool.ts';
import { listOf, recordOf, textOf } from './json-field.ts';
import { mayRun, roleRights } from './role-rights.ts';

export interface AcpPolicy {
  /** Tools of the role in Claude Code's naming; absent: those of a stage that writes. */
  readonly tools?: readonly string[];
  /** Real absolute path of the project's working tree. */
  readonly root: string;
  /** Files that every role may write: the typed answer and the outputs. Real absolute paths, as the next. */
  readonly ownFiles: readonly string[];
  readonly temporaryDirs: readonly string[];
}

export interface AcpVerdict {
  readonly allowed: boolean;
  /** For people: why not. Empty when allowed. */
  readonly why: string;
}

/**
 * Whether a tool call may happen. What an agent does without asking is not seen here: its own sandbox, the check
 * after the attempt and what is put right then are for that.
 *
 * @param tool with paths that are absolute and real, so that a link cannot lead out of the project
 */
export function judgeToolCall(tool: AcpTool, policy: AcpPolicy): AcpVerdict {
  const rights = roleRights(policy.tools);
  switch (kindOf(tool)) {
    case 'think':
      return ALLOWED;
    case 'read':
    case 'search': {
      const outside = tool.paths.find(
        (path) => !isInside(path, [policy.root, ...policy.temporaryDirs]) && !policy.ownFiles.includes(path),
      );
      return outside === undefined ? ALLOWED : denied(`${outside} is outside of the project`);
    }
    case 'edit':
    case 'delete':
    case 'move':
      return judgeWrite(tool, policy, rights.writes);
    case 'execute': {
      if (rights.commands === 'none') return denied('this role runs no commands');
      return mayRun(rights.commands, tool.command) ? ALLOWED : denied('this role may not run this command');
    }
    case 'fetch':
      return rights.fetches ? ALLOWED : denied('this role fetches nothing from outside');
    case 'switch_mode':
      return denied('modes are not changed in the middle of a stage');
    default:
      return rights.writes && rights.commands === 'any'
        ? ALLOWED
        : denied('it is not told what this tool does, and this role may not do everything');
  }
}

/**
 * The answer to `session/request_permission`: one of the offered options. Only ever for this once: what is allowed
 * for always, some agents write into the project.
 */
export function permissionAnswer(options: unknown, allowed: boolean): { readonly optionId?: string } {
  const wanted = allowed ? ['allow_once'] : ['reject_once', 'reject_always'];
  for (const kind of wanted) {
    const option = listOf(options)
      .map(recordOf)
      .find((candidate) => candidate?.['kind'] === kind);
    const optionId = textOf(option?.['optionId']);
    if (optionId !== undefined) return { optionId };
  }
  return {};
}

const ALLOWED: AcpVerdict = { allowed: true, why: '' };

function denied(why: string): AcpVerdict {
  return { allowed: false, why };
}

/** A tool that does not say of what kind it is may show it by what it holds. */
function kindOf(tool: AcpTool): string | undefined {
  if (tool.kind !== undefined && tool.kind !== 'other') return tool.kind;
  if (tool.command !== undefined) return 'execute';
  return tool.diffs.length > 0 ? 'edit' : tool.kind;
}

function judgeWrite({ paths }: AcpTool, policy: AcpPolicy, writes: boolean): AcpVerdict {
  if (paths.length === 0) return denied('it is not told which file would be changed');
  for (const path of paths) {
    if (policy.ownFiles.includes(path) || isInside(path, policy.temporaryDirs)) continue;
    if (!writes) return denied('this role writes nothing but its answer');
    if (!isInside(path, [policy.root])) return denied(`${path} is outside of the project`);
    const top = path.slice(policy.root.length + 1).split('/')[0];
    if (top === '.git' || top === '.claude') return denied(`nothing below ${top} is for agents to change`);
  }
  return ALLOWED;
}

function isInside(path: string, directories: readonly string[]): boolean {
  return directories.some((directory) =>
    path.startsWith(directory.endsWith('/') ? directory : `${directory}/`),
  );
}

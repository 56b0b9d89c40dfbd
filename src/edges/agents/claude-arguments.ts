import { dirname } from 'node:path';
import type { AgentOrder } from '../../engine/ports.ts';

/** What a stage that writes may do when the role names no tools. */
const DEFAULT_TOOLS = ['Read', 'Glob', 'Grep', 'Write', 'Edit', 'NotebookEdit', 'Bash', 'TodoWrite'];

const WRITING = new Set(['Write', 'Edit', 'MultiEdit', 'NotebookEdit']);

/**
 * The command line of one headless session. Repository settings, hooks and MCP servers stay out
 * (`--setting-sources user`, `--strict-mcp-config`): one stage could plant code there for the next.
 */
export function claudeArguments(order: AgentOrder, newSessionId: string): readonly string[] {
  const tools = order.tools ?? DEFAULT_TOOLS;
  const writes = tools.some((tool) => WRITING.has(baseName(tool)));
  // A role without writing tools still leaves its answer and its outputs; the rules allow these files alone.
  const left = order.outputFile === undefined ? [order.answerFile] : [order.answerFile, order.outputFile];
  const answer = left.flatMap((file) => [`Write(/${file})`, `Edit(/${file})`]);
  const offered = new Set([...tools.map(baseName), ...(writes ? [] : ['Write'])]);
  return [
    '-p',
    // The pieces of an answer tell one that comes slowly from one that does not come at all.
    ...['--output-format', 'stream-json', '--verbose', '--include-partial-messages'],
    ...(order.sessionId === undefined ? ['--session-id', newSessionId] : ['--resume', order.sessionId]),
    ...(order.unrecorded === true ? ['--no-session-persistence'] : []),
    ...['--permission-mode', writes ? 'acceptEdits' : 'dontAsk'],
    ...['--allowedTools', [...tools, ...answer].join(',')],
    ...(order.tools === undefined ? [] : ['--tools', [...offered].join(',')]),
    ...['--add-dir', ...new Set(left.map((file) => dirname(file)))],
    ...['--setting-sources', 'user', '--strict-mcp-config'],
    ...(order.instructions.trim() === '' ? [] : ['--append-system-prompt', order.instructions]),
    ...(order.model === undefined ? [] : ['--model', order.model]),
    ...(order.maxTurns === undefined ? [] : ['--max-turns', String(order.maxTurns)]),
    ...(order.maxCostMicroUsd === undefined ? [] : ['--max-budget-usd', dollars(order.maxCostMicroUsd)]),
  ];
}

/** `Bash(npm *)` is a rule about the tool `Bash`. */
function baseName(tool: string): string {
  return tool.replace(/\(.*$/s, '').trim();
}

function dollars(microUsd: number): string {
  return (microUsd / 1_000_000).toFixed(6);
}

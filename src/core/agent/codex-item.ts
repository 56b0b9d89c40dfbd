import type { AgentEvent } from './event.ts';
import { type JsonRecord, listOf, recordOf, textOf } from './json-field.ts';
import { shorten } from './plain-text.ts';
import { relativeTo } from './relative-path.ts';

const MAX_SUBJECT = 300;

type ToolEvent = Extract<AgentEvent, { type: 'tool' }>;

/** An item of codex's stream as the start of a tool; undefined for one that is no tool. */
export function codexItemStart(item: JsonRecord | undefined, cwd: string): ToolEvent | undefined {
  const id = textOf(item?.['id']);
  const name = item === undefined ? undefined : nameOf(item);
  if (item === undefined || id === undefined || name === undefined) return undefined;
  const subject = subjectOf(item, cwd);
  return {
    type: 'tool',
    phase: 'start',
    id,
    name,
    ...(subject === undefined || subject === '' ? {} : { subject: shorten(subject, MAX_SUBJECT) }),
  };
}

/** The same item when it is done: the end of the tool, and the files that it changed. */
export function codexItemEnd(item: JsonRecord | undefined, cwd: string): readonly AgentEvent[] {
  const start = codexItemStart(item, cwd);
  if (start === undefined) return [];
  const succeeded = item?.['status'] === undefined || item['status'] === 'completed';
  const end: AgentEvent = { ...withoutSubject(start), phase: 'end', ok: succeeded };
  if (!succeeded || item?.['type'] !== 'file_change') return [end];
  const files = changesOf(item).map(({ path, kind }) => {
    const event: AgentEvent = { type: 'file', path: relativeTo(cwd, path), kind };
    return event;
  });
  return [end, ...files];
}

function withoutSubject({ subject: _, ...event }: ToolEvent): ToolEvent {
  return event;
}

function nameOf(item: JsonRecord): string | undefined {
  switch (item['type']) {
    case 'command_execution':
      return 'shell';
    case 'file_change':
      return 'apply_patch';
    case 'web_search':
      return 'web_search';
    case 'mcp_tool_call':
      return [textOf(item['server']), textOf(item['tool'])].filter(Boolean).join('.');
    case 'collab_tool_call':
      return textOf(item['tool']) ?? 'agent';
    default:
      return undefined;
  }
}

function subjectOf(item: JsonRecord, cwd: string): string | undefined {
  const command = textOf(item['command']);
  if (command !== undefined) return withoutShell(command);
  if (item['type'] === 'file_change')
    return changesOf(item)
      .map(({ path }) => relativeTo(cwd, path))
      .join(', ');
  return textOf(item['query']);
}

/** Codex wraps each command line in a login shell, and quotes it; the line is what a person recognises. */
function withoutShell(command: string): string {
  const wrapped = /^\S*\/(?:ba|z|da)?sh -l?c (.*)$/s.exec(command)?.[1];
  if (wrapped === undefined) return command;
  const single = /^'([^']*)'$/s.exec(wrapped)?.[1];
  if (single !== undefined) return single;
  const double = /^"((?:[^"\\]|\\.)*)"$/s.exec(wrapped)?.[1];
  return double === undefined ? wrapped : double.replace(/\\(["\\$`])/g, '$1');
}

interface Change {
  readonly path: string;
  readonly kind: 'create' | 'update' | 'delete';
}

function changesOf(item: JsonRecord): readonly Change[] {
  return listOf(item['changes']).flatMap((entry) => {
    const change = recordOf(entry);
    const path = textOf(change?.['path']);
    if (path === undefined) return [];
    const kind = change?.['kind'] === 'add' ? 'create' : change?.['kind'] === 'delete' ? 'delete' : 'update';
    return [{ path, kind }];
  });
}

import { type AcpTool, acpTool } from './acp-tool.ts';
import { addMessageUsage } from './acp-usage.ts';
import type { AgentEvent, Usage } from './event.ts';
import { type JsonRecord, listOf, numberOf, recordOf, textOf } from './json-field.ts';
import { plainText, shorten } from './plain-text.ts';
import { relativeTo } from './relative-path.ts';

const MAX_TEXT = 8_000;
const MAX_SUBJECT = 300;
const MAX_NAME = 100;

/** What an agent tells about itself, or repeats of what we sent: no news of its work. */
const NO_NEWS = new Set([
  'user_message_chunk',
  'agent_thought_chunk',
  'available_commands_update',
  'current_mode_update',
  'config_option_update',
  'session_info_update',
]);

export interface AcpReader {
  /** Events of the `update` of one `session/update`. */
  readonly update: (update: unknown) => readonly AgentEvent[];
  /** What was said and not handed out yet: text comes in pieces. */
  readonly flush: () => readonly AgentEvent[];
  /** What is known of the tool call of a permission request, which need not repeat what was told before. */
  readonly tool: (toolCall: unknown) => AcpTool;
  readonly toolRunning: () => boolean;
  /** Rounds of tools begun so far: tools that run at the same time are one. */
  readonly rounds: () => number;
  /** Whether the agent did or said anything at all. */
  readonly active: () => boolean;
  /** What the session has cost so far, integer micro-USD; undefined when it was not told, or in another currency. */
  readonly costMicroUsd: () => number | undefined;
  /** Tokens in the context, as it was told last. */
  readonly contextTokens: () => number | undefined;
  /** Sum of what single messages say that they used; undefined where they do not. */
  readonly messageUsage: () => Usage | undefined;
}

/**
 * Translates the session updates of the Agent Client Protocol, version 1, into events. Paths below `cwd` become
 * relative. Updates of unknown kinds become `raw`; fields of another form count as absent.
 */
export function createAcpReader(cwd: string): AcpReader {
  const running = new Map<string, AcpTool>();
  /** Those of them of which the start was told. */
  const shown = new Set<string>();
  let rounds = 0;
  let active = false;
  let said = '';
  let saidId: string | undefined;
  let plan = '';
  let cost: number | undefined;
  let context: number | undefined;
  let messages: Usage | undefined;

  function flush(): readonly AgentEvent[] {
    const text = said.trim();
    said = '';
    return text === '' ? [] : [{ type: 'message', text: shorten(text, MAX_TEXT) }];
  }

  function message(record: JsonRecord): readonly AgentEvent[] {
    messages = addMessageUsage(messages, recordOf(record['_meta'])?.['usage']);
    const text = textOf(recordOf(record['content'])?.['text']);
    if (text === undefined || text === '') return [];
    active = true;
    const id = textOf(record['messageId']);
    const before = id === saidId && said.length <= MAX_TEXT ? [] : flush();
    saidId = id;
    said += text;
    return before;
  }

  function toolCall(record: JsonRecord): readonly AgentEvent[] {
    const id = textOf(record['toolCallId']);
    if (id === undefined) return [];
    active = true;
    const status = textOf(record['status']);
    const known = running.get(id);
    // An update of a call that has ended already adds nothing but, perhaps, its output.
    if (known === undefined && record['sessionUpdate'] !== 'tool_call') return [];
    const tool = acpTool(record, known);
    const events: AgentEvent[] = [];
    if (known === undefined && running.size === 0) rounds += 1;
    running.set(id, tool);
    const isOver = status === 'completed' || status === 'failed';
    // Some tell at first only that there will be a call; what it is about comes with the next update.
    const isVague = status === 'pending' && tool.command === undefined && tool.diffs.length === 0;
    if (!shown.has(id) && (isOver || !isVague || (tool.kind !== 'execute' && tool.paths.length > 0))) {
      shown.add(id);
      events.push({ type: 'tool', phase: 'start', id, ...toolNames(tool, cwd) });
    }
    if (!isOver) return events;
    running.delete(id);
    shown.delete(id);
    events.push({ type: 'tool', phase: 'end', id, ok: status === 'completed', name: nameOf(tool) });
    return status === 'completed' ? [...events, ...files(tool, cwd)] : events;
  }

  function planned(record: JsonRecord): readonly AgentEvent[] {
    const entries = listOf(record['entries']).map((entry) => recordOf(entry) ?? {});
    const done = entries.filter((entry) => entry['status'] === 'completed').length;
    const now = textOf(entries.find((entry) => entry['status'] === 'in_progress')?.['content']);
    const text = `plan: ${done} of ${entries.length} done${now === undefined ? '' : `, now: ${shorten(now, MAX_SUBJECT)}`}`;
    if (text === plan || entries.length === 0) return [];
    plan = text;
    return [{ type: 'message', text }];
  }

  function used(record: JsonRecord): readonly AgentEvent[] {
    const told = recordOf(record['cost']);
    const amount = numberOf(told?.['amount']);
    if (amount !== undefined && amount >= 0 && told?.['currency'] === 'USD')
      cost = Math.round(amount * 1_000_000);
    context = numberOf(record['used']) ?? context;
    return [];
  }

  return {
    update(update) {
      const record = recordOf(update) ?? {};
      const kind = textOf(record['sessionUpdate']) ?? '';
      if (kind === 'agent_message_chunk') return message(record);
      if (kind === 'usage_update') return used(record);
      if (NO_NEWS.has(kind)) return [];
      const before = flush();
      if (kind === 'tool_call' || kind === 'tool_call_update') return [...before, ...toolCall(record)];
      if (kind === 'plan') return [...before, ...planned(record)];
      return [...before, { type: 'raw', text: shorten(JSON.stringify(update) ?? '', MAX_TEXT) }];
    },
    flush,
    tool(toolCall) {
      const record = recordOf(toolCall) ?? {};
      return acpTool(record, running.get(textOf(record['toolCallId']) ?? ''));
    },
    toolRunning: () => running.size > 0,
    rounds: () => rounds,
    active: () => active,
    costMicroUsd: () => cost,
    contextTokens: () => context,
    messageUsage: () => messages,
  };
}

function nameOf({ name, kind, title }: AcpTool): string {
  const told = name ?? (kind === undefined || kind === 'other' ? (title ?? 'tool') : kind);
  return shorten(plainText(told), MAX_NAME);
}

/** By what a person recognises a tool call. */
export function toolNames(tool: AcpTool, cwd: string): { name: string; subject?: string } {
  const path = tool.paths[0] ?? tool.diffs[0]?.path;
  const subject = tool.command ?? (path === undefined ? tool.title : relativeTo(cwd, path));
  const name = nameOf(tool);
  return subject === undefined || subject === name
    ? { name }
    : { name, subject: shorten(subject, MAX_SUBJECT) };
}

/** Which files a call that ended well changed, as far as it says so. */
function files({ kind, paths, diffs }: AcpTool, cwd: string): readonly AgentEvent[] {
  if (kind === 'delete')
    return paths.map((path) => ({ type: 'file', path: relativeTo(cwd, path), kind: 'delete' }));
  const [place] = paths;
  if (diffs.length > 0)
    return diffs.map(({ path, isNew }) => ({
      type: 'file',
      // The name in a difference may be a short one.
      path: relativeTo(cwd, diffs.length === 1 && place !== undefined ? place : path),
      kind: isNew ? 'create' : 'update',
    }));
  if (kind !== 'edit') return [];
  return paths.map((path) => ({ type: 'file', path: relativeTo(cwd, path), kind: 'update' }));
}

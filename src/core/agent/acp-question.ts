import type { AcpTool } from './acp-tool.ts';
import { type JsonRecord, listOf, recordOf, textOf } from './json-field.ts';
import { plainText, shorten } from './plain-text.ts';

/** What is kept of a question, so that its fields are seen behind a long message: see `questionIn`. */
const MAX_MESSAGE = 2_000;
const MAX_LINE = 300;
const MAX_FIELDS = 12;
const MAX_CHOICES = 12;
const MAX_CHOICE = 80;

/**
 * The question of an `elicitation/create`, for a person: what the agent says, the fields that it wants filled in with
 * what may stand in them, or the page that it wants opened. Bounded, without escapes. Undefined when it asks nothing.
 */
export function acpQuestion(elicitation: unknown): string | undefined {
  const record = recordOf(elicitation);
  const url = textOf(record?.['url']);
  const schema = recordOf(record?.['requestedSchema']);
  return joined([
    said(record?.['message']),
    line(schema?.['description']),
    url === undefined ? '' : `Open ${line(url)}`,
    ...fieldsOf(schema),
  ]);
}

/**
 * The question of a `session/request_permission` that is none about a tool: agents without elicitation put their
 * questions that way, as input of a tool that asks, or as several things that could be allowed. Undefined for others.
 */
export function permissionQuestion(request: unknown, tool: AcpTool): string | undefined {
  const record = recordOf(request);
  const input = recordOf(recordOf(record?.['toolCall'])?.['rawInput']);
  const asked = listOf(input?.['questions']).flatMap((each) => questionOf(recordOf(each)) ?? []);
  if (asked.length > 0) return joined(asked.slice(0, MAX_FIELDS));
  const options = listOf(record?.['options']).map((each) => recordOf(each) ?? {});
  const ways = options.filter((option) => option['kind'] === 'allow_once');
  const isOfTool = tool.command !== undefined || tool.paths.length > 0 || tool.diffs.length > 0;
  const isOfNoKind = tool.kind === undefined || tool.kind === 'other' || tool.kind === 'think';
  if (ways.length < 2 || isOfTool || !isOfNoKind) return undefined;
  const names = ways.map((option) => option['name']);
  return joined([said(tool.title), ...choices(names).map((name) => `- ${name}`)]);
}

function questionOf(question: JsonRecord | undefined): string | undefined {
  const text = said(question?.['question']);
  if (text === '') return undefined;
  const options = listOf(question?.['options']).map((option) => recordOf(option)?.['label'] ?? option);
  return [text, ...choices(options).map((choice) => `- ${choice}`)].join('\n');
}

function fieldsOf(schema: JsonRecord | undefined): readonly string[] {
  const required = new Set(listOf(schema?.['required']));
  const fields = Object.entries(recordOf(schema?.['properties']) ?? {});
  const shown = fields.slice(0, MAX_FIELDS).map(([name, value]) => {
    const field = recordOf(value);
    const about = line(field?.['description']);
    const offered = choicesOf(field);
    return [
      `- ${line(field?.['title']) || line(name)}`,
      required.has(name) ? '' : ' (optional)',
      about === '' ? '' : `: ${about}`,
      offered.length === 0 ? '' : ` [${offered.join(' | ')}]`,
    ].join('');
  });
  return fields.length > shown.length ? [...shown, `… [${fields.length - shown.length} more fields]`] : shown;
}

function choicesOf(field: JsonRecord | undefined): readonly string[] {
  const holder = recordOf(field?.['items']) ?? field;
  const titled = [...listOf(holder?.['oneOf']), ...listOf(holder?.['anyOf'])].flatMap((choice) => {
    const record = recordOf(choice);
    return textOf(record?.['title']) ?? textOf(record?.['const']) ?? [];
  });
  if (titled.length > 0) return choices(titled);
  if (field?.['type'] === 'boolean') return ['yes', 'no'];
  return choices(listOf(holder?.['enum']));
}

function choices(offered: readonly unknown[]): readonly string[] {
  const shown = offered.slice(0, MAX_CHOICES).map((choice) => shorten(line(String(choice)), MAX_CHOICE));
  return offered.length > shown.length ? [...shown, `… ${offered.length - shown.length} more`] : shown;
}

/** What may go over several lines. */
function said(text: unknown): string {
  return shorten(plainText(textOf(text) ?? '').trim(), MAX_MESSAGE);
}

function line(text: unknown): string {
  return shorten(
    plainText(textOf(text) ?? '')
      .replace(/\s+/g, ' ')
      .trim(),
    MAX_LINE,
  );
}

function joined(lines: readonly string[]): string | undefined {
  const text = lines.filter((each) => each !== '').join('\n');
  return text === '' ? undefined : text;
}

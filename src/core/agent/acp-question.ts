import { listOf, recordOf, textOf } from './json-field.ts';

/**
 * The question of an `elicitation/create`, for a person: what the agent says, the fields that it wants filled in with
 * what may stand in them, or the page that it wants opened. Undefined when it asks nothing.
 */
export function acpQuestion(elicitation: unknown): string | undefined {
  const record = recordOf(elicitation);
  const message = (textOf(record?.['message']) ?? '').trim();
  const url = textOf(record?.['url']);
  const fields = fieldsOf(recordOf(record?.['requestedSchema']));
  const text = [message, ...(url === undefined ? [] : [`Open ${url}`]), ...fields].filter(
    (line) => line !== '',
  );
  return text.length === 0 ? undefined : text.join('\n');
}

function fieldsOf(schema: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  const required = new Set(listOf(schema?.['required']));
  return Object.entries(recordOf(schema?.['properties']) ?? {}).map(([name, value]) => {
    const field = recordOf(value);
    const title = textOf(field?.['title']) ?? name;
    const about = textOf(field?.['description']);
    const choices = choicesOf(field);
    return [
      `- ${title}`,
      required.has(name) ? '' : ' (optional)',
      about === undefined ? '' : `: ${about}`,
      choices.length === 0 ? '' : ` [${choices.join(' | ')}]`,
    ].join('');
  });
}

function choicesOf(field: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  const holder = recordOf(field?.['items']) ?? field;
  const titled = [...listOf(holder?.['oneOf']), ...listOf(holder?.['anyOf'])].flatMap((choice) => {
    const record = recordOf(choice);
    return textOf(record?.['title']) ?? textOf(record?.['const']) ?? [];
  });
  if (titled.length > 0) return titled;
  return listOf(holder?.['enum']).map((choice) => String(choice));
}

import { type JsonRecord, listOf, recordOf, textOf } from './json-field.ts';

/** What is known of a tool call; each update replaces what it names. */
export interface AcpTool {
  readonly name: string | undefined;
  readonly kind: string | undefined;
  readonly title: string | undefined;
  readonly command: string | undefined;
  /** As the agent names them: where it says that it works, and where its input says so. */
  readonly paths: readonly string[];
  readonly diffs: readonly { readonly path: string; readonly isNew: boolean }[];
}

const PATH_FIELDS = ['file_path', 'filePath', 'filepath', 'path', 'abs_path', 'notebook_path'];

/** Reads a `ToolCall` or `ToolCallUpdate`, on top of what was known before. */
export function acpTool(record: JsonRecord, before: AcpTool | undefined): AcpTool {
  const input = recordOf(record['rawInput']);
  const diffs = listOf(record['content']).flatMap((content) => diffOf(recordOf(content)));
  const places = listOf(record['locations']).flatMap((place) => textOf(recordOf(place)?.['path']) ?? []);
  const named = PATH_FIELDS.flatMap((name) => textOf(input?.[name]) ?? []);
  // The name in a difference may be a short one; it counts where nothing else tells the place.
  const told = [...new Set([...places, ...named])];
  const paths = told.length > 0 ? told : diffs.map(({ path }) => path);
  return {
    name: textOf(record['name']) ?? before?.name,
    kind: textOf(record['kind']) ?? before?.kind,
    title: textOf(record['title']) ?? before?.title,
    command: commandOf(input?.['command']) ?? before?.command,
    paths: paths.length > 0 ? paths : (before?.paths ?? []),
    diffs: diffs.length > 0 ? diffs : (before?.diffs ?? []),
  };
}

function commandOf(command: unknown): string | undefined {
  const words = listOf(command).flatMap((word) => textOf(word) ?? []);
  return words.length > 0 ? words.join(' ') : textOf(command);
}

function diffOf(content: JsonRecord | undefined): AcpTool['diffs'] {
  const path = textOf(content?.['path']);
  if (content?.['type'] !== 'diff' || path === undefined) return [];
  return [{ path, isNew: (textOf(content['oldText']) ?? '') === '' }];
}

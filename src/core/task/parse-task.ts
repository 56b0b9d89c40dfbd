import { type FrontMatter, findFrontMatter, type NoFrontMatter } from './front-matter.ts';
import { isMap, judge, type YamlMap } from './judge.ts';
import type { TaskMeta } from './meta.ts';
import { plainMeta } from './plain-meta.ts';
import { readPlainEntries, readPlainYaml } from './plain-yaml.ts';
import { type Finding, type Placed, problemAt, problemsAt, type TaskProblem } from './problem.ts';
import { readYamlDocument, type YamlDocument } from './yaml-document.ts';
import { entryOf, nodeAt, treeOf, type YamlNode } from './yaml-tree.ts';

export interface ParsedTask {
  /** With its defaults; there if and only if no problem is an error. Unknown keys are kept. */
  readonly meta?: TaskMeta;
  /** The front matter as it was written, without defaults; empty where it cannot be read. */
  readonly raw: YamlMap;
  /** What follows the front matter, as far as it is part of the text that was given. */
  readonly body: string;
  /** Errors and warnings, in the order of the file. */
  readonly problems: readonly TaskProblem[];
}

/**
 * Reads a task file's text (spec: tasks). The front matter is YAML 1.2, read as data only. Everything that is wrong is told
 * at once, with its place; `file` stands in the problems.
 */
export function parseTask(text: string, file: string): ParsedTask {
  const parts = findFrontMatter(text);
  if (parts.kind !== 'found') return withoutFrontMatter(parts, text, file);
  const block = text.slice(parts.start, parts.end);
  const body = text.slice(parts.bodyStart);
  const meta = plainMetaIn(text, parts);
  const raw = meta === undefined ? undefined : readPlainYaml(block);
  if (meta !== undefined && raw !== undefined) return { meta, raw, body, problems: [] };
  return { body, ...parseBlock(block, text, parts.start, file) };
}

/**
 * The same of the beginning of a file, at least up to the end of its front matter, and for thousands of them. `raw` is the
 * same as `meta` where there is nothing to be said about a task.
 */
export function parseTaskHead(text: string, file: string): ParsedTask {
  const parts = findFrontMatter(text);
  if (parts.kind !== 'found') return withoutFrontMatter(parts, text, file);
  const meta = plainMetaIn(text, parts);
  if (meta !== undefined) return { meta, raw: meta, body: '', problems: NONE };
  return { body: '', ...parseBlock(text.slice(parts.start, parts.end), text, parts.start, file) };
}

const NONE: readonly never[] = [];

function withoutFrontMatter(parts: NoFrontMatter, text: string, file: string): ParsedTask {
  return { raw: {}, body: '', problems: [problemAt(noFrontMatter(parts), text, 0, file)] };
}

/** Places are found by the full parser, and only where something is to be said. */
function plainMetaIn(text: string, { start, end }: FrontMatter): TaskMeta | undefined {
  if (end - start > MAX_PLAIN) return undefined;
  const entries = readPlainEntries(text, start, end);
  return entries === undefined ? undefined : plainMeta(entries);
}

/** Beyond it the full parser's bounds apply. */
const MAX_PLAIN = 256 * 1024;

function parseBlock(block: string, text: string, start: number, file: string): Omit<ParsedTask, 'body'> {
  const document = readYamlDocument(block);
  if ('message' in document) {
    const { message, hint, offset } = document;
    const finding: Finding = {
      severity: 'error',
      path: [],
      message,
      ...(hint === undefined ? {} : { hint }),
    };
    return { raw: {}, problems: [problemAt(finding, text, start + offset, file)] };
  }
  const judged = judge(document.value);
  const raw = isMap(document.value) ? document.value : {};
  const placed = placedFindings(block, document, judged.findings);
  const problems = problemsAt(placed, text, start, file);
  const isSound = judged.meta !== undefined && !document.hasBadKeys;
  return { ...(isSound && { meta: judged.meta }), raw, problems };
}

function placedFindings(block: string, document: YamlDocument, findings: readonly Finding[]): Placed[] {
  if (findings.length === 0 && !document.hasBadKeys) return [];
  const root = treeOf(block, document.events);
  const placed = findings.map((finding) => ({ finding, offset: placeOf(root, finding) }));
  return document.hasBadKeys && root !== undefined ? [...placed, ...badKeys(root)] : placed;
}

/** Where a value begins; of what is missing, where the map begins that should hold it. */
function placeOf(root: YamlNode | undefined, { path, isOfKey }: Finding): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = nodeAt(root, path.slice(0, length - 1));
    const step = path[length - 1];
    if (parent?.kind === 'map') {
      const entry = entryOf(parent, step ?? '');
      if (entry !== undefined && (isOfKey === true || entry.value.start < 0)) return entry.keyNode.start;
      if (entry !== undefined) return entry.value.outerStart;
    }
    const node = nodeAt(root, path.slice(0, length));
    if (node !== undefined && node.start >= 0) return node.outerStart;
  }
  return Math.max(0, root?.start ?? 0);
}

function badKeys(root: YamlNode): Placed[] {
  const placed: Placed[] = [];
  const open: { node: YamlNode; path: readonly (string | number)[] }[] = [{ node: root, path: [] }];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { node, path } = at;
    if (node.kind === 'list')
      for (const [index, item] of node.items.entries()) open.push({ node: item, path: [...path, index] });
    if (node.kind !== 'map') continue;
    const seen = new Set<string>();
    for (const { key, keyNode, value } of node.entries) {
      const why = whyBad(key, keyNode, seen);
      if (why !== undefined)
        placed.push({
          finding: { severity: 'error', path: [...path, key], isOfKey: true, ...why },
          offset: keyNode.outerStart < 0 ? value.start : keyNode.outerStart,
        });
      seen.add(key);
      open.push({ node: value, path: [...path, key] });
    }
  }
  return placed;
}

const NO_TEXT =
  /^(?:|~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[-+]?\d+|0o[0-7]+|0x[\dA-Fa-f]+|[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

function whyBad(
  key: string,
  node: YamlNode,
  seen: ReadonlySet<string>,
): { readonly found: string; readonly allowed: string; readonly message: string } | undefined {
  if (key === '__proto__')
    return { found: 'a reserved key', allowed: 'another name', message: `a key cannot be called "${key}"` };
  if (node.kind !== 'scalar' || (NO_TEXT.test(key) && (node.style === 'plain' || node.style === 'empty')))
    return {
      found: 'a key that is no text',
      allowed: 'text',
      message: 'a key has to be text; put it into quotes',
    };
  if (seen.has(key))
    return {
      found: 'a key that stands twice',
      allowed: 'each key once',
      message: `the key "${key}" stands twice in one map; keep one of the two`,
    };
  return undefined;
}

function noFrontMatter({ kind, language }: NoFrontMatter): Finding {
  const finding = { severity: 'error', path: [] } as const;
  if (kind === 'language')
    return {
      ...finding,
      found: `a block of ${shortened(language ?? '')}`,
      allowed: 'YAML',
      message: `the front matter is marked as ${shortened(language ?? '')}; it was neither read nor run: only YAML is`,
      hint: 'begin the file with a line that holds "---" and nothing else',
    };
  return {
    ...finding,
    found: kind === 'unclosed' ? 'front matter without an end' : 'no front matter',
    allowed: 'front matter between two lines of "---"',
    message:
      kind === 'unclosed'
        ? 'the front matter is never closed'
        : 'the file does not begin with front matter between two lines of "---"',
    hint:
      kind === 'unclosed'
        ? 'put a line that holds "---" and nothing else below its last key'
        : 'begin it with "---", the keys id, title, kind and state, and "---"',
  };
}

function shortened(text: string): string {
  return JSON.stringify(text.length <= 20 ? text : `${text.slice(0, 20)}…`);
}

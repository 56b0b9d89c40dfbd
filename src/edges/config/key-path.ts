import * as z from 'zod';
import { nearestTo } from '../../core/nearest.ts';

/** A dotted key, taken apart by the schema: names of models may hold dots themselves. */
export interface KeyPath {
  readonly parts: readonly string[];
  /** What the value may be. */
  readonly types: readonly string[];
}

interface Node {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly anyOf?: readonly Node[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

/** Finds a dotted key in a schema; undefined when there is no such key. `version` is not for people to set. */
export function findKey(schema: z.ZodType, dotted: string): KeyPath | undefined {
  if (dotted === 'version' || dotted === '') return undefined;
  return walk(nodeOf(schema), dotted, []);
}

/** The known key that is most like a mistyped one; undefined when none is near. */
export function nearestKey(schema: z.ZodType, dotted: string): string | undefined {
  return nearestTo(dotted, knownKeys(nodeOf(schema), ''));
}

/** All keys that can be set, dotted; `<name>` stands where any name may. */
export function settableKeys(schema: z.ZodType): string[] {
  return knownKeys(nodeOf(schema), '');
}

function nodeOf(schema: z.ZodType): Node {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Node;
}

function walk(node: Node, rest: string, parts: readonly string[]): KeyPath | undefined {
  for (const variant of variantsOf(node)) {
    for (const name of Object.keys(variant.properties ?? {})) {
      const child = variant.properties?.[name];
      if (child === undefined) continue;
      if (rest === name) return { parts: [...parts, name], types: typesOf(child) };
      const found = rest.startsWith(`${name}.`)
        ? walk(child, rest.slice(name.length + 1), [...parts, name])
        : undefined;
      if (found !== undefined) return found;
    }
    if (typeof variant.additionalProperties === 'object') {
      const found = walkRecord(variant.additionalProperties, rest, parts);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The shortest name whose rest is a key of the value; the whole rest when none is. */
function walkRecord(value: Node, rest: string, parts: readonly string[]): KeyPath | undefined {
  for (let dot = rest.indexOf('.'); dot !== -1; dot = rest.indexOf('.', dot + 1)) {
    const found = dot === 0 ? undefined : walk(value, rest.slice(dot + 1), [...parts, rest.slice(0, dot)]);
    if (found !== undefined) return found;
  }
  return rest === '' ? undefined : { parts: [...parts, rest], types: typesOf(value) };
}

function knownKeys(node: Node, prefix: string): string[] {
  return variantsOf(node).flatMap((variant) => [
    ...Object.entries(variant.properties ?? {})
      .filter(([name]) => prefix !== '' || name !== 'version')
      .flatMap(([name, child]) => leafOrInside(child, `${prefix}${name}`)),
    ...(typeof variant.additionalProperties === 'object'
      ? leafOrInside(variant.additionalProperties, `${prefix}<name>`)
      : []),
  ]);
}

function leafOrInside(node: Node, key: string): string[] {
  const inside = knownKeys(node, `${key}.`);
  return inside.length === 0 ? [key] : inside;
}

function variantsOf(node: Node): readonly Node[] {
  return node.anyOf ?? [node];
}

function typesOf(node: Node): string[] {
  return [...new Set(variantsOf(node).flatMap(typesOfVariant))];
}

function typesOfVariant(node: Node): readonly string[] {
  if (typeof node.type === 'string') return [node.type];
  if (node.type !== undefined) return node.type;
  return [...(node.enum ?? []), ...(node.const === undefined ? [] : [node.const])].map(
    (value) => typeof value,
  );
}

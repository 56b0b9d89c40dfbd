import * as z from 'zod/mini';
import { type AuthoredPipeline, authoredSchema, groupSchema, stageSchema } from './authored.ts';

/** Beyond so many different sets of keys, the whole schema is no slower. */
const MAX_KINDS = 200;

const headSchema = z.extend(authoredSchema, { stages: z.array(z.unknown()).check(z.minLength(1)) });
const groupHeadSchema = z.extend(groupSchema, { parallel: z.array(z.unknown()).check(z.minLength(1)) });

type StageKey = keyof typeof stageSchema.shape;
interface Judge {
  readonly safeParse: (value: unknown) => { readonly success: boolean };
}

/**
 * Whether a document holds the schema, answered quickly: of each stage only the fields are asked that it has, by the
 * same schema. What is wrong with one that does not is for the whole schema to say.
 */
export function conforms(document: unknown): document is AuthoredPipeline {
  if (!headSchema.safeParse(document).success) return false;
  const judges = new Map<string, Judge>();
  for (const item of (document as { readonly stages: readonly unknown[] }).stages) {
    if (!isMap(item)) return false;
    if (!Object.hasOwn(item, 'parallel')) {
      if (!judgeFor(item, judges).safeParse(item).success) return false;
      continue;
    }
    if (!groupHeadSchema.safeParse(item).success) return false;
    for (const member of (item as { readonly parallel: readonly unknown[] }).parallel)
      if (!isMap(member) || !judgeFor(member, judges).safeParse(member).success) return false;
  }
  return true;
}

/** The schema of stages with these keys. */
function judgeFor(stage: object, judges: Map<string, Judge>): Judge {
  const keys = Object.keys(stage);
  const kind = keys.join(' ');
  const known = judges.get(kind);
  if (known !== undefined) return known;
  const isWhole = keys.includes('name') && keys.every((key) => Object.hasOwn(stageSchema.shape, key));
  if (!isWhole || judges.size >= MAX_KINDS) return stageSchema;
  const mask: { [K in StageKey]?: true } = {};
  for (const key of keys) mask[key as StageKey] = true;
  const judge = z.pick(stageSchema, mask);
  judges.set(kind, judge);
  return judge;
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

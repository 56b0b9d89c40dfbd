import * as z from 'zod';

const entrySchema = z.object({
  group: z.enum(['startup', 'git', 'blueprint', 'secret', 'config']),
  path: z.string(),
  shown: z.string(),
  kind: z.enum(['file', 'link', 'other', 'crowd']),
  mark: z.string(),
  mode: z.number(),
  anchor: z.string(),
});

const schema = z.object({
  version: z.literal(1),
  since: z.number(),
  atWork: z.enum(['nobody', 'agent', 'command']),
  directories: z.array(z.string()),
  began: z.record(z.string(), z.string()),
  changedBy: z.record(z.string(), z.string()),
  told: z.record(z.string(), z.string()),
  left: z.array(entrySchema),
  anchors: z.record(z.string(), z.string()),
});

const contentsSchema = z.record(z.string(), z.string());

/** The document of a run's protected files as an earlier process wrote it; undefined if it cannot be understood. */
export function parseStoredRecord(document: unknown): z.output<typeof schema> | undefined {
  const parsed = schema.safeParse(document);
  return parsed.success ? parsed.data : undefined;
}

/** Kept contents by their marks; none if they cannot be understood. */
export function parseContents(document: unknown): Readonly<Record<string, string>> {
  const parsed = contentsSchema.safeParse(document);
  return parsed.success ? parsed.data : {};
}

import * as z from 'zod';

const LONGEST_NAME = 256;

/** A person, as named in `approvers` and in votes. Names are compared as they are written, so odd ones are refused. */
const personSchema = z
  .string()
  .min(1)
  .max(LONGEST_NAME)
  .refine(
    (name) => name === name.trim() && !UNPRINTABLE.test(name),
    'must be a name without spaces around it',
  );
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/** `.claude/approval-config.json`: who decides here, and what follows a decision (spec: pipelines 6). */
export const approvalConfigSchema = z.strictObject({
  version: z.literal(1).default(1),
  /** Who acts on this command line; null: `MURMUR8_USER`, else the user of the operating system. */
  user: personSchema.nullable().default(null),
  /** May delegate the seats of others. */
  admins: z.array(personSchema).default([]),
  /** Who decides where a stage asks for approval and names nobody; empty: the user. */
  defaultApprovers: z.array(personSchema).default([]),
  /** One person works here under several names: `--as` is allowed. */
  singleUser: z.boolean().default(true),
  /** When nobody drives the run that was decided upon: go on in the background, or print the command that does. */
  whenDecided: z.enum(['continue', 'print']).default('continue'),
});

export type ApprovalConfig = z.infer<typeof approvalConfigSchema>;

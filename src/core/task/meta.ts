import * as z from 'zod/mini';
import { dateTimeSchema, taskExecutionSchema } from './execution.ts';

export const TASK_KINDS = ['epic', 'story', 'task'] as const;
export const TASK_STATES = ['idea', 'ready', 'in-progress', 'done', 'canceled'] as const;
export const TASK_PRIORITIES = ['none', 'low', 'normal', 'high', 'urgent'] as const;
export const TASK_SIZES = ['tiny', 'small', 'medium', 'large', 'xl'] as const;
export const TASK_AMBIGUITIES = ['low', 'medium', 'high'] as const;
export const TASK_EXECUTORS = ['simple', 'standard', 'expert', 'human_review'] as const;
export const TASK_ISOLATIONS = ['isolated', 'module', 'shared', 'global'] as const;

export type TaskKind = (typeof TASK_KINDS)[number];
export type TaskState = (typeof TASK_STATES)[number];
export type TaskAmbiguity = (typeof TASK_AMBIGUITIES)[number];

/** An id is part of the name of its file. */
export const TASK_ID_PATTERN = /^[a-z0-9-]+$/;
export const TASK_ID_ALLOWED = 'lower-case letters, digits and hyphens';

const text = z.string().check(z.minLength(1));
const texts = z.exactOptional(z.array(text));

/** The front matter of a task file (spec: tasks, files). Keys that are not known are kept. */
export const taskMetaSchema = z.looseObject({
  id: text.check(z.refine((id) => TASK_ID_PATTERN.test(id), { params: { allowed: TASK_ID_ALLOWED } })),
  title: text,
  kind: z.enum(TASK_KINDS),
  parent: z.exactOptional(text),
  children: texts,
  state: z.enum(TASK_STATES),
  /** Why the task cannot go on. */
  blocked: z.exactOptional(z.string()),
  commit_message: z.exactOptional(text),
  priority: z._default(z.enum(TASK_PRIORITIES), 'none'),
  size: z._default(z.enum(TASK_SIZES), 'medium'),
  ambiguity: z._default(z.enum(TASK_AMBIGUITIES), 'low'),
  executor: z._default(z.enum(TASK_EXECUTORS), 'standard'),
  isolation: z._default(z.enum(TASK_ISOLATIONS), 'module'),
  touches: texts,
  depends_on: texts,
  blocks: texts,
  assignees: texts,
  labels: texts,
  created_at: z.exactOptional(dateTimeSchema),
  updated_at: z.exactOptional(dateTimeSchema),
  completed_at: z.exactOptional(z.nullable(dateTimeSchema)),
  links: z.exactOptional(z.array(z.looseObject({}))),
  last_activity_at: z.exactOptional(dateTimeSchema),
  execution: z.exactOptional(taskExecutionSchema),
});

/** The front matter of a task, with its defaults. Times are ISO 8601. */
export type TaskMeta = z.infer<typeof taskMetaSchema>;
/** The same as it may be written: what has a default may be left out. */
export type TaskMetaInput = z.input<typeof taskMetaSchema>;

/** The order in which keys are written; `execution` comes after `last_activity_at` (seed 003, AC). */
export const META_KEY_ORDER: readonly string[] = Object.keys(taskMetaSchema.shape);

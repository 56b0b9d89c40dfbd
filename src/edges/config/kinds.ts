import type * as z from 'zod';
import { approvalConfigSchema } from '../../core/config/approval-config.ts';
import { costConfigSchema } from '../../core/config/cost-config.ts';
import { feedbackConfigSchema } from '../../core/config/feedback-config.ts';
import { notifyConfigSchema } from '../../core/config/notify-config.ts';
import { retryConfigSchema } from '../../core/config/retry-config.ts';
import { stackConfigSchema } from '../../core/config/stack-config.ts';

/** The configuration files `<kind>-config.json` of the state directory. */
export const CONFIG_SCHEMAS = {
  retry: retryConfigSchema,
  feedback: feedbackConfigSchema,
  cost: costConfigSchema,
  stack: stackConfigSchema,
  approval: approvalConfigSchema,
  notify: notifyConfigSchema,
} as const satisfies Record<string, z.ZodType>;

export type ConfigKind = keyof typeof CONFIG_SCHEMAS;

export type ConfigOf<Kind extends ConfigKind> = z.output<(typeof CONFIG_SCHEMAS)[Kind]>;

/** Version of the form that this program writes; files carry it as `version`. */
export const CONFIG_VERSION = 1;

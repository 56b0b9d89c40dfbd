import * as z from 'zod';
import { stackSchema } from '../feature/stack.ts';

/** `.claude/stack-config.json`: the detected stack, which a person may correct. */
export const stackConfigSchema = stackSchema.extend({ version: z.literal(1).default(1) });

import * as z from 'zod';

/** What bodies of several kinds of events are made of. */
export const usageSchema = z.object({
  input: z.number(),
  output: z.number(),
  cacheRead: z.exactOptional(z.number()),
  cacheWrite: z.exactOptional(z.number()),
  tokensIncomplete: z.exactOptional(z.literal(true)),
  costMicroUsd: z.exactOptional(z.number()),
});

export const checkpointSchema = z.object({ commit: z.string(), tree: z.string() });

/** Id of the request from outside that an event answers. */
export const requestIdSchema = z.exactOptional(z.string());

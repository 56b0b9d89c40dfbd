import * as z from 'zod';

/** An expected failure on the wire: what, where, and what to do next. Lines and columns count from one. */
export const problemContract = z.strictObject({
  /** Stable and machine-readable. */
  code: z.string(),
  message: z.string(),
  file: z.exactOptional(z.string()),
  line: z.exactOptional(z.int()),
  column: z.exactOptional(z.int()),
  /** UTF-16 units of the text that is meant, from the column on. */
  length: z.exactOptional(z.int()),
  hint: z.exactOptional(z.string()),
});

/** What is wrong with a pipeline's definition; only an error keeps it from being taken. */
export const definitionProblemContract = problemContract.extend({ severity: z.enum(['error', 'warning']) });
export type DefinitionProblemDocument = z.output<typeof definitionProblemContract>;

/** `pipeline validate --json`. */
export const validationContract = z.strictObject({
  valid: z.boolean(),
  problems: z.array(definitionProblemContract),
});
export type ValidationDocument = z.output<typeof validationContract>;

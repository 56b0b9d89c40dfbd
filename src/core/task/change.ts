import type { ExecutionAttempt } from './execution.ts';

/** Keys and indexes from the front matter's top, such as `['execution', 'attempts', 0, 'status']`. */
export type TaskPath = readonly (string | number)[];

/** One change of a front matter. */
export type TaskChange =
  | {
      readonly kind: 'set';
      readonly path: TaskPath;
      /** Text, number, true or false, null, or lists and maps of them. */
      readonly value: unknown;
    }
  | { readonly kind: 'remove'; readonly path: TaskPath }
  | { readonly kind: 'add-attempt'; readonly attempt: ExecutionAttempt };

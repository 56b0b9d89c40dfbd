/** The exit codes of every command (spec: pipelines 9). Stable; a number is never used for another meaning. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  waiting: 3,
  limit: 4,
  rejected: 5,
  notFound: 6,
  conflict: 7,
  interrupted: 130,
  terminated: 143,
} as const;

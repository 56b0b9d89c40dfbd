/** The version of the event form (event.ts) that this program writes. Apart from the schemas, which writers do not need. */
export const JOURNAL_VERSION = 1;

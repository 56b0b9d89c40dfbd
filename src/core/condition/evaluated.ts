/** A condition's value: `unknown` where a fact is missing that it depends upon (spec: pipelines 3). */
export type Truth = true | false | 'unknown';

/** One node of an evaluated condition, as it is stored and shown. */
export interface Evaluated {
  readonly test: 'branch' | 'path' | 'label' | 'variable' | 'all' | 'any' | 'not';
  readonly value: Truth;
  /** For people, such as `branch is feature/x, not main` or `nobody said which paths changed`. */
  readonly reason: string;
  readonly of?: Evaluated[];
}

/** What is known about the cause of a run. An absent one is not known; an empty list is known to be empty. */
export interface Facts {
  readonly branch?: string;
  readonly paths?: readonly string[];
  readonly labels?: readonly string[];
  /** Further facts of the event, such as `number` of a pull request; `${event.number}`. */
  readonly event?: Readonly<Record<string, string>>;
}

/** What a diagnostic tells besides the run's own state. */
export interface DiagnosticFacts {
  /** The last that was printed by whatever failed; absent where nothing was. */
  readonly output?: LastOutput;
  /** Names of the environment's variables; their values are nobody's business. */
  readonly environmentNames: readonly string[];
  readonly machine: MachineFacts;
  /** As it calls itself; absent where it cannot be started. */
  readonly gitVersion?: string;
  readonly agentVersion?: string;
  /** Only where a developer of this program asked for it. */
  readonly stackTrace?: string;
}

export interface LastOutput {
  /** Absolute. */
  readonly path: string;
  readonly lines: readonly string[];
  /** There is more before it. */
  readonly isCut: boolean;
}

export interface MachineFacts {
  /** Of the program that saw the run fail. */
  readonly murmur8: string;
  readonly node: string;
  readonly platform: string;
  readonly arch: string;
  readonly osRelease: string;
}

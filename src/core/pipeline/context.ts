/** What is known outside of the file. */
export interface PipelineContext {
  /** Agents that have a role file; without it no agent is doubted. */
  readonly knownAgents?: ReadonlySet<string>;
  /** The configuration's agent, for stages that name none. */
  readonly defaultAgent?: string;
  /** The configuration's approvers, for gates that name none. */
  readonly defaultApprovers?: readonly string[];
}

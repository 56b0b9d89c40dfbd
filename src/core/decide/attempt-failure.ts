/** How an attempt that itself failed is treated. */
export interface FailureRule {
  readonly code: string;
  /** Most attempts that are made again after it, within the stage's own number of retries. */
  readonly retries: number;
  /** Continue the agent's session rather than pay for a new one. */
  readonly resume: boolean;
  /** Pause before the next attempt, in ms, doubled each time. */
  readonly delayMs: number;
}

const ANY = Number.POSITIVE_INFINITY;

/**
 * By the outcome that the runner reports. What will not get better by itself is not paid for twice; an agent that
 * fell silent or ran out of time is resumed once, never started over (complaint 26).
 */
const RULES: Readonly<Record<string, FailureRule>> = {
  crashed: { code: 'AGENT_CRASHED', retries: ANY, resume: true, delayMs: 0 },
  agent: { code: 'AGENT_CRASHED', retries: ANY, resume: true, delayMs: 0 },
  abandoned: { code: 'AGENT_CRASHED', retries: ANY, resume: true, delayMs: 0 },
  'no-result': { code: 'AGENT_NO_RESULT', retries: ANY, resume: true, delayMs: 0 },
  'output-limit': { code: 'AGENT_CRASHED', retries: 0, resume: false, delayMs: 0 },
  timeout: { code: 'STAGE_TIMEOUT', retries: 1, resume: true, delayMs: 0 },
  stalled: { code: 'STALLED', retries: 1, resume: true, delayMs: 0 },
  'turn-limit': { code: 'TURN_LIMIT', retries: 1, resume: true, delayMs: 0 },
  context: { code: 'CONTEXT_OVERFLOW', retries: 1, resume: false, delayMs: 0 },
  overloaded: { code: 'DEP_API_UNAVAILABLE', retries: ANY, resume: true, delayMs: 2_000 },
  unavailable: { code: 'DEP_API_UNAVAILABLE', retries: ANY, resume: true, delayMs: 2_000 },
  quota: { code: 'DEP_QUOTA', retries: 0, resume: true, delayMs: 0 },
  auth: { code: 'DEP_AUTH', retries: 0, resume: false, delayMs: 0 },
  refused: { code: 'AGENT_REFUSED', retries: 0, resume: false, delayMs: 0 },
  budget: { code: 'BUDGET_EXCEEDED', retries: 0, resume: true, delayMs: 0 },
  'spawn-error': { code: 'DEP_RUNNER_FAIL', retries: 0, resume: false, delayMs: 0 },
};

export function failureRule(outcome: string): FailureRule {
  const rule = RULES[outcome];
  if (rule === undefined) throw new Error(`no rule for an attempt that ended as ${outcome}`);
  return rule;
}

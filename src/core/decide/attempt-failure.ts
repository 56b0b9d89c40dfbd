import type { Job, RetryRule } from '../pipeline/definition.ts';

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
  // How long is waited for a service stands in runner-turn.ts.
  overloaded: { code: 'DEP_API_UNAVAILABLE', retries: ANY, resume: true, delayMs: 0 },
  unavailable: { code: 'DEP_API_UNAVAILABLE', retries: ANY, resume: true, delayMs: 2_000 },
  quota: { code: 'DEP_QUOTA', retries: ANY, resume: true, delayMs: 0 },
  billing: { code: 'DEP_QUOTA', retries: 0, resume: true, delayMs: 0 },
  auth: { code: 'DEP_AUTH', retries: 0, resume: false, delayMs: 0 },
  refused: { code: 'AGENT_REFUSED', retries: 0, resume: false, delayMs: 0 },
  budget: { code: 'BUDGET_EXCEEDED', retries: 0, resume: true, delayMs: 0 },
  'spawn-error': { code: 'DEP_RUNNER_FAIL', retries: 0, resume: false, delayMs: 0 },
  // It said so itself.
  failed: { code: 'STAGE_FAILED', retries: ANY, resume: false, delayMs: 0 },
  'missing-input': { code: 'OUTPUT_INVALID', retries: 0, resume: false, delayMs: 0 },
};

/** A command is made again as often as its stage says; what cannot be started stays so. */
const COMMAND_RULES: Readonly<Record<string, FailureRule>> = {
  failed: { code: 'STAGE_FAILED', retries: ANY, resume: false, delayMs: 0 },
  timeout: { code: 'STAGE_TIMEOUT', retries: ANY, resume: false, delayMs: 0 },
  stalled: { code: 'STALLED', retries: 1, resume: false, delayMs: 0 },
  unavailable: { code: 'DEP_API_UNAVAILABLE', retries: ANY, resume: false, delayMs: 2_000 },
  quota: { code: 'DEP_QUOTA', retries: 0, resume: false, delayMs: 0 },
  auth: { code: 'DEP_AUTH', retries: 0, resume: false, delayMs: 0 },
  'output-limit': { code: 'STAGE_FAILED', retries: 0, resume: false, delayMs: 0 },
  'spawn-error': { code: 'DEP_RUNNER_FAIL', retries: 0, resume: false, delayMs: 0 },
  'missing-input': { code: 'OUTPUT_INVALID', retries: 0, resume: false, delayMs: 0 },
  abandoned: { code: 'STAGE_FAILED', retries: ANY, resume: false, delayMs: 0 },
};

export function failureRule(outcome: string, kind: Job['kind'] = 'agent'): FailureRule {
  const rule = kind === 'command' ? COMMAND_RULES[outcome] : RULES[outcome];
  if (rule === undefined) throw new Error(`no rule for an attempt that ended as ${outcome}`);
  return rule;
}

/** True if a stage's own rule takes a failure for worth another attempt. */
export function isWorthRetrying(
  rule: RetryRule | undefined,
  failure: { readonly outcome: string; readonly exitCode?: number },
  code: string,
): boolean {
  if (rule?.on === undefined) return true;
  return rule.on.some((entry) => entry === failure.exitCode || entry === failure.outcome || entry === code);
}

/**
 * Pause in ms before the attempt that follows the `nth` failure, from one. The jitter is drawn from the name of what
 * is tried, so that the same run waits equally long whoever decides, and runs that failed together come back apart.
 */
export function backoffMs(rule: RetryRule, nth: number, name: string): number {
  const full = Math.min(rule.maxDelayMs, rule.delayMs * rule.factor ** (nth - 1));
  return Math.round(full * (1 - rule.jitter * share(`${name}:${nth}`)));
}

/** A share of one, 0 up to but not 1, that depends on the text alone (FNV-1a). */
function share(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

/**
 * Whether the cost that an agent tells begins anew with each of its processes, and not with the session as the protocol
 * has it: measured with claude-agent-acp 0.49. `name` is what it calls itself.
 */
export function acpCostIsOfProcess(name: string): boolean {
  return /\bclaude/i.test(name);
}

/**
 * Whether the agent forgets all of a turn that is cancelled, so that its session could not go on: measured with Gemini
 * CLI 0.61.0, which keeps it when it is ended instead.
 */
export function acpForgetsCancelledTurns(name: string): boolean {
  return /^gemini\b/i.test(name);
}

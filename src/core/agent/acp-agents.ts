/**
 * Whether the cost that an agent tells begins anew with each of its processes, and not with the session as the protocol
 * has it: measured with claude-agent-acp 0.49. `name` is what it calls itself.
 */
export function acpCostIsOfProcess(name: string): boolean {
  return /\bclaude/i.test(name);
}

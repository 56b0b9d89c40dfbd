import type { AgentOrder } from '../../engine/ports.ts';

/** For agents that have no place of their own for the instructions of a role: they stand before the prompt. */
export function withInstructions({ instructions, prompt }: AgentOrder): string {
  return instructions.trim() === '' ? prompt : `${instructions.trimEnd()}\n\n${prompt}`;
}

import { type AgentUser, createAgentUser, USER_KEY } from './agent-user.ts';

/** The key that the user's own helper gives to Claude Code. */
export const HELPER_KEY = USER_KEY;

/** Somebody who has Claude Code on the PATH, and all that it has to know in their home. */
export type ClaudeUser = AgentUser;

/** `modelUrl`: where their model service answers. */
export function createClaudeUser(program: string, modelUrl: string): ClaudeUser {
  return createAgentUser('claude', program, modelUrl);
}

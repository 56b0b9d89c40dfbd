import { describe, expect, it } from 'vitest';
import { agentName, providerVariables } from '../../../src/edges/agents/provider-variables.ts';

const ENV = {
  ANTHROPIC_API_KEY: 'a',
  OPENAI_API_KEY: 'o',
  GEMINI_API_KEY: 'g',
  OPENCODE_X: 'x',
  PATH: '/bin',
};
const named = (agent: string, model?: string) => Object.keys(providerVariables(ENV, agent, model));

describe('the variables of an agent', () => {
  it('are its own and those of its model service, and nobody else’s', () => {
    expect(named('claude-agent-acp')).toEqual(['ANTHROPIC_API_KEY']);
    expect(named('codex-acp')).toEqual(['OPENAI_API_KEY']);
    expect(named('gemini')).toEqual(['GEMINI_API_KEY']);
    expect(named('opencode')).toEqual(['OPENCODE_X']);
    expect(named('opencode', 'anthropic/claude-x')).toEqual(['ANTHROPIC_API_KEY', 'OPENCODE_X']);
    expect(named('an-agent-that-nobody-knows')).toEqual([]);
  });

  it.each([
    ['gemini --acp', 'gemini'],
    ['npx -y @scope/claude-agent-acp@1.2.3', 'claude-agent-acp'],
    ['env A=1 /opt/bin/codex-acp', 'codex-acp'],
    ['node /x/agent.js --model claude', 'agent.js'],
  ])('go by the program that a command starts: %s', (line, name) => {
    expect(agentName(line.split(' '))).toBe(name);
  });
});

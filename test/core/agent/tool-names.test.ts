import { describe, expect, it } from 'vitest';
import { unknownTools } from '../../../src/core/agent/tool-names.ts';

describe('the tools of a role', () => {
  it('are known by the names of Claude Code, with patterns', () => {
    expect(unknownTools('codex', ['Read', 'Bash(npm *)', 'WebFetch(domain:example.com)'])).toBeUndefined();
  });

  it('that are nobody’s are named, with what was probably meant', () => {
    expect(unknownTools('gemini', ['Raed', 'Write', 'Teleporter'])).toBe(
      'gemini knows no tools Raed (did you mean Read?), Teleporter',
    );
  });

  it('of an MCP server are known to Claude Code alone', () => {
    expect(unknownTools('claude', ['mcp__tickets__find'])).toBeUndefined();
    expect(unknownTools('codex', ['mcp__tickets__find'])).toBe('codex knows no tool mcp__tickets__find');
  });
});

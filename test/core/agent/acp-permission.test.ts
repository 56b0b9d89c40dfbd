import { describe, expect, it } from 'vitest';
import { judgeToolCall, permissionAnswer } from '../../../src/core/agent/acp-permission.ts';
import { acpTool } from '../../../src/core/agent/acp-tool.ts';
import { mayRun, roleRights } from '../../../src/core/agent/role-rights.ts';

const POLICY = {
  root: '/work/p',
  ownFiles: ['/work/p/.claude/runs/answer.json'],
  temporaryDirs: ['/tmp/own'],
};
const READER = { ...POLICY, tools: ['Read', 'Grep'] };
const tool = (fields: Record<string, unknown>) => acpTool(fields, undefined);
const at = (kind: string, ...paths: string[]) => tool({ kind, locations: paths.map((path) => ({ path })) });

describe('the rights of a role', () => {
  it('are those of a stage that writes when it names no tools', () => {
    expect(roleRights(undefined)).toEqual({ writes: true, commands: 'any', fetches: false });
    expect(roleRights(['Read'])).toEqual({ writes: false, commands: 'none', fetches: false });
    expect(roleRights(['Edit', 'Bash(git log *)', 'WebFetch'])).toEqual({
      writes: true,
      commands: ['git log *'],
      fetches: true,
    });
    expect(roleRights(['Bash', 'Bash(git log *)']).commands).toBe('any');
  });

  it('hold a command against their patterns, and take none that does more than one thing', () => {
    const may = (line: string) =>
      mayRun(
        ['git log *', 'npm test', 'npx tsc:*'].map((each) => each.replace(/:\*$/, ' *')),
        line,
      );
    expect(['git log', 'git log --oneline', 'npm test', 'npx tsc -p .'].every(may)).toBe(true);
    for (const line of [
      'git logs',
      'git push',
      'npm test x',
      'git log; rm x',
      'git log > x',
      'git log $(id)',
      'git log\nid',
    ])
      expect(may(line), line).toBe(false);
  });
});

describe('a permission request', () => {
  it('is granted inside of the project, and to every role for its answer', () => {
    expect(judgeToolCall(at('edit', '/work/p/src/a.js'), POLICY).allowed).toBe(true);
    expect(judgeToolCall(at('edit', '/work/p/src/a.js'), READER).allowed).toBe(false);
    expect(judgeToolCall(at('edit', '/work/p/.claude/runs/answer.json'), READER).allowed).toBe(true);
    expect(judgeToolCall(at('edit', '/tmp/own/answer.json'), READER).allowed).toBe(true);
  });

  it.each([
    [at('edit', '/work/other/a.js'), /outside/],
    [at('edit', '/work/p2/a.js'), /outside/],
    [at('move', '/work/p/a.js', '/etc/a.js'), /outside/],
    [at('delete', '/work/p/.git/config'), /\.git/],
    [at('edit', '/work/p/.claude/settings.json'), /\.claude/],
    [at('edit'), /not told which file/],
    [at('read', '/etc/passwd'), /outside/],
    [at('fetch'), /nothing from outside/],
    [at('switch_mode'), /modes/],
  ])('is refused with its reason: %#', (asked, why) => {
    expect(judgeToolCall(asked, POLICY)).toMatchObject({ allowed: false, why: expect.stringMatching(why) });
  });

  it('is judged by what it holds when it names no kind', () => {
    expect(judgeToolCall(tool({ title: 'sh', rawInput: { command: ['ls', '-l'] } }), READER).why).toMatch(
      /no commands/,
    );
    expect(
      judgeToolCall(tool({ content: [{ type: 'diff', path: '/etc/x', newText: '' }] }), POLICY).allowed,
    ).toBe(false);
    expect(judgeToolCall(tool({ title: 'something' }), READER).allowed).toBe(false);
  });

  it('is answered for this once, never for always', () => {
    const option = (optionId: string, kind: string) => ({ optionId, kind, name: optionId });
    const all = [
      option('a', 'allow_always'),
      option('b', 'allow_once'),
      option('c', 'reject_always'),
      option('d', 'reject_once'),
    ];
    expect(permissionAnswer(all, true)).toEqual({ optionId: 'b' });
    expect(permissionAnswer(all, false)).toEqual({ optionId: 'd' });
    expect(permissionAnswer([option('a', 'allow_always')], true)).toEqual({});
  });
});

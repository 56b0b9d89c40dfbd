import { describe, expect, it } from 'vitest';
import { modelOfRole, parseAgentRole, runnerOrder } from '../../src/core/agent-role.ts';

const source = { name: 'alex', file: '/p/.blueprint/agents/alex.md' };

function role(...frontmatter: string[]) {
  return parseAgentRole(['---', ...frontmatter, '---', 'You write specifications.', ''].join('\n'), source);
}

describe('an agent role', () => {
  it('is read with all its settings', () => {
    const lines = [
      'name: alexandra',
      'description: "Writes: specs"',
      'runner: acp:my-agent --x',
      'model: opus',
    ];
    expect(role(...lines, 'tools: [Read, Write]', 'max_turns: 40', 'timeout: 1.5h', 'color: red')).toEqual({
      ok: true,
      value: {
        name: 'alexandra',
        description: 'Writes: specs',
        runner: 'acp:my-agent --x',
        model: 'opus',
        tools: ['Read', 'Write'],
        maxTurns: 40,
        timeoutMs: 5_400_000,
        instructions: 'You write specifications.\n',
        file: source.file,
      },
    });
  });

  it('takes tools as one line and keeps commas within parentheses together', () => {
    expect(role('tools: Read, Bash(npm test, npm run lint), Write')).toMatchObject({
      value: { tools: ['Read', 'Bash(npm test, npm run lint)', 'Write'] },
    });
  });

  it('needs no frontmatter and no setting, and is then named by its file', () => {
    expect(parseAgentRole('Do it.\n\n---\nMore.', source)).toEqual({
      ok: true,
      value: { name: 'alex', instructions: 'Do it.\n\n---\nMore.\n', file: source.file },
    });
    expect(role('# nothing set')).toMatchObject({ ok: true, value: { name: 'alex' } });
  });

  it('reads files with a byte order mark and Windows line ends, and leaves `inherit` to the run', () => {
    const text = '\uFEFF---\r\nname: alex\r\nmodel: inherit\r\n---\r\nDo it.\r\n';
    expect(parseAgentRole(text, source)).toEqual({
      ok: true,
      value: { name: 'alex', instructions: 'Do it.\n', file: source.file },
    });
  });

  it.each([
    [['name: alex', 'description: when: asked'], 3, 'not valid YAML'],
    [['- name', '- alex'], 2, 'not a list of keys and values'],
    [['name: alex', 'max_turns: many'], 3, 'max_turns must be a whole number'],
    [['max_turns: 0'], 2, 'max_turns'],
    [['model: opus', 'timeout: 30'], 3, 'timeout must be a duration with its unit'],
    [['tools: {Read: true}'], 2, 'tools must be a list'],
    [['runner: []'], 2, 'runner must be text'],
    [['runner: [claude, 3]'], 2, 'runner must be text'],
    [['model: [opus]'], 2, 'model must be text'],
    [['model: {claude: 3}'], 2, 'model must be text'],
    [['name: ../alex'], 2, 'name must be a word'],
    [['name: alex', 'name: cass'], 3, 'duplicated mapping key'],
    [['name: !!js/function "x"'], 2, 'not valid YAML'],
  ])('names file and line of what is wrong in %j', (lines, line, message) => {
    const result = role(...lines);
    expect(result).toMatchObject({ ok: false, error: { file: source.file, line } });
    expect(result.ok ? '' : result.error.message).toContain(message);
  });

  it('names one runner, or a list of which each takes over from the one before', () => {
    expect(role('runner: acp:my-agent --with a,b')).toMatchObject({
      value: { runner: 'acp:my-agent --with a,b' },
    });
    expect(role('runner: [claude, "acp:other --x", claude]')).toMatchObject({
      value: { runner: 'claude', fallbackRunners: ['acp:other --x'] },
    });
    expect(role('runner: [claude]')).not.toHaveProperty('value.fallbackRunners');
  });

  it('names a model for its first runner, or one for each', () => {
    expect(role('model: opus')).toMatchObject({ value: { model: 'opus' } });
    const each = role('model: {claude: opus, codex: gpt-5, gemini: inherit}');
    expect(each).toMatchObject({ value: { models: { claude: 'opus', codex: 'gpt-5' } } });
    expect(each).not.toHaveProperty('value.model');
  });

  it('must close its frontmatter and have instructions', () => {
    expect(parseAgentRole('---\nname: alex\nDo it.', source)).toMatchObject({
      ok: false,
      error: { line: 1 },
    });
    expect(parseAgentRole('---\nname: alex\n---\n \n', source)).toMatchObject({
      ok: false,
      error: { line: 4 },
    });
  });
});

describe('the model of a role', () => {
  it('belongs to the runner that the role names first, else to whoever is first', () => {
    const role = { runner: 'claude', model: 'opus' };
    expect(modelOfRole(role, 'claude', 'claude')).toBe('opus');
    expect(modelOfRole(role, 'codex', 'codex')).toBeUndefined();
    expect(modelOfRole(role, 'claude', 'codex')).toBe('opus');
    expect(modelOfRole({ model: 'opus' }, 'codex', 'codex')).toBe('opus');
    expect(modelOfRole({ model: 'opus' }, 'codex', 'claude')).toBeUndefined();
  });

  it('is the one that it names for the runner', () => {
    const role = { models: { codex: 'gpt-5', claude: 'opus' } };
    expect(modelOfRole(role, 'codex', 'claude')).toBe('gpt-5');
    expect(modelOfRole(role, 'gemini', 'gemini')).toBeUndefined();
    expect(modelOfRole(role, 'toString', 'toString')).toBeUndefined();
  });
});

describe('the runners of an agent', () => {
  it('are those that were asked for, else those of its role, else the default', () => {
    const role = { runner: 'claude', fallbackRunners: ['codex'] };
    expect(runnerOrder({ runner: 'gemini' }, role, 'claude')).toEqual(['gemini']);
    expect(runnerOrder({ runner: 'gemini', fallbackRunners: ['offline'] }, role, 'x')).toEqual([
      'gemini',
      'offline',
    ]);
    expect(runnerOrder({}, role, 'x')).toEqual(['claude', 'codex']);
    expect(runnerOrder({}, undefined, 'x')).toEqual(['x']);
  });
});

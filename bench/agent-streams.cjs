// What the agents print, as far as a bench needs it: a beginning, rounds of one text and one command, and an end. Used by
// the bench and by the scripts that it takes for agents. A role may take forty turns: all of it is one, as one command
// runs from the beginning to the end.
const TEXT =
  'I look at the file first, change what the tests ask for, and run them again to see that they pass.';
const OUTPUT = 'ok 1 - greets\nok 2 - says goodbye\nnot ok 3 - keeps quiet\n'.repeat(3);
const USAGE = {
  input_tokens: 900,
  output_tokens: 80,
  cache_read_input_tokens: 12_000,
  cache_creation_input_tokens: 400,
};

const claude = {
  version: '2.1.197 (Claude Code)',
  events: 3,
  begin: () => [
    {
      type: 'system',
      subtype: 'init',
      session_id: 's',
      model: 'claude-sonnet-4',
      claude_code_version: '2.1.197',
    },
  ],
  round: (index) => [
    claudeSays({ type: 'text', text: TEXT }),
    claudeSays({
      type: 'tool_use',
      id: `t${index}`,
      name: 'Bash',
      input: { command: `npm test -- ${index}` },
    }),
    {
      type: 'user',
      message: {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: `t${index}`, content: OUTPUT }],
      },
      tool_use_result: { stdout: OUTPUT, stderr: '', interrupted: false },
      session_id: 's',
    },
  ],
  end: () => [
    {
      type: 'result',
      subtype: 'success',
      is_error: false,
      num_turns: 9,
      result: 'Done.',
      total_cost_usd: 0.02,
      session_id: 's',
      modelUsage: {
        'claude-sonnet-4': {
          inputTokens: 900,
          outputTokens: 80,
          cacheReadInputTokens: 1,
          cacheCreationInputTokens: 1,
        },
      },
    },
  ],
};

function claudeSays(block) {
  return {
    type: 'assistant',
    message: {
      id: 'm',
      type: 'message',
      role: 'assistant',
      content: [block],
      stop_reason: null,
      usage: USAGE,
    },
    session_id: 's',
  };
}

const codex = {
  version: 'codex-cli 0.169.0',
  events: 3,
  begin: () => [
    { type: 'thread.started', thread_id: 'th' },
    codexItem('started', -1, { status: 'in_progress' }),
  ],
  round: (index) => [
    { type: 'item.completed', item: { id: `m${index}`, type: 'agent_message', text: TEXT } },
    codexItem('started', index, { status: 'in_progress' }),
    codexItem('completed', index, { status: 'completed', aggregated_output: OUTPUT, exit_code: 0 }),
  ],
  end: () => [
    { type: 'turn.completed', usage: { input_tokens: 900, cached_input_tokens: 800, output_tokens: 80 } },
  ],
};

function codexItem(phase, index, more) {
  const item = {
    id: `c${index}`,
    type: 'command_execution',
    command: `/bin/bash -lc 'npm test -- ${index}'`,
    ...more,
  };
  return { type: `item.${phase}`, item };
}

const gemini = {
  version: '0.61.0',
  events: 3,
  begin: () => [{ type: 'init', session_id: 's', model: 'gemini-2.5-pro' }, geminiTool(-1)],
  round: (index) => [
    { type: 'message', role: 'assistant', content: TEXT, delta: true },
    geminiTool(index),
    { type: 'tool_result', tool_id: `t${index}`, status: 'success', output: OUTPUT },
  ],
  end: () => [
    { type: 'message', role: 'assistant', content: 'Done.', delta: true },
    {
      type: 'result',
      status: 'success',
      stats: { input: 900, input_tokens: 1000, output_tokens: 80, cached: 100 },
    },
  ],
};

const opencode = {
  version: '1.18.33',
  events: 3,
  begin: () => [opencodePart('step_start', { type: 'step-start' })],
  round: (index) => [
    opencodePart('text', { type: 'text', text: TEXT, time: { start: 1, end: 2 } }),
    opencodePart('tool_use', {
      type: 'tool',
      callID: `t${index}`,
      tool: 'bash',
      state: {
        status: 'completed',
        input: { command: `npm test -- ${index}` },
        output: OUTPUT,
        title: 'Tests',
      },
    }),
  ],
  end: () => [opencodePart('text', { type: 'text', text: 'Done.' }), opencodeStep('stop')],
};

function geminiTool(index) {
  const parameters = { command: `npm test -- ${index}` };
  return { type: 'tool_use', tool_name: 'run_shell_command', tool_id: `t${index}`, parameters };
}

function opencodePart(type, part) {
  return { type, timestamp: 1, sessionID: 's', part: { id: 'p', messageID: 'm', sessionID: 's', ...part } };
}

function opencodeStep(reason) {
  const tokens = { input: 900, output: 80, reasoning: 0, cache: { read: 100, write: 0 } };
  return opencodePart('step_finish', { type: 'step-finish', reason, cost: 0.000_001, tokens });
}

exports.STREAMS = { claude, codex, gemini, opencode };

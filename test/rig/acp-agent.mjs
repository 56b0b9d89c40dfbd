// A small coding agent that speaks the Agent Client Protocol by hand, so that it does not share a mistake with the SDK.
// Its model is the scripted one in the Anthropic form; its tools are Read, Write and Bash, and it asks before the last two.
// node acp-agent.mjs --model-url <url> | --model-url-file <file> [--sessions <directory>] [--do <what>]
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

const option = (name) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};
const urlFile = option('model-url-file');
const modelUrl = urlFile === undefined ? option('model-url') : readFileSync(urlFile, 'utf8');
const sessionsDir = option('sessions');
/** What it does otherwise than an agent should. */
const doing = option('do') ?? '';

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const sessions = new Map();
const waiting = new Map();
let asked = 0;
let loggedIn = doing !== 'auth';
let canceled = () => {};

class RpcError extends Error {
  constructor(code, message, data) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

if (doing === 'mute') setInterval(() => {}, 1_000);
else {
  if (doing === 'garbage') process.stdout.write('Welcome to the agent!\n{"not":"the protocol"}\n');
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => void receive(JSON.parse(line)));
  lines.on('close', () => (doing === 'linger' ? setInterval(() => {}, 1_000) : process.exit(0)));
}

async function receive(message) {
  if (message.method === undefined) {
    waiting.get(message.id)?.(message.result ?? message.error);
    waiting.delete(message.id);
    return;
  }
  if (message.id === undefined) {
    if (message.method === 'session/cancel' && doing !== 'deaf') canceled();
    return;
  }
  try {
    send({ id: message.id, result: await answer(message.method, message.params) });
  } catch (error) {
    const { code = -32603, message: text, data } = error;
    send({ id: message.id, error: { code, message: text, ...(data === undefined ? {} : { data }) } });
  }
}

function answer(method, params) {
  switch (method) {
    case 'initialize':
      return {
        protocolVersion: doing === 'version' ? 7 : 1,
        agentInfo: { name: 'test-agent', version: '1.2.3' },
        agentCapabilities: {
          loadSession: sessionsDir !== undefined,
          ...(doing === 'resume' ? { sessionCapabilities: { resume: {} } } : {}),
        },
        authMethods:
          doing === 'auth'
            ? [
                { id: 'browser', name: 'Browser' },
                { id: 'api-key', name: 'API key' },
              ]
            : [],
      };
    case 'authenticate':
      if (params.methodId !== 'api-key' || !process.env.ACP_TEST_KEY)
        throw new RpcError(-32000, 'Authentication required');
      loggedIn = true;
      return {};
    case 'session/new': {
      if (!loggedIn) throw new RpcError(-32000, 'Authentication required');
      const sessionId = randomUUID();
      sessions.set(sessionId, { cwd: params.cwd, messages: [] });
      return { sessionId, configOptions: [models()] };
    }
    case 'session/load':
    case 'session/resume': {
      const file = join(sessionsDir ?? '', `${params.sessionId}.json`);
      if (!existsSync(file))
        throw new RpcError(-32002, 'Resource not found', { sessionId: params.sessionId });
      const session = { cwd: params.cwd, messages: JSON.parse(readFileSync(file, 'utf8')) };
      sessions.set(params.sessionId, session);
      if (method === 'session/load') {
        update(params.sessionId, {
          sessionUpdate: 'agent_message_chunk',
          content: { type: 'text', text: 'said long ago' },
        });
        update(params.sessionId, spent(0.1));
      }
      return { configOptions: [models()] };
    }
    case 'session/set_config_option':
      return { configOptions: [models(params.value)] };
    case 'session/prompt':
      return prompt(params.sessionId, params.prompt.map(({ text }) => text).join('\n'));
    default:
      throw new RpcError(-32601, `Method not found: ${method}`);
  }
}

function models(currentValue = 'small') {
  const options = ['small', 'large'].map((value) => ({ value, name: value }));
  return { id: 'model', name: 'Model', category: 'model', type: 'select', currentValue, options };
}

const update = (sessionId, fields) =>
  send({ method: 'session/update', params: { sessionId, update: fields } });

function request(method, params) {
  asked += 1;
  const id = `agent-${asked}`;
  send({ id, method, params });
  return new Promise((done) => waiting.set(id, done));
}

async function prompt(sessionId, text) {
  const session = sessions.get(sessionId);
  const usage = { inputTokens: 0, outputTokens: 0, cachedReadTokens: 0 };
  let isCanceled = false;
  const cancel = new Promise((done) => {
    canceled = () => {
      isCanceled = true;
      done('canceled');
    };
  });
  if (doing === 'silent') return { stopReason: 'end_turn' };
  if (doing.startsWith('stop:')) {
    update(sessionId, { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'I stop.' } });
    return { stopReason: doing.slice(5) };
  }
  if (doing === 'crash') process.kill(process.pid, 'SIGKILL');
  if (doing === 'exit') {
    process.stderr.write('the agent gives up\n');
    process.exit(3);
  }
  if (doing === 'retry') {
    for (let attempt = 1; attempt <= 5; attempt += 1)
      process.stderr.write(`Attempt ${attempt} failed with status 429. Retrying with backoff...\n`);
    await cancel;
    return { stopReason: 'end_turn' };
  }
  if (doing === 'reach') {
    const tries = [
      ['fs/write_text_file', { path: join(session.cwd, 'planted.txt'), content: 'x' }],
      ['fs/read_text_file', { path: '/etc/passwd' }],
      ['terminal/create', { command: 'touch', args: [join(session.cwd, 'planted.txt')] }],
    ];
    for (const [method, params] of tries)
      say(sessionId, `${method} ${JSON.stringify(await request(method, { sessionId, ...params }))}\n`);
    return { stopReason: 'end_turn' };
  }
  if (doing in QUESTIONS && session.messages.length === 0) {
    save(sessionId, [
      { role: 'user', content: [{ type: 'text', text }] },
      { role: 'assistant', content: [{ type: 'text', text: 'I asked.' }] },
    ]);
    const [method, params] = QUESTIONS[doing];
    await request(method, { sessionId, ...params });
    await cancel;
    return { stopReason: 'cancelled' };
  }
  session.messages.push({ role: 'user', content: [{ type: 'text', text }] });
  save(sessionId, session.messages);
  if (doing === 'plan')
    update(sessionId, {
      sessionUpdate: 'plan',
      entries: [{ content: 'write', status: 'in_progress', priority: 'high' }],
    });
  for (;;) {
    const reply = await Promise.race([think(sessionId, session), cancel]);
    // Some agents say so.
    if (isCanceled) return { stopReason: doing === 'end-cancelled' ? 'end_turn' : 'cancelled', usage };
    usage.inputTokens += reply.usage.input_tokens;
    usage.outputTokens += reply.usage.output_tokens;
    usage.cachedReadTokens += reply.usage.cache_read_input_tokens;
    usage.totalTokens = usage.inputTokens + usage.outputTokens + usage.cachedReadTokens;
    session.messages.push({ role: 'assistant', content: reply.content });
    const results = [];
    for (const block of reply.content) {
      if (block.type !== 'tool_use') continue;
      const result = await use(sessionId, session.cwd, block, cancel);
      if (isCanceled) return { stopReason: 'cancelled', usage };
      results.push({ type: 'tool_result', tool_use_id: block.id, ...result });
    }
    save(sessionId, session.messages);
    if (reply.stop_reason === 'refusal') return { stopReason: 'refusal', usage };
    if (results.length === 0) {
      update(sessionId, spent(0.25));
      return { stopReason: 'end_turn', usage };
    }
    session.messages.push({ role: 'user', content: results });
  }
}

const COLOUR = {
  type: 'object',
  properties: { colour: { type: 'string', enum: ['red', 'blue'] } },
  required: ['colour'],
};
const EVIL = `\x1b]0;owned\x07\x1b[2J\x1b[31m\u202e${'x'.repeat(1_000_000)}`;

/** Ways to ask a person. */
const QUESTIONS = {
  ask: ['elicitation/create', { mode: 'form', message: 'Which colour?', requestedSchema: COLOUR }],
  'ask-url': [
    'elicitation/create',
    { mode: 'url', elicitationId: 'e1', message: 'Log in there.', url: 'https://example.com/login' },
  ],
  'ask-evil': [
    'elicitation/create',
    {
      mode: 'form',
      message: EVIL,
      requestedSchema: { type: 'object', properties: { [EVIL]: { type: 'string', title: EVIL } } },
    },
  ],
  'ask-choice': [
    'session/request_permission',
    {
      toolCall: { toolCallId: 'choice', title: 'Which store?' },
      options: [
        { optionId: '1', name: 'SQL', kind: 'allow_once' },
        { optionId: '2', name: 'Files', kind: 'allow_once' },
        { optionId: '3', name: 'Neither', kind: 'reject_once' },
      ],
    },
  ],
};

/** What the whole session has cost. */
const spent = (amount) => ({
  sessionUpdate: 'usage_update',
  used: 10,
  size: 100,
  cost: { amount, currency: 'USD' },
});

/** In pieces, as models speak. */
function say(sessionId, text) {
  for (let at = 0; at < text.length; at += 7)
    update(sessionId, {
      sessionUpdate: 'agent_message_chunk',
      content: { type: 'text', text: text.slice(at, at + 7) },
    });
}

function save(sessionId, messages) {
  if (sessionsDir === undefined) return;
  mkdirSync(sessionsDir, { recursive: true });
  writeFileSync(join(sessionsDir, `${sessionId}.json`), JSON.stringify(messages));
}

/** Says what its model says while that comes. */
async function think(sessionId, { cwd, messages }) {
  const response = await fetch(`${modelUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'scripted',
      stream: true,
      system: `Working directory: ${cwd}`,
      tools: ['Read', 'Write', 'Bash'].map((name) => ({ name })),
      messages,
    }),
  });
  if (response.status === 200) return heard(sessionId, response);
  const body = await response.json();
  if (response.status === 401) throw new RpcError(-32000, 'Authentication required');
  const retryAfter = response.headers.get('retry-after');
  throw new RpcError(-32603, 'Internal error', {
    details: body.error.message,
    status: response.status,
    ...(retryAfter === null ? {} : { responseHeaders: { 'retry-after': retryAfter } }),
  });
}

/** The whole of an answer that comes as a stream of events. */
async function heard(sessionId, response) {
  const content = [];
  let stop_reason;
  let usage;
  for await (const line of createInterface({ input: Readable.fromWeb(response.body) })) {
    if (!line.startsWith('data: ')) continue;
    const event = JSON.parse(line.slice(6));
    if (event.type === 'content_block_start') content[event.index] = { ...event.content_block };
    if (event.type === 'content_block_delta') {
      const { text, partial_json } = event.delta;
      if (partial_json !== undefined) content[event.index].input = JSON.parse(partial_json);
      else {
        content[event.index].text += text;
        say(sessionId, text);
      }
    }
    if (event.type === 'message_delta') ({ usage, stop_reason } = { usage: event.usage, ...event.delta });
  }
  if (stop_reason === undefined) throw new RpcError(-32603, 'Internal error', { details: 'socket closed' });
  return { content, stop_reason, usage };
}

async function use(sessionId, cwd, { id, name, input }, cancel) {
  const kind = { Read: 'read', Write: 'edit', Bash: 'execute' }[name];
  const path = input.file_path === undefined ? undefined : resolve(cwd, input.file_path);
  const diff =
    name === 'Write'
      ? [
          {
            type: 'diff',
            path,
            oldText: existsSync(path) ? readFileSync(path, 'utf8') : null,
            newText: input.content,
          },
        ]
      : [];
  const toolCall = {
    toolCallId: id,
    title: `${name} ${path ?? input.command}`,
    kind,
    content: diff,
    locations: path === undefined ? [] : [{ path }],
    rawInput: input,
  };
  update(sessionId, { sessionUpdate: 'tool_call', status: 'pending', ...toolCall });
  if (name !== 'Read') {
    const options = [
      { optionId: 'always', name: 'Always', kind: 'allow_always' },
      { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
      { optionId: 'no', name: 'No', kind: 'reject_once' },
    ];
    const { outcome } = await request('session/request_permission', {
      sessionId,
      toolCall: { toolCallId: id },
      options,
    });
    if (outcome.optionId !== 'yes') {
      update(sessionId, { sessionUpdate: 'tool_call_update', toolCallId: id, status: 'failed' });
      return { is_error: true, content: `the user said ${outcome.optionId ?? outcome.outcome}` };
    }
  }
  const result = await perform(name, path, input, cwd, cancel);
  update(sessionId, {
    sessionUpdate: 'tool_call_update',
    toolCallId: id,
    status: result.is_error ? 'failed' : 'completed',
  });
  return result;
}

async function perform(name, path, input, cwd, cancel) {
  try {
    if (name === 'Read') return { content: readFileSync(path, 'utf8') };
    if (name === 'Write') {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, input.content);
      return { content: 'written' };
    }
  } catch (error) {
    return { is_error: true, content: String(error) };
  }
  // In a session of its own, as agents start their shells.
  const shell = spawn('bash', ['-c', input.command], {
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await Promise.race([new Promise((done) => shell.on('close', done)), cancel]);
  return code === 0 ? { content: output } : { is_error: true, content: `Exit code ${code}\n${output}` };
}

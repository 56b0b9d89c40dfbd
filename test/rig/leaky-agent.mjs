#!/usr/bin/env node
// An agent that tells what it knows wherever it can: node leaky-agent.mjs <file with the texts> [stdout|acp|claude].
// As `claude` it is started by the name MURMUR8_CLAUDE_PROGRAM, so that the file comes through the environment.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [file, manner] =
  process.env.LEAKY_FILE === undefined ? process.argv.slice(2) : [process.env.LEAKY_FILE, 'claude'];
if (process.argv.includes('--version')) {
  process.stdout.write('2.1.197 (Claude Code)\n');
  process.exit(0);
}
const texts = JSON.parse(readFileSync(file, 'utf8'));
const all = texts.join(' and ');
const print = (record) => process.stdout.write(`${JSON.stringify(record)}\n`);

function leave(answer, outputs) {
  for (const text of texts) process.stderr.write(`stderr: ${text}\n`);
  mkdirSync('made', { recursive: true });
  for (const [index, text] of texts.entries())
    writeFileSync(`made/${index}-${text.replace(/[^\w-]/g, '').slice(0, 150)}.txt`, 'x');
  const { MURMUR8_ANSWER, MURMUR8_OUTPUT } = process.env;
  if (answer !== undefined) writeFileSync(MURMUR8_ANSWER, answer);
  if (outputs !== undefined && MURMUR8_OUTPUT) writeFileSync(MURMUR8_OUTPUT, outputs);
}

/** By what the stage is called. */
function leaveByStage() {
  const { MURMUR8_STAGE: stage } = process.env;
  if (stage === 'ask') leave(JSON.stringify({ question: { text: `may I use ${all}?` } }));
  else
    leave(
      JSON.stringify({ note: all }),
      texts.map((text, index) => `value${index}=${text.split('\n')[0]}`).join('\n'),
    );
}

if (manner === 'stdout') {
  for (const text of texts) {
    for (let at = 0; at < text.length; at += 7) process.stdout.write(text.slice(at, at + 7));
    process.stdout.write('\n');
  }
  leaveByStage();
} else if (manner === 'claude') {
  print({
    type: 'system',
    subtype: 'init',
    session_id: texts[0],
    model: `model-${texts[0]}`,
    tools: [],
    mcp_servers: [],
  });
  for (const text of texts) {
    const content = [
      { type: 'text', text: `${'x'.repeat(7_960)} ${text}` },
      { type: 'text', text },
      {
        type: 'tool_use',
        id: text,
        name: `Tool${text}`,
        input: { command: `echo ${text}`, file_path: text },
      },
    ];
    print({ type: 'assistant', message: { id: 'm', content, usage: { output_tokens: 1 } }, session_id: 's' });
    const result = [
      { type: 'tool_result', tool_use_id: text, content: JSON.stringify({ out: text }), is_error: true },
    ];
    print({ type: 'user', message: { content: result } });
    print({ type: 'unknown', text });
  }
  leaveByStage();
  const usage = { [`model-${texts[0]}`]: { inputTokens: 1, outputTokens: 1, costUSD: 0.01 } };
  print({
    type: 'result',
    subtype: 'success',
    is_error: process.env.MURMUR8_STAGE === 'fail',
    result: `failed with ${all}`,
    session_id: 's',
    num_turns: 1,
    modelUsage: usage,
  });
} else {
  const send = (message) => print({ jsonrpc: '2.0', ...message });
  const update = (what) => send({ method: 'session/update', params: { sessionId: 's', update: what } });
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      const { id, method } = JSON.parse(line);
      if (method === 'initialize') send({ id, result: { protocolVersion: 1, agentCapabilities: {} } });
      else if (method === 'session/new') send({ id, result: { sessionId: 's' } });
      else if (method === 'session/prompt') {
        for (const text of texts) {
          for (let at = 0; at < text.length; at += 7) {
            const content = { type: 'text', text: text.slice(at, at + 7) };
            for (const kind of ['agent_message_chunk', 'agent_thought_chunk']) {
              if (kind === 'agent_message_chunk') update({ sessionUpdate: kind, content });
            }
          }
          update({
            sessionUpdate: 'tool_call',
            toolCallId: text,
            title: `run ${text}`,
            kind: 'execute',
            status: 'completed',
            rawInput: { command: text },
          });
        }
        leaveByStage();
        if (process.env.MURMUR8_STAGE === 'fail')
          send({ id, error: { code: -32603, message: `failed with ${all}` } });
        else send({ id, result: { stopReason: 'end_turn' } });
      }
    })
    .on('close', () => process.exit(0));
}

import { describe, expect, it } from 'vitest';
import { createClaudeReader } from '../../../src/core/agent/claude-stream.ts';
import { createCodexReader } from '../../../src/core/agent/codex-stream.ts';
import { createGeminiReader } from '../../../src/core/agent/gemini-stream.ts';
import { createOpencodeReader } from '../../../src/core/agent/opencode-stream.ts';

/** Lines in the forms in which the real agents print them, against the scripted model, without what nobody reads. */
const line = (record: object) => JSON.stringify(record);

describe('Claude Code says what kept its service from answering', () => {
  const failing = (error: string, result: string, status: number | null) => [
    line({ type: 'assistant', message: { model: '<synthetic>', content: [] }, error }),
    line({ type: 'result', subtype: 'success', is_error: true, api_error_status: status, result }),
  ];
  const read = (...lines: string[]) => {
    const reader = createClaudeReader('/work');
    return lines.flatMap((each) => reader.line(each)).at(-1);
  };

  it('a subscription’s limit with its end', () => {
    const info = { status: 'rejected', resetsAt: 1_795_286_088, rateLimitType: 'five_hour' };
    expect(
      read(
        line({ type: 'rate_limit_event', rate_limit_info: { ...info, status: 'allowed', resetsAt: 1 } }),
        line({ type: 'rate_limit_event', rate_limit_info: info }),
        ...failing('rate_limit', "You've hit your session limit · resets 6:34pm (UTC)", 429),
      ),
    ).toMatchObject({ type: 'error', reason: 'quota', retryAt: 1_795_286_088_000 });
  });

  it('a warning is no end of a limit', () => {
    const info = { status: 'allowed_warning', resetsAt: 1_795_286_088 };
    const event = read(
      line({ type: 'rate_limit_event', rate_limit_info: info }),
      ...failing('server_error', 'API Error: 529 Overloaded.', 529),
    );
    expect(event).toMatchObject({ reason: 'overloaded' });
    expect(event).not.toHaveProperty('retryAt');
  });

  it.each([
    ['billing_error', 'Credit balance is too low', 400, 'billing'],
    ['unknown', 'API Error: 402 payment', 402, 'billing'],
    ['rate_limit', 'API Error: Request rejected (429) · slow down', 429, 'quota'],
    ['authentication_failed', 'Failed to authenticate. API Error: 403 it is forbidden', 403, 'auth'],
    ['authentication_failed', 'something that no wording tells', null, 'auth'],
    ['server_error', 'API Error: Repeated 529 Overloaded errors. The API is at capacity', null, 'overloaded'],
    ['server_error', 'API Error: 500 it fell over', 500, 'unavailable'],
    ['invalid_request', 'Request too large (max 32MB). Try with a smaller file.', 413, 'context'],
  ])('%s, "%s"', (error, result, status, reason) => {
    expect(read(...failing(error, result, status))).toMatchObject({ type: 'error', reason });
  });

  it('in the older wording', () => {
    expect(read(...failing('rate_limit', 'Claude AI usage limit reached|1795285903', 429))).toMatchObject({
      reason: 'quota',
      retryAt: 1_795_285_903_000,
    });
  });
});

describe('codex says what kept its service from answering', () => {
  const read = (message: string) =>
    createCodexReader({ cwd: '/work', wallClock: (text) => (text.includes(' PM') ? 42 : undefined) })
      .line(line({ type: 'turn.failed', error: { message } }))
      .at(-1);

  it.each([
    [
      'rate limit exceeded: Rate limit reached for gpt-5.5. Please try again in 20s.',
      { reason: 'quota', retryAfterMs: 20_000 },
    ],
    [
      'You’ve hit your usage limit. Upgrade to Pro or try again at 6:31 PM.',
      { reason: 'quota', retryAt: 42 },
    ],
    ['Quota exceeded. Check your plan and billing details.', { reason: 'billing' }],
    [
      'To use Codex with your ChatGPT plan, upgrade to Plus: https://chatgpt.com/plus.',
      { reason: 'billing' },
    ],
    ['unexpected status 402 Payment Required: payment, url: http://127.0.0.1/', { reason: 'billing' }],
    ['exceeded retry limit, last status: 429 Too Many Requests', { reason: 'quota' }],
    ['Selected model is at capacity. Please try a different model.', { reason: 'overloaded' }],
  ])('%s', (message, told) => {
    expect(read(message)).toMatchObject({ type: 'error', ...told });
  });

  it('and for how long it waits by itself', () => {
    const message = 'Reconnecting... 1/5 (rate limit exceeded: Please try again in 20s.)';
    expect(createCodexReader({ cwd: '/work' }).line(line({ type: 'error', message }))).toEqual([
      {
        type: 'retry',
        attempt: 1,
        delayMs: 20_000,
        message: 'rate limit exceeded: Please try again in 20s.',
      },
    ]);
  });
});

describe('Gemini CLI says what kept its service from answering', () => {
  const later = 'Please wait and try again later. To increase your limits, request a quota increase';
  const read = (message: string) =>
    createGeminiReader('/work', undefined)
      .line(line({ type: 'result', status: 'error', error: { type: 'unknown', message } }))
      .at(-1);

  it.each([
    [
      `[API Error: Resource has been exhausted (e.g. check quota).\nSuggested retry after 7s.]\n${later}`,
      { reason: 'quota', retryAfterMs: 7_000 },
    ],
    [
      `[API Error: got status: RESOURCE_EXHAUSTED. {"error":{"code":429,"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"7s"}]}}]\n${later}`,
      { reason: 'quota', retryAfterMs: 7_000 },
    ],
    [`[API Error: You have exhausted your daily quota on this model.]\n${later}`, { reason: 'quota' }],
    [
      '[API Error: {"error":{"code":403,"message":"This API method requires billing to be enabled.","status":"PERMISSION_DENIED"}}]',
      { reason: 'billing' },
    ],
    ['[API Error: The model is overloaded. Please try again later.]', { reason: 'overloaded' }],
    ['[API Error: terminated]', { reason: 'unavailable' }],
    ['[API Error: Unexpected end of JSON input]', { reason: 'unavailable' }],
  ])('%s', (message, told) => {
    expect(read(message)).toMatchObject({ type: 'error', ...told });
  });

  it('and that it was blocked, of which its end says nothing', () => {
    const reader = createGeminiReader('/work', undefined);
    const message = 'The model response was blocked due to safety settings.';
    reader.line(line({ type: 'error', severity: 'error', message }));
    expect(reader.line(line({ type: 'result', status: 'error' })).at(-1)).toMatchObject({
      type: 'error',
      reason: 'refused',
      message,
    });
  });

  it('and on standard error that it asks again, and when', () => {
    const reader = createGeminiReader('/work', undefined);
    const lines = [
      'Ripgrep is not available. Falling back to GrepTool.',
      'Attempt 1 failed: slow down',
      'Suggested retry after 3s.. Retrying after 5713ms...',
      'Attempt 2 failed with status 500. Retrying with backoff... _ApiError: {"error":{"code":500}}',
      'Attempt 3 failed: slow down. Max attempts reached',
    ];
    expect(lines.flatMap((each) => reader.errorLine(each))).toEqual([
      { type: 'retry', attempt: 1, delayMs: 5_713, message: 'slow down' },
      { type: 'retry', attempt: 2, status: 500, message: '' },
    ]);
  });
});

describe('opencode says what kept its service from answering', () => {
  const reader = () =>
    createOpencodeReader({ cwd: '/work', model: 'x/m', maxTurns: undefined, maxCostMicroUsd: undefined });
  const failing = (data: object) =>
    reader()
      .line(line({ type: 'error', sessionID: 's', error: { name: 'APIError', data } }))
      .at(-1);

  it('in the headers of the answer, or in its body', () => {
    const data = { message: 'slow down', statusCode: 429, isRetryable: true };
    expect(failing({ ...data, responseHeaders: { 'retry-after': '7' } })).toMatchObject({
      reason: 'quota',
      retryAfterMs: 7_000,
    });
    const body = { error: { message: 'slow down', details: [{ retryDelay: '20.5s' }] } };
    expect(failing({ ...data, responseBody: line(body) })).toMatchObject({
      reason: 'quota',
      retryAfterMs: 20_500,
    });
    expect(failing(data)).not.toHaveProperty('retryAfterMs');
  });

  it('an account without money is told by the body alone', () => {
    const responseBody = '{"error":{"message":"You exceeded your quota","code":"insufficient_quota"}}';
    expect(failing({ message: 'You exceeded your quota', statusCode: 429, responseBody })).toMatchObject({
      reason: 'billing',
    });
  });

  it('a refusal by its name, which comes after the step', () => {
    const error = {
      name: 'ContentFilterError',
      data: { message: 'The response was blocked by the provider' },
    };
    expect(
      reader()
        .line(line({ type: 'error', sessionID: 's', error }))
        .at(-1),
    ).toMatchObject({
      type: 'error',
      reason: 'refused',
    });
  });

  it('through our plugin: its session, its pauses, and its tools from their beginning', () => {
    const { line: read, toolRunning } = reader();
    expect(read(line({ type: 'murmur8', sessionID: 'ses_1' }))).toEqual([
      { type: 'started', sessionId: 'ses_1', model: 'x/m' },
    ]);
    expect(
      read(line({ type: 'murmur8', retry: { attempt: 1, message: 'slow down', delayMs: 3_599_990.5 } })),
    ).toEqual([{ type: 'retry', attempt: 1, delayMs: 3_599_991, message: 'slow down' }]);
    const input = { command: 'npm test' };
    expect(read(line({ type: 'murmur8', tool: { callID: 'c1', tool: 'bash', input } }))).toEqual([
      { type: 'tool', phase: 'start', id: 'c1', name: 'bash', subject: 'npm test' },
    ]);
    expect(toolRunning()).toBe(true);
    const part = { callID: 'c1', tool: 'bash', state: { status: 'completed', input } };
    expect(read(line({ type: 'tool_use', sessionID: 'ses_1', part }))).toEqual([
      { type: 'tool', phase: 'end', id: 'c1', name: 'bash', ok: true },
    ]);
    expect(toolRunning()).toBe(false);
    expect(read(line({ type: 'murmur8', alive: true }))).toEqual([]);
  });
});

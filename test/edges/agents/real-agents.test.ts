import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runAgent } from '../../rig/agent-cli.ts';
import { type AgentUser, createAgentUser, USER_KEY } from '../../rig/agent-user.ts';
import { AGENT_NAMES, type AgentName, agentProgram } from '../../rig/agents.ts';
import { aliveWith } from '../../rig/agents-alive.ts';
import { type ModelServer, type ModelSession, startModelServer } from '../../rig/model-server.ts';
import type { ModelScript } from '../../rig/model-server-step.ts';

/** The lines by which each agent says that its work is done, and names its session. */
const SAID: Readonly<Record<AgentName, { readonly done: RegExp; readonly session: RegExp }>> = {
  claude: { done: /"type":"result","subtype":"success","is_error":false/, session: /"session_id":"([^"]+)"/ },
  codex: { done: /"type":"turn\.completed"/, session: /"thread_id":"([^"]+)"/ },
  gemini: { done: /"type":"result".*"status":"success"/, session: /"session_id":"([^"]+)"/ },
  opencode: { done: /"type":"step_finish".*"reason":"stop"/, session: /"sessionID":"([^"]+)"/ },
};

const ALL_DONE = 'Word by word this comes to its end: all is done.';

/** The scripted model server against what the real agents send and take; every other test with them builds on it. */
describe.each(AGENT_NAMES)('the scripted model and the real %s', { timeout: 240_000 }, (name) => {
  const program = agentProgram(name);
  let server: ModelServer;
  let cwd: string;
  let user: AgentUser | undefined;

  beforeAll(async () => {
    server = await startModelServer();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'murmur8-job-'));
    writeFileSync(join(cwd, 'given.txt'), 'one\ntwo\n');
  });
  afterEach(() => {
    if (user !== undefined) expect(aliveWith(user.home)).toEqual([]);
    user?.remove();
    user = undefined;
    rmSync(cwd, { recursive: true, force: true });
  });

  const userOf = (script: ModelScript): [AgentUser, ModelSession] => {
    const model = server.session(script);
    user = createAgentUser(name, program ?? '', model.url);
    return [user, model];
  };

  it.skipIf(program === undefined)('do a small job, and go on with it in the same session', async () => {
    const [person, model] = userOf([
      {
        say: 'I write.',
        write: [
          { path: 'first.md', content: '# First\n\nIt\'s "here": $HOME `x` \\n é\n' },
          { path: join(cwd, 'below/second.md'), content: 'second\n' },
        ],
      },
      { read: 'given.txt' },
      { bash: 'cat below/second.md; echo seen > seen.txt; exit 3' },
      { tool: 'no_such_tool', input: { a: 1 } },
      { text: ALL_DONE, slow: { pieces: 8, pauseMs: 20 }, usage: { input: 500, output: 50, cacheRead: 100 } },
      { write: { path: 'first.md', content: 'anew\n' } },
      { text: 'Done again.' },
    ]);
    const ended = await runAgent(name, person, { cwd, prompt: '# The job\n\nDo <this> and that.' });
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(SAID[name].done) });
    const deltas = [...ended.stdout.matchAll(/"role":"assistant","content":("[^"]*")/g)];
    const said = deltas.map((match) => String(JSON.parse(match[1] ?? '""'))).join('');
    expect(name === 'gemini' ? said : ended.stdout).toContain(ALL_DONE);
    expect(readFileSync(join(cwd, 'first.md'), 'utf8')).toBe('# First\n\nIt\'s "here": $HOME `x` \\n é\n');
    expect(readFileSync(join(cwd, 'below/second.md'), 'utf8')).toBe('second\n');
    expect(readFileSync(join(cwd, 'seen.txt'), 'utf8')).toBe('seen\n');

    expect(model.requests.map((request) => request.turn)).toEqual([0, 1, 2, 3, 4]);
    for (const request of model.requests) {
      expect(request.prompts).toEqual(['# The job\n\nDo <this> and that.']);
      expect(request.cwd).toBe(cwd);
      expect(JSON.stringify(request.headers)).toContain(USER_KEY);
    }
    const [first, second, third, fourth, fifth] = model.requests;
    expect(first?.toolResults).toEqual([]);
    expect(second?.toolResults.map(({ failed }) => failed)).toEqual([false, false]);
    expect(third?.toolResults).toMatchObject([{ text: expect.stringMatching(/one\n.*two/), failed: false }]);
    expect(fourth?.toolResults[0]?.text).toContain('second');
    // Of a failed command opencode tells its model nothing but the output.
    if (name !== 'opencode') expect(fourth?.toolResults).toMatchObject([{ failed: true, exitCode: 3 }]);

    expect(fifth?.toolResults).toMatchObject([{ failed: true }]);
    expect(fifth?.toolResults[0]).not.toHaveProperty('exitCode');

    const [, session] = SAID[name].session.exec(ended.stdout) ?? [];
    const again = await runAgent(name, person, { cwd, prompt: 'Once more.', ...(session && { session }) });
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('Done again.') });
    expect(model.requests.at(-1)?.prompts).toEqual(['# The job\n\nDo <this> and that.', 'Once more.']);
    expect(model.requests.at(-1)?.turn).toBe(1);
    expect(readFileSync(join(cwd, 'first.md'), 'utf8')).toBe('anew\n');
  });

  it.skipIf(program === undefined)('agree that a key is wrong', async () => {
    const [person, model] = userOf([{ status: 401, message: 'this key is not known here' }]);
    const ended = await runAgent(name, person, { cwd, prompt: 'Try it.' });
    expect(ended.code).not.toBe(0);
    expect(ended.stdout + ended.stderr).toContain('this key is not known here');
    expect(model.requests.length).toBeGreaterThan(0);
  });
});

const codex = agentProgram('codex');

it.skipIf(codex === undefined)(
  'the scripted model waits, like a real one, for a command of codex that goes on',
  async () => {
    const server = await startModelServer();
    const cwd = mkdtempSync(join(tmpdir(), 'murmur8-job-'));
    const model = server.session([
      { tool: 'exec_command', input: { cmd: 'echo begun; sleep 2; echo late; exit 4', yield_time_ms: 250 } },
      { text: 'It ended.' },
    ]);
    const user = createAgentUser('codex', codex ?? '', model.url);
    const ended = await runAgent('codex', user, { cwd, prompt: 'Take your time.' });
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('It ended.') });
    expect(model.requests.map((request) => request.turn)).toEqual([0, 1]);
    const [result] = model.requests[1]?.toolResults ?? [];
    expect(result).toMatchObject({ failed: true, exitCode: 4, text: expect.stringContaining('late') });
    user.remove();
    rmSync(cwd, { recursive: true, force: true });
    await server.close();
  },
);

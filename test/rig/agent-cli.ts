import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentUser } from './agent-user.ts';
import type { AgentName } from './agents.ts';
import { type Ended, MACHINE } from './cli.ts';

/** How somebody would call each agent without a terminal and let it do anything; `session` goes on with one. */
const ARGUMENTS: Readonly<Record<AgentName, (session: string | undefined) => readonly string[]>> = {
  claude: (session) => [
    ...['-p', '--output-format', 'stream-json', '--verbose'],
    ...['--permission-mode', 'acceptEdits', '--allowedTools', 'Bash'],
    ...(session === undefined ? [] : ['--resume', session]),
  ],
  codex: (session) => [
    ...['exec', '--json', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox'],
    ...(session === undefined ? [] : ['resume', session]),
    '-',
  ],
  gemini: (session) => [
    ...['-o', 'stream-json', '--approval-mode', 'yolo', '--skip-trust'],
    ...(session === undefined ? [] : ['--resume', session]),
  ],
  opencode: (session) => [
    ...['run', '--format', 'json', '--auto'],
    ...(session === undefined ? [] : ['--session', session]),
  ],
};

/** The bare agent, without the program under test: what is true of it must not be learned through our own code. */
export function runAgent(
  name: AgentName,
  user: AgentUser,
  job: { readonly cwd: string; readonly prompt: string; readonly session?: string },
): Promise<Ended> {
  // Some leave reports behind in it.
  const temporary = join(user.home, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const child = spawn(name, ARGUMENTS[name](job.session), {
    cwd: job.cwd,
    env: { ...MACHINE, ...QUIET, TMPDIR: temporary, ...user.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(job.prompt);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({
        code,
        signal,
        stdout: Buffer.concat(out).toString('utf8'),
        stderr: Buffer.concat(err).toString('utf8'),
      }),
    );
  });
}

/** Nothing but the model service is asked over the network. */
const QUIET: Readonly<Record<string, string>> = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  GEMINI_CLI_NO_RELAUNCH: 'true',
  OPENCODE_DISABLE_AUTOUPDATE: '1',
  OPENCODE_DISABLE_MODELS_FETCH: '1',
};

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One session: what each of its steps costs, and what comes after the last one. */
export interface SpendingSession {
  /** US dollars; null: it does not tell. */
  readonly steps: readonly (number | null)[];
  /** What comes of the last one; absent: the work is done. */
  readonly last?: 'hangs';
}

/** One start of the agent. */
export interface SpendingStart {
  readonly stage: string;
  readonly session: string;
  readonly isResumed: boolean;
}

export interface SpendingAgent {
  /** For `--runner opencode`: the variable that names it. */
  readonly env: Readonly<Record<string, string>>;
  readonly starts: () => readonly SpendingStart[];
  readonly remove: () => void;
}

/**
 * An agent that speaks as opencode does and tells what each step costs, by stage and in the order of its sessions:
 * what a limit does to an agent at work can then be told to the cent.
 */
export function spendingAgent(sessions: Readonly<Record<string, readonly SpendingSession[]>>): SpendingAgent {
  const directory = mkdtempSync(join(tmpdir(), 'murmur8-spending-'));
  const program = join(directory, 'opencode');
  const log = join(directory, 'starts.jsonl');
  writeFileSync(log, '');
  writeFileSync(
    program,
    `#!${process.execPath}\nconst SESSIONS = ${JSON.stringify(sessions)};\nconst LOG = ${JSON.stringify(log)};\n${PROGRAM}`,
  );
  chmodSync(program, 0o755);
  return {
    env: { MURMUR8_OPENCODE_PROGRAM: program, OPENCODE_CONFIG: settingsIn(directory) },
    starts: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as SpendingStart),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Somebody has set it up. */
function settingsIn(directory: string): string {
  const file = join(directory, 'opencode.json');
  writeFileSync(file, '{"model": "scripted/m1"}');
  return file;
}

const PROGRAM = `
const { appendFileSync, readFileSync } = require('node:fs');
if (process.argv.includes('--version')) {
  console.log('1.18.33');
  process.exit(0);
}
const stage = process.env.MURMUR8_STAGE;
const at = process.argv.indexOf('--session');
const before = readFileSync(LOG, 'utf8').split('\\n').filter((line) => line.includes('"stage":' + JSON.stringify(stage)));
const session = at < 0 ? 'ses_' + stage + before.length : process.argv[at + 1];
appendFileSync(LOG, JSON.stringify({ stage, session, isResumed: at >= 0 }) + '\\n');
const { steps, last } = SESSIONS[stage][before.length];
const tell = (type, part) => process.stdout.write(JSON.stringify({ type, sessionID: session, part }) + '\\n');
steps.forEach((cost, index) => {
  const isLast = index === steps.length - 1 && last === undefined;
  tell('step_start', {});
  tell('text', { text: 'step ' + index });
  tell('step_finish', {
    reason: isLast ? 'stop' : 'tool-calls',
    cost,
    tokens: { input: 100, output: 10, reasoning: 0, cache: { read: 0, write: 0 } },
  });
});
if (last === 'hangs') setInterval(() => {}, 1 << 30);
`;

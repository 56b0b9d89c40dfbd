import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleProgram } from './bundle.ts';

/** What a scripted agent does in one attempt, in order. */
export type Act =
  /** The stage's work (or rating) as the offline runner would do it. */
  | 'work'
  | { readonly rate: { rating: number; issues: string[]; recommendation: 'proceed' | 'pause' | 'revise' } }
  | { readonly ask: string }
  | { readonly answer: string }
  | { readonly write: string; readonly text: string }
  | { readonly append: string; readonly text: string }
  | { readonly replace: string; readonly from: string; readonly to: string }
  | { readonly remove: string }
  | { readonly git: readonly string[] }
  | { readonly print: string }
  | { readonly garbage: number }
  | { readonly flood: number }
  /** A child in a session of its own that would live for an hour. */
  | { readonly orphan: true }
  | { readonly ignore: 'SIGTERM' | 'SIGINT' }
  | { readonly hang: true }
  | { readonly kill: 'SIGKILL' | 'SIGTERM' | 'SIGSEGV' }
  | { readonly exit: number };

export interface Scenario {
  /** By stage (`nigel`) or rating (`nigel:review`): what is done at the first session, the second … then `work`. */
  readonly acts?: Readonly<Record<string, readonly (readonly Act[])[]>>;
  readonly withStories?: boolean;
}

/** One start of the agent. */
export interface AgentStart {
  readonly key: string;
  readonly pid: number;
  readonly step?: string;
  readonly attempt: string;
  readonly prompt: string;
}

export interface ScriptedAgent {
  /** Value of `--runner`. */
  readonly runner: string;
  starts(): AgentStart[];
  /** Names of the sessions in their order. */
  keys(): string[];
  /** Lines that acts left, such as the id of an orphan. */
  notes(): string[];
}

let program: string | undefined;

/** An agent for `--runner` that does what a scenario says. Its sessions are counted outside of the project. */
export function scriptedAgent(scenario: Scenario = {}): ScriptedAgent {
  program ??= bundleProgram("import './test/rig/scripted-agent-program.ts';");
  const directory = mkdtempSync(join(tmpdir(), 'murmur8-agent-'));
  const log = join(directory, 'starts.jsonl');
  const notes = join(directory, 'notes.txt');
  writeFileSync(join(directory, 'scenario.json'), JSON.stringify(scenario));
  writeFileSync(log, '');
  writeFileSync(notes, '');
  const starts = (): AgentStart[] =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as AgentStart);
  return {
    runner: `command:node ${program} ${directory}`,
    starts,
    keys: () => starts().map((start) => start.key),
    notes: () =>
      readFileSync(notes, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
  };
}

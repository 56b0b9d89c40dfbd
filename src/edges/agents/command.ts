import { randomUUID } from 'node:crypto';
import type { AgentEvent } from '../../core/agent/event.ts';
import { createMasker } from '../../core/agent/mask.ts';
import { shorten } from '../../core/agent/plain-text.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { AgentOrder, AgentOutcome, AgentRunner, RunnerInfo } from '../../engine/ports.ts';
import { childEnvironment } from '../process/child-environment.ts';
import { findProgram } from '../process/find-program.ts';
import { lastLines } from '../process/last-lines.ts';
import { COMMAND_STOP } from '../process/stop.ts';
import { type SuperviseResult, superviseProcess } from '../process/supervise.ts';
import { prepareAttempt } from './attempt-files.ts';
import { jobEnvironment } from './job-environment.ts';
import { ownStop } from './own-stop.ts';

export interface CommandAgentDependencies {
  /** The environment from which the allow-list picks. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values to be hidden in logs, events and outcomes. */
  readonly secrets: readonly string[];
  /** Where relative program names of the command line are looked for. */
  readonly cwd: string;
}

const SHELL = '/bin/sh';
const MAX_MESSAGE = 4_000;
/** Lines beyond are in the log; as events they would only flood the journal's readers. */
const MAX_MESSAGES = 2_000;

/**
 * Any program as an agent: `command:<line>`, run by the shell with the prompt on standard input. Its exit code
 * decides; what it left behind is for the stage's contract to judge.
 */
export function createCommandAgent(commandLine: string, dependencies: CommandAgentDependencies): AgentRunner {
  const mask = createMasker(dependencies.secrets);
  const name = `command:${commandLine}`;
  return {
    name,
    probe: () => probe(name, commandLine, dependencies),
    async run(order, onEvent, signal) {
      const prepared = await prepareAttempt(order, promptOf(order));
      if (!prepared.ok) return { outcome: 'spawn-error', message: prepared.error };
      const text = lastLines(MAX_MESSAGE);
      const errors = lastLines(MAX_MESSAGE);
      const messages = messageLimit(onEvent);
      onEvent({ type: 'started' });
      const result = await superviseProcess(
        {
          program: SHELL,
          args: ['-c', commandLine],
          cwd: order.cwd,
          env: childEnvironment(dependencies.env, {
            ...jobEnvironment(order),
            TMPDIR: prepared.value.temporaryDir,
          }),
          marker: `${order.runId}/${order.attempt}-${randomUUID()}`,
          inputFile: prepared.value.promptFile,
          spoolDir: prepared.value.spoolDir,
          logFile: order.logFile,
          timeoutMs: order.timeoutMs,
          sparesTheBusy: true,
          silenceLimitMs: () => order.stallTimeoutMs,
          stopLadder: COMMAND_STOP,
          mask,
          onLine: ({ stream, shown }) => {
            (stream === 'stdout' ? text : errors).add(shown);
            if (stream === 'stdout' && shown.trim() !== '') messages(shown);
          },
        },
        signal,
      );
      return outcomeOf(order, result, text.text().trimEnd(), errors.text().trimEnd());
    },
  };
}

/** A plain program has no place of its own for the role's instructions. */
function promptOf(order: AgentOrder): string {
  return order.instructions.trim() === ''
    ? order.prompt
    : `${order.instructions.trimEnd()}\n\n${order.prompt}`;
}

function messageLimit(onEvent: (event: AgentEvent) => void): (line: string) => void {
  let count = 0;
  return (line) => {
    count += 1;
    if (count <= MAX_MESSAGES) onEvent({ type: 'message', text: shorten(line, MAX_MESSAGE) });
    else if (count === MAX_MESSAGES + 1) onEvent({ type: 'message', text: '… more output is in the log' });
  };
}

function outcomeOf(order: AgentOrder, result: SuperviseResult, text: string, errors: string): AgentOutcome {
  const base = {
    ...(result.exitCode === null ? {} : { exitCode: result.exitCode }),
    ...(text === '' ? {} : { text }),
  };
  const stopped = ownStop(order, result);
  if (stopped !== undefined) return { ...base, ...stopped };
  if (result.exitCode === 0) return { ...base, outcome: 'ok' };
  const how = result.signal === null ? `exit code ${result.exitCode}` : `ended by signal ${result.signal}`;
  const lastError = errors.split('\n').at(-1) ?? '';
  return { ...base, outcome: 'crashed', message: lastError === '' ? how : `${how}: ${lastError}` };
}

async function probe(
  name: string,
  commandLine: string,
  dependencies: CommandAgentDependencies,
): Promise<Result<RunnerInfo>> {
  const path = dependencies.env['PATH'];
  if ((await findProgram(SHELL, path, dependencies.cwd)) === undefined) {
    return fail(missing('there is no /bin/sh to run a command line with', 'use another runner'));
  }
  const word = firstWord(commandLine);
  if (word === undefined) return ok({ runner: name, login: 'unknown', reportsCost: false });
  const program = await findProgram(word, path, dependencies.cwd);
  if (program === undefined && !SHELL_WORDS.has(word)) {
    return fail(
      missing(`the program of the command line cannot be found: ${word}`, 'install it, or correct --runner'),
    );
  }
  return ok({
    runner: name,
    login: 'unknown',
    reportsCost: false,
    ...(program === undefined ? {} : { program }),
  });
}

/** Words that the shell itself knows. */
const SHELL_WORDS = new Set(
  [
    'cd',
    'exit',
    'eval',
    'exec',
    'export',
    'if',
    'for',
    'while',
    'until',
    'case',
    'set',
    'trap',
    'umask',
  ].concat(['command', 'read', 'shift', 'wait', ':', '.', '!']),
);

/** The program a command line begins with; undefined where only the shell can tell. */
function firstWord(commandLine: string): string | undefined {
  const withoutAssignments = commandLine.trim().replace(/^(?:[A-Za-z_][A-Za-z0-9_]*=[^\s'"$`\\]*\s+)+/, '');
  const word = /^[^\s;|&<>]+/.exec(withoutAssignments)?.[0];
  return word === undefined || /['"$`\\(){}*?[\]~#=]/.test(word) ? undefined : word;
}

function missing(message: string, hint: string): Problem {
  return { code: 'runner-missing', message, hint };
}

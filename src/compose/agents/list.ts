import { type TestedVersions, versionAge } from '../../core/agent/tested-version.ts';
import type { Problem } from '../../core/problem.ts';
import { findWorkingTree } from '../../edges/blueprint/project-root.ts';
import { killAllSupervised } from '../../edges/process/live-trees.ts';
import type { RunnerInfo } from '../../engine/ports.ts';
import { placeOf } from '../pipelines/place.ts';
import { createRunner, RUNNER_NAMES, tellsCost, testedVersions } from '../runners.ts';
import type { OnSignal } from '../session.ts';
import { loginAdvice } from './login-advice.ts';
import { type RunnerUse, type RunnerUses, runnerUses } from './runner-uses.ts';

/** How a runner stands on this machine. */
export interface ListedRunner {
  readonly runner: string;
  /** `missing`: its program is not here; `broken`: it does not start; `unknown`: there is no such runner. */
  readonly state: 'ready' | 'no-login' | 'missing' | 'broken' | 'unknown';
  /** Absolute. */
  readonly program?: string;
  readonly version?: string;
  readonly tested?: TestedVersions;
  /** Where the version stands to those that were tested; absent where either is not known. */
  readonly versionAge?: 'ok' | 'older' | 'newer';
  /** Absent where nobody could be asked. */
  readonly login?: RunnerInfo['login'];
  readonly reportsCost: boolean;
  readonly uses: readonly RunnerUse[];
  /** Why it cannot be used. */
  readonly message?: string;
  readonly hint?: string;
}

export interface RunnerListing {
  /** Absolute root of the working tree; absent outside of one. */
  readonly project?: string;
  readonly runners: readonly ListedRunner[];
  readonly problems: readonly Problem[];
  /** It was interrupted, and so is not complete. */
  readonly signal?: NodeJS.Signals;
}

export interface ListQuestion {
  readonly cwd: string;
  readonly stateDirectory: string | undefined;
  /** Longest wait for each runner, in ms. */
  readonly timeoutMs: number;
}

/**
 * Every runner that there is, and those that the project's roles name, all asked at once who they are. Nothing is asked
 * of a model, and nothing is written.
 */
export async function listRunners(question: ListQuestion, onSignal: OnSignal): Promise<RunnerListing> {
  let signal: NodeJS.Signals | undefined;
  const stopListening = onSignal((_code, name) => {
    signal = name;
    killAllSupervised();
  });
  try {
    const listing = await listAll(question);
    return signal === undefined ? listing : { ...listing, signal };
  } finally {
    stopListening();
  }
}

async function listAll(question: ListQuestion): Promise<RunnerListing> {
  const project = findWorkingTree(question.cwd);
  const { uses, problems }: RunnerUses =
    project === undefined
      ? { uses: new Map(), problems: [] }
      : await runnerUses(placeOf(question.cwd, question.stateDirectory));
  const others = [...uses.keys()].filter((name) => !RUNNER_NAMES.includes(name)).sort();
  const runners = await Promise.all(
    [...RUNNER_NAMES, ...others].map((name) => look(name, uses.get(name) ?? [], question)),
  );
  return { ...(project === undefined ? {} : { project }), runners, problems };
}

async function look(name: string, uses: readonly RunnerUse[], question: ListQuestion): Promise<ListedRunner> {
  const tested = testedVersions(name);
  const known = {
    runner: name,
    reportsCost: tellsCost(name),
    uses,
    ...(tested === undefined ? {} : { tested }),
  };
  const runner = createRunner(name, { env: process.env, secrets: [], cwd: question.cwd });
  if (!runner.ok) return { ...known, state: 'unknown', ...wordsOf(runner.error) };
  const info = await runner.value.probe(question.timeoutMs);
  if (!info.ok) {
    const { code, file } = info.error;
    return {
      ...known,
      state: code === 'runner-missing' ? 'missing' : 'broken',
      ...(file === undefined ? {} : { program: file }),
      ...wordsOf(info.error),
    };
  }
  const { version, program, login } = info.value;
  const age = version === undefined || tested === undefined ? undefined : versionAge(version, tested);
  return {
    ...known,
    state: login === 'missing' ? 'no-login' : 'ready',
    login,
    ...(program === undefined ? {} : { program }),
    ...(version === undefined ? {} : { version }),
    ...(age === undefined ? {} : { versionAge: age }),
    ...(login === 'missing' ? { message: 'it has no login and no key', hint: loginAdvice(name) } : {}),
  };
}

function wordsOf({ message, hint }: Problem): Pick<ListedRunner, 'message' | 'hint'> {
  return { message, ...(hint === undefined ? {} : { hint }) };
}

import type { Company, SessionResult } from '../../compose/implement-feature.ts';
import type { Problem } from '../../core/problem.ts';
import type { Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import { openQuestion } from '../../core/status/document.ts';
import { nextStep, reasonOf } from '../../core/status/reason.ts';
import { calculateRunStatus } from '../../core/status/run-status.ts';
import { asTyped } from './as-typed.ts';
import { EXIT } from './exit-code.ts';
import { formatCount, formatMoney } from './report/money.ts';
import { oneLine } from './report/one-line.ts';
import { CommandFailure, formatProblem } from './run-command.ts';
import { ask, choose } from './terminal/ask.ts';
import { canAsk } from './terminal/can-ask.ts';
import { type Audience, createAudience } from './terminal/watcher.ts';

export interface SessionOptions {
  readonly json: boolean;
  readonly events: boolean;
  readonly yes: boolean;
}

/** Runs something that drives a feature run, shows it, and answers with the exit code of how it ended. */
export async function withAudience(
  options: SessionOptions,
  drive: (company: Company) => Promise<Result<SessionResult>>,
): Promise<number> {
  goOnWithoutListeners();
  const audience = await createAudience(options);
  let result: Result<SessionResult>;
  try {
    result = await drive(companyFor(audience, options));
  } finally {
    audience.close();
  }
  if (!result.ok) throw new CommandFailure(result.error, exitFor(result.error));
  return reportEnd(result.value, options);
}

/** A closed pipe or terminal ends a short command, but never a run: its agents would be left alone. */
function goOnWithoutListeners(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners('error');
    stream.on('error', () => {});
  }
}

/** Exit codes of what stops a run before it began (spec: pipelines 9). */
export function exitFor(problem: Problem): number {
  switch (problem.code) {
    case 'not-found':
      return EXIT.notFound;
    case 'held':
    case 'tree-busy':
    case 'finished':
      return EXIT.conflict;
    case 'SYS_WRITE_ERROR':
    case 'SYS_STATE_CORRUPT':
    case 'newer-version':
    case 'DEP_AUTH':
      return EXIT.failed;
    default:
      return EXIT.usage;
  }
}

function companyFor(audience: Audience, options: SessionOptions): Company {
  return {
    person: audience.person,
    watcher: audience.watcher,
    onSignal,
    beginAnew: async ({ document }) => {
      if (options.yes) return true;
      if (!audience.person.present) return false;
      const question = `${document.slug ?? ''} was finished on ${document.endedAt ?? ''}. Begin anew? [y/n] `;
      return (await choose(question, { y: 'yes', n: 'no' } as const, 'no')) === 'yes';
    },
    continuing: ({ document }) => {
      process.stderr.write(
        `continuing run ${document.executionId} (${document.status.reason_code}); --restart begins anew\n`,
      );
    },
    offerSystemSpecification: async () => {
      const question =
        'this project has no system specification; shall alex write one first, from the code? [y/n] ';
      return !options.yes && (await choose(question, { y: 'yes', n: 'no' } as const, 'no')) === 'yes';
    },
    askBrief: async () => {
      if (!canAsk() || !audience.person.present) return undefined;
      const text = await ask('what shall the feature do, in a sentence or two? ');
      return text === undefined || text === '' ? undefined : `# Brief\n\n${text}\n`;
    },
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function onSignal(deliver: (code: 'USER_INTERRUPT', signal: NodeJS.Signals) => void): () => void {
  const heard = (signal: NodeJS.Signals): void => deliver('USER_INTERRUPT', signal);
  for (const signal of SIGNALS) process.on(signal, heard);
  return () => {
    for (const signal of SIGNALS) process.off(signal, heard);
  };
}

function reportEnd(result: SessionResult, options: SessionOptions): number {
  const { end } = result;
  if (end.kind === 'broken') {
    process.stderr.write(formatProblem(end.problem));
    process.stderr.write(
      asTyped(`hint: once that is put right, continue with: murmur8 resume ${end.state.executionId}\n`),
    );
    return EXIT.failed;
  }
  const { state } = end;
  const question = openQuestion(state);
  if (options.json) process.stdout.write(`${JSON.stringify(documentOf(state, question), null, 2)}\n`);
  else process.stderr.write(asTyped(summaryOf(state, question)));
  if (end.kind === 'waiting') return EXIT.waiting;
  if (state.code === 'USER_INTERRUPT' && result.signal === 'SIGTERM') return EXIT.terminated;
  return reasonOf(state.code).exit;
}

/** What `--json` prints: the status document of seed 002 with what the run left. */
function documentOf(state: RunState, question: string | undefined): Record<string, unknown> {
  return {
    executionId: state.executionId,
    runId: state.runId,
    slug: state.created.feature?.slug,
    featureId: state.created.feature?.featureId,
    run_status: state.phase,
    ...calculateRunStatus(state),
    stages: [...state.stages.values()].map((stage) => ({
      name: stage.name,
      status: stage.status,
      attempts: stage.frames.reduce((sum, frame) => sum + frame.attempts.length, 0),
      ...(stage.skip === undefined ? {} : { reason: stage.skip.reason, detail: stage.skip.detail }),
      ...(stage.code === undefined ? {} : { code: stage.code, message: stage.message }),
    })),
    ...(question === undefined ? {} : { question }),
    commit: state.closed?.commit ?? null,
    files: state.closed?.files ?? [],
    tokens: state.metrics.tokens,
    cost_usd: state.metrics.costMicroUsd / 1e6,
    cost_complete: state.metrics.unknownCost === 0,
    next: nextFor(state),
  };
}

function summaryOf(state: RunState, question: string | undefined): string {
  const slug = state.created.feature?.slug ?? state.pipeline.name;
  const { tokens, costMicroUsd } = state.metrics;
  const usage =
    tokens === 0
      ? ''
      : ` · ${formatCount(tokens)} tokens${costMicroUsd === 0 ? '' : ` · ${formatMoney(costMicroUsd)}`}`;
  const reason = reasonOf(state.code);
  const more = state.message === undefined ? '' : `: ${oneLine(state.message, 500)}`;
  return [
    `\n${slug}: ${state.code}, ${reason.message}${more}${usage}`,
    ...(state.closed?.commit === undefined
      ? []
      : [`commit ${state.closed.commit.slice(0, 10)} holds ${state.closed.files.length} files`]),
    ...(question === undefined ? [] : [`question: ${oneLine(question, 500)}`]),
    ...diagnosticOf(state),
    `next: ${nextFor(state)}`,
    '',
  ].join('\n');
}

/** Where a failed run says more. */
function diagnosticOf(state: RunState): string[] {
  const { details } = calculateRunStatus(state);
  return 'diagnostic_path' in details && details.diagnostic_path !== undefined
    ? [`diagnostic: ${details.diagnostic_path}`]
    : [];
}

function nextFor(state: RunState): string {
  if (state.code === 'PARTIAL_SUCCESS') return `murmur8 trace ${state.created.feature?.slug ?? ''}`;
  return nextStep(state.code, state.executionId, state.runId);
}

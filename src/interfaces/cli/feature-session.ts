import type { Company, SessionResult } from '../../compose/implement-feature.ts';
import type { Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import { openQuestion } from '../../core/status/document.ts';
import { nextStep, reasonOf } from '../../core/status/reason.ts';
import { calculateRunStatus } from '../../core/status/run-status.ts';
import { asTyped } from './as-typed.ts';
import { insightsLook } from './report/insights-text.ts';
import { modelChoicesAsText } from './report/model-choices.ts';
import { formatCost, formatCount } from './report/money.ts';
import { oneLine } from './report/one-line.ts';
import { PLAIN } from './report/style.ts';
import { CommandFailure } from './run-command.ts';
import { exitFor, exitOf, goOnWithoutListeners, onSignal, reportBroken } from './run-session.ts';
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
  let offered: string | undefined;
  let result: Result<SessionResult>;
  try {
    const company = companyFor(audience, options);
    result = await drive({
      ...company,
      offerTask: (slug) => {
        offered = slug;
      },
    });
  } finally {
    audience.close();
  }
  if (!result.ok) throw new CommandFailure(result.error, exitFor(result.error));
  const exitCode = reportEnd(result.value, options);
  if (offered !== undefined && canAsk() && !options.json && !options.events)
    process.stderr.write(asTyped(taskHint(offered)));
  return exitCode;
}

function companyFor(audience: Audience, options: SessionOptions): Omit<Company, 'offerTask'> {
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
    choosing: (choices) => {
      process.stderr.write(modelChoicesAsText(choices, insightsLook(process.stderr, PLAIN)));
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

function reportEnd(result: SessionResult, options: SessionOptions): number {
  const { end } = result;
  const broken = reportBroken(result);
  if (broken !== undefined) return broken;
  const { state } = end;
  const question = openQuestion(state);
  if (options.json) process.stdout.write(`${JSON.stringify(documentOf(state, question), null, 2)}\n`);
  else process.stderr.write(asTyped(summaryOf(state, question)));
  return exitOf(result);
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
  const { tokens } = state.metrics;
  const cost = formatCost(state.metrics);
  const usage =
    tokens === 0
      ? ''
      : ` · ${formatCount(tokens)} tokens${cost === undefined ? '' : ` · ${cost === 'unknown' ? 'cost unknown' : cost}`}`;
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

/** Offered, never made by itself (spec: tasks, link to runs). */
function taskHint(slug: string): string {
  return `hint: murmur8 task new ${slug} --title "…" makes a task that is told of every attempt at ${slug}\n`;
}

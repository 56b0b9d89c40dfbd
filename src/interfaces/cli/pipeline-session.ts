import type { PipelineCompany } from '../../compose/pipeline/company.ts';
import type { Refusal } from '../../compose/pipelines/change.ts';
import type { SessionResult } from '../../compose/session.ts';
import type { Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import { statusDocument } from '../../core/status/document.ts';
import { nextPipelineStep } from '../../core/status/pipeline-next.ts';
import { LOOK, reasonOf } from '../../core/status/reason.ts';
import { asTyped } from './as-typed.ts';
import { refuse } from './registry-command.ts';
import { oneLine } from './report/one-line.ts';
import { runDetails } from './report/run-details.ts';
import { CommandFailure } from './run-command.ts';
import { exitFor, exitOf, goOnWithoutListeners, onSignal, reportBroken } from './run-session.ts';
import { type Audience, createAudience } from './terminal/watcher.ts';

export interface PipelineSessionOptions {
  readonly json: boolean;
  readonly events: boolean;
  /** Called once the run is owned here. */
  readonly owned?: () => void;
  /** Called with how the run ended or stopped. */
  readonly ended?: (state: RunState) => void;
}

/** Runs something that drives a pipeline's run, shows it, and answers with the exit code of how it ended. */
export async function withPipelineAudience(
  options: PipelineSessionOptions,
  drive: (company: PipelineCompany) => Promise<Result<SessionResult, Refusal>>,
): Promise<number> {
  goOnWithoutListeners();
  const audience = await createAudience(options);
  let result: Result<SessionResult, Refusal>;
  try {
    result = await drive(companyFor(audience, options));
  } finally {
    audience.close();
  }
  return result.ok ? reportEnd(result.value, options) : refuseRun(result.error, options);
}

/** Says why a run does not begin. */
export async function refuseRun(refusal: Refusal, options: { readonly json: boolean }): Promise<number> {
  if (refusal.kind === 'problem') throw new CommandFailure(refusal.problem, exitFor(refusal.problem));
  return refuse(refusal, options);
}

function companyFor(audience: Audience, options: PipelineSessionOptions): PipelineCompany {
  return {
    person: audience.person,
    watcher: audience.watcher,
    onSignal,
    queued: (behind) => {
      process.stderr.write(
        asTyped(`waiting for run ${behind} of the same group (murmur8 pipeline status ${behind})\n`),
      );
    },
    ...(options.owned === undefined ? {} : { owned: options.owned }),
  };
}

function reportEnd(result: SessionResult, options: PipelineSessionOptions): number {
  const broken = reportBroken(result);
  if (broken !== undefined) return broken;
  const { state } = result.end;
  options.ended?.(state);
  if (options.json) process.stdout.write(`${JSON.stringify(runDetails(state), null, 2)}\n`);
  else process.stderr.write(asTyped(summaryOf(state)));
  return exitOf(result);
}

function summaryOf(state: RunState): string {
  const { failedStage, message: said } = state;
  const where = failedStage === undefined || said?.startsWith(failedStage) === true ? [] : [failedStage];
  const more = [...where, ...(said === undefined ? [] : [oneLine(said, 500)])]
    .map((part) => `: ${part}`)
    .join('');
  const { message } = reasonOf(state.code);
  return [
    `\n${state.pipeline.name}: ${state.code}, ${message}${more}`,
    ...gatesOf(state),
    ...(state.diagnostic === undefined ? [] : [`diagnostic: ${state.diagnostic.path}`]),
    `next: ${nextOf(state)}`,
    '',
  ].join('\n');
}

function gatesOf(state: RunState): string[] {
  return (
    statusDocument(state, []).approvals?.map(
      ({ id, stage, approved, quorum, waitingFor }) =>
        `${stage} waits for ${waitingFor.map((name) => oneLine(name, 60)).join(', ')} (${approved} of ${quorum}): murmur8 approval approve ${id}`,
    ) ?? []
  );
}

function nextOf(state: RunState): string {
  const { phase, executionId, code } = state;
  if (phase === 'succeeded' || phase === 'waiting_approval') {
    if (code !== 'QUESTION_PENDING') return `murmur8 pipeline status ${executionId}`;
  }
  // Where looking comes first, the stage is named at once.
  if (phase === 'failed' && reasonOf(code).next === LOOK)
    return `murmur8 pipeline logs ${executionId}${state.failedStage === undefined ? '' : ` ${state.failedStage}`}`;
  return nextPipelineStep(code, executionId);
}

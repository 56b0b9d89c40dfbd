import { plainText, shorten } from '../agent/plain-text.ts';
import type { RunState } from '../run/state.ts';
import { nextPipelineStep } from '../status/pipeline-next.ts';
import { nextStep, reasonOf } from '../status/reason.ts';
import { calculateRunStatus } from '../status/run-status.ts';
import type { DiagnosticFacts, LastOutput, MachineFacts } from './facts.ts';
import { type FailedPart, failedPartOf } from './failed-part.ts';

/** Longest message, finding or stack trace that is told, in UTF-16 units. */
const LONGEST_TEXT = 8_000;
const MOST_FINDINGS = 50;

/**
 * The file that a failed run leaves (seed 002, AC 8): what failed, what to type next, what was printed last, and where
 * that was. For people; without control characters, and with `mask` over all of it.
 */
export function diagnosticText(
  state: RunState,
  facts: DiagnosticFacts,
  mask: (text: string) => string,
): string {
  const part = failedPartOf(state);
  const sections = [
    section('What failed', whatFailed(state, part)),
    section('What to type next', [nextOf(state)]),
    section('What its last check found', findingsOf(part)),
    section('What it printed last', printed(facts.output)),
    section('Stack trace', facts.stackTrace === undefined ? [] : linesOf(facts.stackTrace)),
    section('How far the run came', countsOf(state)),
    section('Versions', versionsOf(facts, part)),
    section('Names of the variables in the environment', [...facts.environmentNames]),
  ];
  return mask(plainText(sections.filter((text) => text !== '').join('\n')));
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}\n${lines.map((line) => `  ${line}`.trimEnd()).join('\n')}\n`;
}

function whatFailed(state: RunState, { stage, frame, attempt }: FailedPart): string[] {
  const { feature } = state.created;
  const failing = stage?.failing;
  const message = state.message ?? failing?.message ?? '';
  return [
    pair('Run', state.executionId),
    ...(state.runId === state.executionId ? [] : [pair('Segment', state.runId)]),
    pair('Pipeline', state.pipeline.name + (feature === undefined ? '' : `, feature ${feature.slug}`)),
    ...(stage === undefined ? [] : [pair('Stage', stage.name)]),
    ...(stage === undefined || frame === undefined || stage.frames.length < 2
      ? []
      : [pair('Frame', `${frame.index + 1} of ${stage.frames.length}, ${frame.title}`)]),
    ...(attempt === undefined ? [] : [pair('Attempt', attemptText(attempt))]),
    pair('Code', `${state.code}, ${reasonOf(state.code).message}`),
    ...(message === '' ? [] : paired('Message', message)),
    ...(attempt?.message === undefined || message.includes(attempt.message)
      ? []
      : paired('It said', attempt.message)),
    pair('At', state.endedAt ?? state.at),
    pair('Directory', state.created.workingTree),
  ];
}

function attemptText(attempt: NonNullable<FailedPart['attempt']>): string {
  const { number, agent, runner, model, strategy, outcome, exitCode } = attempt;
  return [
    `${number} by ${agent} (${runner}${model === undefined ? '' : `, ${model}`})`,
    ...(strategy === undefined ? [] : [`strategy ${strategy}`]),
    `ended ${outcome}`,
    ...(exitCode === undefined ? [] : [`exit code ${exitCode}`]),
    ...(attempt.verdict === undefined ? [] : [attempt.verdict]),
  ].join(', ');
}

function nextOf(state: RunState): string {
  return state.created.feature === undefined
    ? nextPipelineStep(state.code, state.executionId)
    : nextStep(state.code, state.executionId, state.runId);
}

function findingsOf({ attempt }: FailedPart): string[] {
  const findings = attempt?.findings ?? [];
  const more = findings.length - MOST_FINDINGS;
  return [
    ...findings.slice(0, MOST_FINDINGS).flatMap((finding) => linesOf(`- ${finding}`)),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

function printed(output: LastOutput | undefined): string[] {
  if (output === undefined || output.lines.length === 0) return [];
  const { path, lines, isCut } = output;
  return [`(${isCut ? `the end of ${path}` : path})`, ...lines.map((line) => `| ${line}`)];
}

function countsOf(state: RunState): string[] {
  const { metrics } = calculateRunStatus(state);
  return [
    `${metrics.frames_completed} of ${metrics.total_frames} frames completed, ${metrics.frames_failed} failed, ${metrics.total_attempts} attempts`,
  ];
}

function versionsOf(
  { machine, gitVersion, agentVersion }: DiagnosticFacts,
  { attempt }: FailedPart,
): string[] {
  return [
    pair('murmur8', machine.murmur8),
    pair('node', machine.node),
    pair('system', systemOf(machine)),
    pair('git', gitVersion ?? 'could not be started'),
    ...(attempt === undefined ? [] : [pair('runner', attempt.runner)]),
    ...(agentVersion === undefined ? [] : [pair('agent', agentVersion)]),
  ];
}

function systemOf({ platform, arch, osRelease }: MachineFacts): string {
  return `${platform} ${arch}, ${osRelease}`;
}

function pair(key: string, value: string): string {
  return `${`${key}:`.padEnd(11)}${value}`;
}

/** A text of several lines stands below its key. */
function paired(key: string, text: string): string[] {
  const lines = linesOf(text);
  const [only = ''] = lines;
  return lines.length === 1 ? [pair(key, only)] : [`${key}:`, ...lines.map((line) => `  ${line}`)];
}

function linesOf(text: string): string[] {
  return shorten(text.trimEnd(), LONGEST_TEXT).split('\n');
}

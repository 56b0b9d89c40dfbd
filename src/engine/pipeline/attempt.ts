import type { AttemptWork, Work } from '../../core/decide/decision.ts';
import { parseOutputs } from '../../core/output/parse-outputs.ts';
import type { Stage } from '../../core/pipeline/definition.ts';
import type { Problem } from '../../core/problem.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { lookupIn } from '../../core/run/variables.ts';
import { optional } from '../agent-choice.ts';
import { doJob, type JobEnd, workingDirectoryOf } from './job.ts';
import { promptForStage } from './prompting.ts';
import type { PipelineWorld } from './world.ts';

interface AttemptKey {
  readonly stage: string;
  readonly frame: number;
  readonly attempt: number;
}

/** One attempt at a frame, and at once the check of what it left: both are one write in the journal. */
export async function makeAttempt(
  world: PipelineWorld,
  state: RunState,
  work: AttemptWork,
  signal: AbortSignal,
  report: (events: readonly RunEventBody[]) => void,
): Promise<Result<readonly RunEventBody[]>> {
  const stage = stageOf(state, work.stage);
  const key = keyOf(work);
  const places = world.places(state, nameOf(key), stage.work.kind);
  const item = itemOf(state, stage, work.frame);
  const lookup = lookupIn(state, stage.name, item);
  const end = await doJob(
    world,
    {
      state,
      stage,
      job: stage.work,
      kind: 'work',
      frame: work.frame,
      attempt: work.attempt,
      timeoutMs: state.settings.stageTimeoutMs ?? stage.timeoutMs,
      places,
      lookup,
      findings: work.findings,
      prompt: (filled) => promptForStage(world, state, { stage, work, filled, places }),
      onSession: (sessionId) => report([{ type: 'session.opened', ...key, sessionId }]),
      ...optional('item', item),
      ...optional('sessionId', work.sessionId),
    },
    signal,
  );
  if (!end.ok) return end;
  const generated: RunEventBody = {
    type: 'attempt.generated',
    ...key,
    logFile: places.logFile,
    ...summaryOf(end.value),
  };
  if (end.value.outcome !== 'ok' || end.value.question !== undefined) return ok([generated]);
  const verdict = await verdictOn(world, state, stage, key, places.outputFile);
  return verdict.ok ? ok([generated, ...verdict.value]) : verdict;
}

/** The check alone: its event was torn off the journal, or its owner died before it. */
export async function judge(
  world: PipelineWorld,
  state: RunState,
  work: Extract<Work, { kind: 'judge' }>,
): Promise<Result<readonly RunEventBody[]>> {
  const key = keyOf(work);
  return verdictOn(world, state, stageOf(state, work.stage), key, world.outputFileOf(state, nameOf(key)));
}

/** Declared outputs have to be given, declared files have to be there (spec: pipelines 4). */
async function verdictOn(
  world: PipelineWorld,
  state: RunState,
  stage: Stage,
  key: AttemptKey,
  outputFile: string,
): Promise<Result<readonly RunEventBody[]>> {
  const text = await world.readOutputs(outputFile);
  const outputs = text.ok ? parseOutputs(text.value ?? '') : text;
  if (!outputs.ok) return ok([rejected(key, [unreadable(outputs.error)])]);
  const declared = stage.outputs ?? [];
  const findings = declared
    .filter((name) => !Object.hasOwn(outputs.value, name))
    .map(
      (name) => `the output ${name} was not given: add a line ${name}=<value> to the file at MURMUR8_OUTPUT`,
    );
  findings.push(...secretsIn(world, declared, outputs.value));
  findings.push(...(await absentFiles(world, state, stage, key)));
  if (findings.length > 0) return ok([rejected(key, findings)]);
  const undeclared = Object.keys(outputs.value).filter((name) => !declared.includes(name));
  const given = Object.fromEntries(Object.entries(outputs.value).filter(([name]) => declared.includes(name)));
  return ok([
    {
      type: 'attempt.judged',
      ...key,
      verdict: 'approved',
      findings: [],
      ...(Object.keys(given).length === 0 ? {} : { outputs: given }),
    },
    ...undeclared.map(
      (name): RunEventBody => ({
        type: 'notice',
        stage: stage.name,
        message: `the output ${name} is not declared and was left out; add it to outputs: of ${stage.name}`,
      }),
    ),
  ]);
}

/** Outputs are kept and shown. One with a secret is not taken, as without it the value would be another one. */
function secretsIn(
  world: PipelineWorld,
  declared: readonly string[],
  outputs: Readonly<Record<string, string>>,
): string[] {
  return declared
    .filter((name) => Object.hasOwn(outputs, name) && world.mask(outputs[name] ?? '') !== outputs[name])
    .map(
      (name) =>
        `the output ${name} holds what looks like a secret; leave the name of a variable that holds it`,
    );
}

function unreadable({ message, hint }: Problem): string {
  return `the outputs cannot be read: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

async function absentFiles(
  world: PipelineWorld,
  state: RunState,
  stage: Stage,
  key: AttemptKey,
): Promise<string[]> {
  const findings: string[] = [];
  if (stage.produces === undefined) return findings;
  const directory = workingDirectoryOf(stage, lookupIn(state, stage.name, itemOf(state, stage, key.frame)));
  if (!directory.ok) return [directory.error.message];
  for (const glob of stage.produces) {
    const found = await world.find([glob], directory.value, 1);
    if (!found.ok) findings.push(`${glob} cannot be looked for: ${found.error.message}`);
    else if (found.value.length === 0)
      findings.push(`there is no file ${glob}, which this stage has to leave`);
  }
  return findings;
}

function rejected(key: AttemptKey, findings: string[]): RunEventBody {
  return { type: 'attempt.judged', ...key, verdict: 'rejected', code: 'OUTPUT_INVALID', findings };
}

function summaryOf(end: JobEnd) {
  const { outcome, message, exitCode, sessionId, model, agentVersion, usage, question } = end;
  return {
    outcome,
    ...optional('message', message),
    ...optional('exitCode', exitCode),
    ...optional('sessionId', sessionId),
    ...optional('model', model),
    ...optional('agentVersion', agentVersion),
    ...optional('usage', usage === undefined ? undefined : { ...usage }),
    ...optional('question', question),
  };
}

/** The title of a frame is its item, where the stage has items. */
function itemOf(state: RunState, stage: Stage, frame: number): string | undefined {
  if (stage.foreach === undefined) return undefined;
  return state.stages.get(stage.name)?.frames[frame]?.title;
}

function stageOf(state: RunState, name: string): Stage {
  const stage = state.definitions.get(name);
  if (stage === undefined) throw new Error(`no stage named ${name}`);
  return stage;
}

function keyOf({ stage, frame, attempt }: AttemptKey): AttemptKey {
  return { stage, frame, attempt };
}

function nameOf({ stage, frame, attempt }: AttemptKey): string {
  return `${stage}/${frame}-${attempt}`;
}

import type { AttemptWork, Work } from '../../core/decide/decision.ts';
import { parseOutputs } from '../../core/output/parse-outputs.ts';
import type { Stage } from '../../core/pipeline/definition.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { lookupIn } from '../../core/run/variables.ts';
import { optional } from '../agent-choice.ts';
import { doJob, type JobEnd, workingDirectoryOf } from './job.ts';
import { promptForStage } from './prompting.ts';
import type { PipelineWorld, StagePlaces } from './world.ts';

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
      prompt: (task) => promptForStage(world, state, { stage, work, task, places, lookup }),
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
  const verdict = await verdictOn(world, state, stage, key, places);
  return verdict.ok ? ok([generated, ...verdict.value]) : verdict;
}

/** The check alone: its event was torn off the journal, or its owner died before it. */
export async function judge(
  world: PipelineWorld,
  state: RunState,
  work: Extract<Work, { kind: 'judge' }>,
): Promise<Result<readonly RunEventBody[]>> {
  const key = keyOf(work);
  const kept = await world.readOutputs(world.outputFileOf(state, nameOf(key)));
  if (!kept.ok) return kept;
  return verdictFrom(world, state, stageOf(state, work.stage), key, kept.value);
}

async function verdictOn(
  world: PipelineWorld,
  state: RunState,
  stage: Stage,
  key: AttemptKey,
  places: StagePlaces,
): Promise<Result<readonly RunEventBody[]>> {
  const text = await world.readOutputs(places.outputFile);
  if (!text.ok) return ok([rejected(key, [text.error.message])]);
  return verdictFrom(world, state, stage, key, text.value);
}

/** Declared outputs have to be given, declared files have to be there (spec: pipelines 4). */
async function verdictFrom(
  world: PipelineWorld,
  state: RunState,
  stage: Stage,
  key: AttemptKey,
  text: string | undefined,
): Promise<Result<readonly RunEventBody[]>> {
  const outputs = parseOutputs(text ?? '');
  if (!outputs.ok) return ok([rejected(key, [`the outputs cannot be read: ${outputs.error.message}`])]);
  const declared = stage.outputs ?? [];
  const findings = declared
    .filter((name) => !Object.hasOwn(outputs.value, name))
    .map(
      (name) => `the output ${name} was not given: add a line ${name}=<value> to the file at MURMUR8_OUTPUT`,
    );
  const absent = await absentFiles(world, state, stage, key);
  if (!absent.ok) return absent;
  findings.push(...absent.value.map((glob) => `there is no file ${glob}, which this stage has to leave`));
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

async function absentFiles(
  world: PipelineWorld,
  state: RunState,
  stage: Stage,
  key: AttemptKey,
): Promise<Result<string[]>> {
  const absent: string[] = [];
  if (stage.produces === undefined) return ok(absent);
  const directory = workingDirectoryOf(stage, lookupIn(state, stage.name, itemOf(state, stage, key.frame)));
  if (!directory.ok) return directory;
  for (const glob of stage.produces) {
    const found = await world.find([glob], directory.value, 1);
    if (!found.ok) return found;
    if (found.value.length === 0) absent.push(glob);
  }
  return ok(absent);
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

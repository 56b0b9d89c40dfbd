import type { Facts } from '../../core/condition/evaluated.ts';
import { nearestTo } from '../../core/nearest.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { statusDocument } from '../../core/status/document.ts';
import type { PipelineEvent } from '../../core/trigger/event.ts';
import { matchTriggers } from '../../core/trigger/match.ts';
import { systemClock } from '../../edges/clock/system-clock.ts';
import { recordDelivery } from '../../edges/events/ledger.ts';
import { knownRun } from '../feature/find-run.ts';
import { type Place, placeOf, registryOf } from '../pipelines/place.ts';
import { readRegistered } from '../pipelines/read.ts';
import { createPipelineRun } from './create.ts';
import type { PipelineOptions } from './options.ts';
import { startOwner } from './owner.ts';
import { prepareRun } from './prepare.ts';

export interface Emission {
  readonly cwd: string;
  /** `--state-dir` as given. */
  readonly stateDirectory: string | undefined;
  readonly event: PipelineEvent;
  /** Only this pipeline is asked, if named. */
  readonly only: string | undefined;
  readonly options: PipelineOptions;
  /** Who brought the event in, where it does not say. */
  readonly actor: string;
  readonly version: string;
}

/** What an event meant for one pipeline. */
export type Consequence =
  | { readonly pipeline: string; readonly kind: 'no-match'; readonly reason: string }
  | { readonly pipeline: string; readonly kind: 'failed'; readonly problem: Problem; readonly runId?: string }
  | {
      readonly pipeline: string;
      readonly kind: 'started' | 'already';
      readonly runId: string;
    };

export interface Emitted {
  readonly deliveryId: string;
  /** False for an event that was delivered before: it starts nothing twice. */
  readonly first: boolean;
  readonly consequences: readonly Consequence[];
}

/**
 * Brings an event in: every enabled pipeline with a trigger that takes it gets one run, driven in the background. The
 * event and the ids of its runs are durable before the first run is made, so that the same delivery, made again after
 * a crash, starts what is missing and nothing twice (spec: pipelines 8).
 */
export async function emitEvent(emission: Emission): Promise<Result<Emitted>> {
  const place = placeOf(emission.cwd, emission.stateDirectory);
  const matched = await matchingPipelines(emission, place);
  if (!matched.ok) return matched;
  const { event } = emission;
  const deliveryId = event.deliveryId ?? systemClock.id();
  const delivery = recordDelivery(place.stateDirectory, {
    deliveryId,
    type: event.type,
    event: { type: event.type, facts: event.facts, actor: event.actor ?? emission.actor },
    plan: () => matched.value.names.map((pipeline) => ({ pipeline, executionId: systemClock.id() })),
  });
  if (!delivery.ok) return delivery;
  const { first, runs } = delivery.value;
  const consequences: Consequence[] = first ? [...matched.value.others] : [];
  for (const run of runs) consequences.push(await startOnce(emission, place, deliveryId, run));
  return ok({ deliveryId, first, consequences });
}

interface Matching {
  readonly names: readonly string[];
  readonly others: readonly Consequence[];
}

async function matchingPipelines({ event, only }: Emission, place: Place): Promise<Result<Matching>> {
  const registry = registryOf(place);
  const listed = registry.list();
  if (!listed.ok) return listed;
  const records = listed.value.map((entry) => entry.record);
  const named = only === undefined ? records : records.filter((record) => record.name === only);
  if (only !== undefined && named.length === 0)
    return fail(
      unknown(
        only,
        records.map(({ name }) => name),
      ),
    );
  const names: string[] = [];
  const others: Consequence[] = [];
  for (const { name, enabled } of named) {
    if (!enabled) {
      others.push({ pipeline: name, kind: 'no-match', reason: 'it is disabled' });
      continue;
    }
    const found = registry.find(name);
    if (!found.ok) {
      others.push({ pipeline: name, kind: 'failed', problem: found.error });
      continue;
    }
    const { pipeline, problems } = await readRegistered(found.value, place);
    const [error] = problems.filter(({ severity }) => severity === 'error');
    if (pipeline === undefined || error !== undefined) {
      const problem = error ?? { code: 'SYS_MANIFEST_INVALID', message: 'its definition cannot be read' };
      others.push({ pipeline: name, kind: 'failed', problem });
      continue;
    }
    const match = matchTriggers(pipeline.triggers, event);
    if (match.matched) names.push(name);
    else others.push({ pipeline: name, kind: 'no-match', reason: match.reason });
  }
  return ok({ names, others });
}

/** A run of the delivery is made and driven, unless an earlier delivery of the same event did so. */
async function startOnce(
  emission: Emission,
  place: Place,
  deliveryId: string,
  { pipeline, executionId }: { readonly pipeline: string; readonly executionId: string },
): Promise<Consequence> {
  const already = { pipeline, kind: 'already', runId: executionId } as const;
  const before = knownRun(place.stateDirectory, executionId);
  if (before === undefined) {
    const made = await makeRun(emission, deliveryId, pipeline, executionId);
    // The same delivery is being dealt with by another process just now.
    if (!made.ok && made.error.code === 'held') return already;
    if (!made.ok) return { pipeline, kind: 'failed', problem: made.error };
  } else {
    const { phase } = before.document;
    const isLeft = before.stored.owner.state !== 'held' && (phase === 'pending' || phase === 'running');
    if (!isLeft) return already;
  }
  const started = await startOwner(place.stateDirectory, executionId, process.env);
  if (!started.ok) return { pipeline, kind: 'failed', problem: started.error, runId: executionId };
  return { pipeline, kind: 'started', runId: executionId };
}

async function makeRun(
  { cwd, stateDirectory, event, options, actor, version }: Emission,
  deliveryId: string,
  name: string,
  executionId: string,
): Promise<Result<void>> {
  const facts: Facts = event.facts;
  const prepared = await prepareRun({
    cwd,
    stateDirectory,
    name,
    variables: {},
    facts,
    cause: {
      kind: event.type === 'schedule' ? 'schedule' : 'event',
      event: event.type,
      deliveryId,
      actor: event.actor ?? actor,
    },
    options,
    force: false,
    version,
    executionId,
  });
  if (!prepared.ok) {
    if (prepared.error.kind === 'problem') return fail(prepared.error.problem);
    const [first] = prepared.error.problems;
    return fail(first ?? { code: 'SYS_MANIFEST_INVALID', message: `${name} cannot be read` });
  }
  const created = await createPipelineRun(prepared.value);
  if (!created.ok) return created;
  const { run, state } = created.value;
  const { status_history: before = [] } = knownRun(created.value.stateDirectory, executionId)?.document ?? {};
  const shown = run.snapshot(statusDocument(state, before));
  run.release();
  return shown;
}

function unknown(name: string, known: readonly string[]): Problem {
  const near = nearestTo(name.slice(0, 80), known);
  return {
    code: 'not-found',
    message: `no pipeline is called ${JSON.stringify(name.slice(0, 80))}`,
    hint: near === undefined ? 'murmur8 pipeline list shows them' : `did you mean ${near}?`,
  };
}

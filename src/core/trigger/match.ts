import type { Evaluated } from '../condition/evaluated.ts';
import { branchTest, labelTest, pathTest } from '../condition/fact-tests.ts';
import { matches } from '../glob/match.ts';
import type { Trigger } from '../pipeline/definition.ts';
import type { PipelineEvent } from './event.ts';

/** Whether an event starts a pipeline, and for people, why. */
export interface TriggerMatch {
  readonly matched: boolean;
  readonly reason: string;
}

/** Why a pipeline takes no event at all. */
export const NO_TRIGGERS = 'the pipeline has no triggers';

const MERGED = 'pull_request.merged';
const CLOSED = 'pull_request.closed';
const MAX_REASON = 300;

/**
 * Whether one of the triggers takes the event (spec: pipelines 8): all keys of it have to, each with one of its list.
 * Events are named exactly or by a glob, such as `pull_request.*`; whoever waits for `pull_request.closed` is told of
 * merged ones too. A fact that the event does not say is not met, and events of forks are not taken unless `forks` is
 * set. A trigger without any key takes nothing.
 */
export function matchTriggers(triggers: readonly Trigger[] | undefined, event: PipelineEvent): TriggerMatch {
  if (triggers === undefined || triggers.length === 0) return { matched: false, reason: NO_TRIGGERS };
  const reasons = new Set<string>();
  for (const trigger of triggers) {
    const refusal = whyNot(trigger, event);
    if (refusal === undefined) return { matched: true, reason: whyMatched(trigger, event) };
    reasons.add(refusal);
  }
  const reason = [...reasons].join('; ');
  return {
    matched: false,
    reason: reason.length <= MAX_REASON ? reason : `${reason.slice(0, MAX_REASON - 1)}…`,
  };
}

function whyNot(trigger: Trigger, event: PipelineEvent): string | undefined {
  const wrongEvent = whyNotEvent(trigger, event.type);
  if (wrongEvent !== undefined) return wrongEvent;
  if (event.isFork && trigger.forks !== true)
    return 'it comes from a fork, or nobody can tell (forks: true lets such events in)';
  return factTests(trigger, event).find((test) => test.value !== true)?.reason;
}

function whyNotEvent(trigger: Trigger, type: string): string | undefined {
  if (trigger.schedule !== undefined && type !== 'schedule') return `the trigger is a schedule, not ${type}`;
  if (trigger.event !== undefined) return whyNotNamed(trigger.event, type);
  if (trigger.schedule !== undefined) return undefined;
  if (trigger.branches === undefined && trigger.paths === undefined && trigger.labels === undefined)
    return 'the trigger names no event';
  return type === 'schedule' ? 'the trigger has no schedule' : undefined;
}

function whyNotNamed(names: readonly string[], type: string): string | undefined {
  if (matches(names, type)) return undefined;
  const excluded = names.some((name) => name.startsWith('!') && matches([name.slice(1)], type));
  if (type === MERGED && names.includes(CLOSED) && !excluded) return undefined;
  const whole = names.find((name) => type.startsWith(`${name}.`));
  const hint = whole === undefined ? '' : ` ("${whole}.*" takes every action)`;
  return `the event is ${type}, not ${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''}${hint}`;
}

function factTests({ branches, paths, labels }: Trigger, { facts }: PipelineEvent): readonly Evaluated[] {
  return [
    ...(branches === undefined ? [] : [branchTest(branches, facts.branch)]),
    ...(paths === undefined ? [] : [pathTest(paths, facts.paths)]),
    ...(labels === undefined ? [] : [labelTest(labels, facts.labels)]),
  ];
}

function whyMatched(trigger: Trigger, event: PipelineEvent): string {
  return [`the event is ${event.type}`, ...factTests(trigger, event).map((test) => test.reason)].join(', ');
}

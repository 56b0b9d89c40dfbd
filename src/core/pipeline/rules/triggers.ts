import { branchesOf, labelsOf, pathsOf } from '../aliases.ts';
import type { AuthoredTrigger } from '../authored.ts';
import { DEFAULTS } from '../defaults.ts';
import type { Schedule } from '../definition.ts';
import type { Draft } from '../draft.ts';
import { errorAt, type Finding, type Path, warningAt } from '../finding.ts';

/** Triggers that nothing could fulfil (spec: pipelines 8). */
export function triggerFindings(draft: Draft): Finding[] {
  return (draft.authored.triggers ?? []).flatMap((trigger, index) => {
    const path: Path = ['triggers', index];
    // Where a trigger could not be read there is a hole.
    if (!trigger || draft.isBroken(path, 'event') || draft.isBroken(path, 'schedule')) return [];
    if (trigger.event === undefined && trigger.schedule === undefined)
      return [
        errorAt(path, 'value', 'this trigger names neither an event nor a schedule', {
          hint: 'add "event: push", "event: pull_request.merged", or "schedule"',
        }),
      ];
    if (trigger.schedule === undefined) return [];
    if (trigger.event !== undefined)
      return [
        errorAt([...path, 'schedule'], 'key', 'one trigger cannot be both an event and a schedule', {
          hint: 'write two triggers; either of them starts a run',
        }),
      ];
    const filters = [branchesOf, pathsOf, labelsOf].some((of) => of(trigger) !== undefined);
    return filters
      ? [
          warningAt(
            [...path, 'schedule'],
            'key',
            'a schedule has no branch, paths or labels, so this never starts a run',
            {
              hint: 'put such a condition under "when" of a stage, or take it out',
            },
          ),
        ]
      : [];
  });
}

/** A trigger's schedule in normal form; undefined without one. */
export function scheduleOf({ schedule }: AuthoredTrigger): Schedule | undefined {
  if (schedule === undefined) return undefined;
  return {
    cron: schedule.cron,
    timezone: schedule.timezone ?? DEFAULTS.timezone,
    catchUp: schedule.catch_up ?? DEFAULTS.catchUp,
  };
}

/** Times that cannot be computed. What reads them is loaded only when there are any. */
export async function scheduleFindings(draft: Draft): Promise<Finding[]> {
  const triggers = draft.authored.triggers ?? [];
  if (!triggers.some((trigger) => trigger?.schedule !== undefined)) return [];
  const { checkSchedule } = await import('../../schedule/times.ts');
  const { zoneProblem } = await import('../../schedule/zone.ts');
  return triggers.flatMap((trigger, index) => {
    const schedule = trigger && scheduleOf(trigger);
    const wrong = schedule && checkSchedule(schedule);
    if (schedule === undefined || wrong === undefined) return [];
    const key = zoneProblem(schedule.timezone) === undefined ? 'cron' : 'timezone';
    return [errorAt(['triggers', index, 'schedule', key], 'value', wrong)];
  });
}

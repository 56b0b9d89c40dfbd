import { nearestTo } from '../../nearest.ts';
import { branchesOf, labelsOf, pathsOf } from '../aliases.ts';
import type { AuthoredTrigger } from '../authored.ts';
import { DEFAULTS } from '../defaults.ts';
import type { Schedule } from '../definition.ts';
import { type Draft, itemPath, listOf } from '../draft.ts';
import { errorAt, type Finding, type Path, warningAt } from '../finding.ts';
import { quoted } from '../wording.ts';
import { triggerGlobFindings } from './guards.ts';

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
    if (trigger.schedule === undefined)
      return [...triggerGlobFindings(trigger, path), ...unlikelyEvents(trigger.event, [...path, 'event'])];
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

/** What events of GitHub are about, and what happens to a pull request. */
const SUBJECTS = ['push', 'pull_request', 'issues', 'release', 'schedule'];
const ACTIONS =
  'opened closed merged reopened synchronize edited labeled unlabeled assigned unassigned ready_for_review converted_to_draft review_requested review_request_removed locked unlocked milestoned demilestoned enqueued dequeued auto_merge_enabled auto_merge_disabled';

/** Anybody may emit events of any type, so one that looks misspelt is a warning: it would never start a run. */
function unlikelyEvents(written: AuthoredTrigger['event'], path: Path): Finding[] {
  return listOf(written).flatMap((type, index) => {
    const at = itemPath(path, written, index);
    if (/^(pull_request|issues|release)$/.test(type))
      return [
        warningAt(at, 'value', `events of GitHub say what happened, so none is just ${quoted(type)}`, {
          hint: `write ${quoted(`${type}.*`)} for all of them`,
        }),
      ];
    const meant = meantEvent(type);
    if (meant === undefined) return [];
    return [
      warningAt(at, 'value', `${quoted(type)} is no event of GitHub`, {
        hint: `did you mean ${quoted(meant)}?`,
      }),
    ];
  });
}

function meantEvent(type: string): string | undefined {
  const [written = '', action, ...more] = type.split('.');
  const plain = (word: string): string => word.toLowerCase().replaceAll('-', '_').replace(/s$/, '');
  const subject = SUBJECTS.find((one) => plain(one) === plain(written)) ?? written;
  const known = ACTIONS.split(' ');
  const spelt =
    subject === 'pull_request' && action !== undefined && /^[a-z_]+$/i.test(action) && !known.includes(action)
      ? nearestTo(action, known)
      : action;
  const meant = [subject, ...(spelt === undefined ? [] : [spelt]), ...more].join('.');
  return meant === type || (spelt === undefined && action !== undefined) ? undefined : meant;
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

import { limitsOf } from '../aliases.ts';
import type { AuthoredLimits } from '../authored.ts';
import { DEFAULTS } from '../defaults.ts';
import type { Draft, DraftStage } from '../draft.ts';
import { parseDuration } from '../duration.ts';
import { type Finding, type Path, warningAt } from '../finding.ts';
import { quoted } from '../wording.ts';

/** Stop conditions of the whole run that could never be reached (spec: run-status, stop conditions). */
export function limitFindings(draft: Draft): Finding[] {
  const { limits } = draft.authored;
  return limits === undefined ? [] : idle(limits, ['limits']);
}

/** The same for those of one stage. */
export function stageLimitFindings(draft: Draft, stage: DraftStage): Finding[] {
  const limits = limitsOf(stage.authored);
  if (limits === undefined) return [];
  const key = stage.authored.limits === undefined ? 'frames' : 'limits';
  const path = [...stage.path, key];
  const findings = idle(limits, path);
  const { timeout } = stage.authored;
  if (limits.stall_timeout === undefined || draft.isBroken(stage.path, 'timeout')) return findings;
  const longest = parseDuration(timeout ?? draft.authored.defaults?.timeout ?? '') ?? DEFAULTS.timeoutMs;
  if ((parseDuration(limits.stall_timeout) ?? 0) < longest) return findings;
  findings.push(
    warningAt(
      [...path, 'stall_timeout'],
      'value',
      `an attempt of ${quoted(stage.authored.name)} ends by its "timeout" before it can be silent so long`,
      { hint: 'make it shorter than "timeout"' },
    ),
  );
  return findings;
}

function idle(limits: AuthoredLimits, path: Path): Finding[] {
  if (Object.keys(limits).length === 0)
    return [
      warningAt(path, 'key', `${quoted(String(path.at(-1)))} sets no limit`, {
        hint: 'give it max_attempts, max_cost_usd or another one, or take it out',
      }),
    ];
  const { after_frames: after, retry_rate: retried, reject_rate: rejected } = limits;
  return after === undefined || retried !== undefined || rejected !== undefined
    ? []
    : [
        warningAt([...path, 'after_frames'], 'key', '"after_frames" without a rate limits nothing', {
          hint: 'add "retry_rate" or "reject_rate" beside it',
        }),
      ];
}

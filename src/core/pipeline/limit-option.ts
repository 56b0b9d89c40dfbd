import { nearestTo } from '../nearest.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Limits } from './definition.ts';
import { parseDuration, parseWait } from './duration.ts';

type Reading = (text: string) => number | undefined;

interface Condition {
  readonly key: keyof Limits;
  readonly read: Reading;
  readonly takes: string;
}

const RATE: Pick<Condition, 'read' | 'takes'> = {
  read: (text) => (/^(0|1|0?\.\d{1,6}|1\.0+)$/.test(text) ? Number(text) : undefined),
  takes: 'a rate from 0 to 1, such as 0.25',
};
const COUNT: Pick<Condition, 'read' | 'takes'> = {
  read: (text) => (/^[1-9]\d{0,11}$/.test(text) ? Number(text) : undefined),
  takes: 'a whole number above 0',
};
const DURATION: Pick<Condition, 'read' | 'takes'> = {
  read: parseDuration,
  takes: 'a duration with its unit, such as 90s or 1h30m',
};
const AMOUNT: Pick<Condition, 'read' | 'takes'> = {
  read: (text) =>
    /^\d{1,6}(\.\d{1,6})?$/.test(text) && Number(text) > 0 ? Math.round(Number(text) * 1e6) : undefined,
  takes: 'an amount in US dollars above 0, such as 2.50',
};

/** Every stop condition under the name that it has in a pipeline's `limits:` (spec: run-status). */
const CONDITIONS: Readonly<Record<string, Condition>> = {
  retry_rate: { key: 'retryRate', ...RATE },
  reject_rate: { key: 'rejectRate', ...RATE },
  after_frames: { key: 'afterFrames', ...COUNT },
  consecutive_fails: { key: 'consecutiveFails', ...COUNT },
  max_attempts: { key: 'maxAttempts', ...COUNT },
  max_cost_usd: { key: 'maxCostMicroUsd', ...AMOUNT },
  max_tokens: { key: 'maxTokens', ...COUNT },
  max_duration: { key: 'maxDurationMs', ...DURATION },
  stall_timeout: { key: 'stallTimeoutMs', ...DURATION },
  quota_wait: { key: 'quotaWaitMs', read: parseWait, takes: 'a duration with its unit, such as 2h, or 0s' },
};

/** `retry_rate=0.5` as a limit of one run; a problem says what the condition takes, or which ones there are. */
export function limitFrom(text: string): Result<Limits> {
  const at = text.indexOf('=');
  const name = at === -1 ? text : text.slice(0, at);
  const condition = Object.hasOwn(CONDITIONS, name) ? CONDITIONS[name] : undefined;
  if (condition === undefined) {
    const nearest = nearestTo(name, Object.keys(CONDITIONS));
    const hint =
      nearest === undefined ? `there are ${Object.keys(CONDITIONS).join(', ')}` : `did you mean ${nearest}?`;
    return fail({ code: 'usage', message: `${JSON.stringify(name)} is no stop condition`, hint });
  }
  const value = at === -1 ? undefined : condition.read(text.slice(at + 1));
  if (value === undefined)
    return fail({
      code: 'usage',
      message: `${name} takes ${condition.takes}`,
      hint: `write ${name}=<value>`,
    });
  return ok({ [condition.key]: value });
}

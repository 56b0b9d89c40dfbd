import type { AuthoredRetry, AuthoredStrategy } from '../authored.ts';
import { DEFAULTS } from '../defaults.ts';
import type { Strategy } from '../definition.ts';
import type { Draft, DraftStage } from '../draft.ts';
import { errorAt, type Finding, type Path, warningAt } from '../finding.ts';
import { quoted } from '../wording.ts';

export interface PlacedStrategy {
  readonly strategy: Strategy;
  /** From `strategies` on. */
  readonly path: Path;
}

/** A list, one map or one name; a name alone says nothing more. */
export function strategiesOf(written: NonNullable<AuthoredRetry['strategies']>): readonly PlacedStrategy[] {
  const place = (one: string | AuthoredStrategy, path: Path): PlacedStrategy => {
    const { name, task } = typeof one === 'string' ? { name: one } : one;
    return { strategy: { name, ...(task === undefined ? {} : { task }) }, path };
  };
  if (typeof written === 'string' || !isList(written)) return [place(written, [])];
  return written.map((one, index) => place(one, [index]));
}

/** Strategies of one name, and those whose turn never comes (spec: run-status, frames). */
export function strategyFindings(draft: Draft, { authored, path }: DraftStage): Finding[] {
  const { retry, audit, run } = authored;
  if (retry?.strategies === undefined) return [];
  const placed = strategiesOf(retry.strategies);
  const at = ({ path: inner }: PlacedStrategy): Path => [...path, 'retry', 'strategies', ...inner];
  const seen = new Set<string>();
  const twice = placed.flatMap((one) => {
    const { name } = one.strategy;
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [
      errorAt(at(one), 'value', `the strategy ${quoted(name)} stands twice`, {
        hint: 'take one of the two out; the last strategy stays for all attempts after it',
      }),
    ];
  });
  const retries = retry.max ?? draft.authored.defaults?.retries ?? DEFAULTS.retries;
  // What an audit rejects is put back to an agent at least so often.
  const most = audit === undefined || run !== undefined ? retries : Math.max(retries, DEFAULTS.agentRepairs);
  const idle = retries > 0 ? placed[most] : undefined;
  if (idle === undefined || twice.length > 0) return twice;
  const names = placed.slice(most).map(({ strategy }) => quoted(strategy.name));
  const [is, times] = [names.length === 1 ? 'is' : 'are', most === 1 ? 'once' : `${most} times`];
  return [
    warningAt(at(idle), 'value', `${names.join(', ')} ${is} never used: an attempt is made again ${times}`, {
      hint: `write "max: ${placed.length}" to use all strategies, or take some out`,
    }),
  ];
}

function isList<T>(written: T | readonly T[]): written is readonly T[] {
  return Array.isArray(written);
}

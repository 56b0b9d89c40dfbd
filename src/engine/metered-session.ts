import type { AgentEvent, Usage } from '../core/agent/event.ts';
import {
  type CostConfig,
  estimateCostMicroUsd,
  priceOf,
  setPriceCommand,
} from '../core/config/cost-config.ts';
import type { RunState } from '../core/run/state.ts';
import { everySecond } from './every-second.ts';
import type { AgentOrder, AgentOutcome, AgentRunner } from './ports.ts';
import type { Spending } from './spending.ts';

export interface MeteredSession {
  readonly spending: Spending;
  /** Prices for models whose agent reports no cost. */
  readonly costs: CostConfig;
  readonly state: RunState;
  readonly stage: string;
  readonly onEvent: (event: AgentEvent) => void;
  /** Told of all that it has used so far, at most once a second, and not of the last of it, which the outcome holds. */
  readonly onSpent?: (usage: Usage) => void;
  /** Told, under a limit on the cost, that nobody knows what a session cost that did not tell. */
  readonly onUnknown?: (message: string) => void;
}

/**
 * Runs a session within what the run and its stage may still use. One that goes beyond, or whose rest others took, is
 * ended as `budget` and can be continued; one that has done its work keeps it. What is undone is counted but not held
 * to the limits: half undone would be worse than dear.
 */
export async function runMetered(
  runner: AgentRunner,
  given: AgentOrder,
  session: MeteredSession,
  signal: AbortSignal,
): Promise<AgentOutcome> {
  const { spending, state, stage, costs } = session;
  const isLimited = given.job.kind !== 'undo';
  const used = isLimited ? spending.reached(state, stage) : undefined;
  if (used !== undefined) return { outcome: 'budget', message: `not begun: ${used}` };
  const remaining = isLimited ? spending.remaining(state, stage) : undefined;
  const order = remaining === undefined ? given : { ...given, maxCostMicroUsd: remaining };
  const beyond = new AbortController();
  let why: string | undefined;
  let isOver = false;
  let last: Usage | undefined;
  let { model } = order;
  const spent = session.onSpent === undefined ? undefined : everySecond(session.onSpent);
  const meter = spending.begin(state, stage, (limit) => {
    if (isOver || !isLimited || why !== undefined) return;
    why = limit;
    beyond.abort('budget');
  });

  function see(event: AgentEvent): void {
    isOver = event.type === 'result' || event.type === 'error';
    if (event.type === 'started') model = event.model ?? model;
    if (event.type === 'usage') {
      last = priced(costs, event.usage, model);
      meter.used(last);
      // Agents that tell it with their result do so in the same breath: they are not ended for it.
      queueMicrotask(look);
    }
    session.onEvent(event);
  }

  function look(): void {
    meter.check();
    if (!isOver && last !== undefined) spent?.tell(last);
  }

  try {
    const outcome = await runner.run(order, see, AbortSignal.any([signal, beyond.signal]));
    isOver = true;
    const usage = outcome.usage === undefined ? last : priced(costs, outcome.usage, outcome.model ?? model);
    if (usage !== undefined) meter.used(usage);
    if (usage?.costMicroUsd === undefined && runner.name !== FREE && !COST_NOTHING.has(outcome.outcome)) {
      const isDone = outcome.outcome === 'ok';
      const said = isDone
        ? costUntold(runner.name, stage, usage, outcome.model ?? model)
        : costUnknown(stage, outcome);
      // One that did its work will not tell the next time either; one that was cut off might have.
      if (isDone) meter.untold(said);
      if (remaining !== undefined) session.onUnknown?.(said);
    }
    meter.check();
    const ended = usage === undefined ? outcome : { ...outcome, usage };
    if (why === undefined || ended.outcome === 'ok' || signal.aborted) return ended;
    return { ...ended, outcome: 'budget', message: why };
  } finally {
    spent?.stop();
    meter.close();
  }
}

/** Uses nothing that costs. */
const FREE = 'offline';

/** Nobody was asked anything. */
const COST_NOTHING: ReadonlySet<AgentOutcome['outcome']> = new Set(['spawn-error', 'auth']);

/** Without a price a cost that the agent does not report stays unknown. `model`: its name as the agent tells it. */
function priced(costs: CostConfig, usage: Usage, model: string | undefined): Usage {
  const isPriceable = usage.costMicroUsd === undefined && usage.tokensIncomplete === undefined;
  const price = isPriceable && model !== undefined ? priceOf(costs, model) : undefined;
  return price === undefined ? usage : { ...usage, costMicroUsd: estimateCostMicroUsd(usage, price) };
}

/** Where not even the tokens are known no price would help. */
function costUntold(
  runner: string,
  stage: string,
  usage: Usage | undefined,
  model: string | undefined,
): string {
  const said = `${runner} did not tell what ${stage} cost, so the limit on the cost cannot be kept`;
  const isPriceable = usage !== undefined && usage.tokensIncomplete === undefined && model !== undefined;
  return isPriceable ? `${said}; a price is set with ${setPriceCommand(model)}` : said;
}

function costUnknown(stage: string, { outcome }: AgentOutcome): string {
  return `what ${stage} cost is unknown, for its agent ended as ${outcome}: the limit on the cost counts only what is known`;
}

import { acpCostIsOfProcess } from '../../core/agent/acp-agents.ts';
import type { AcpAsideReader } from '../../core/agent/acp-aside.ts';
import type { AcpReader } from '../../core/agent/acp-update.ts';
import { acpUsage } from '../../core/agent/acp-usage.ts';
import type { AgentEvent, Usage } from '../../core/agent/event.ts';
import { type AcpPast, writeAcpPast } from './acp-past.ts';

export interface AcpMeter {
  /** The session is open. `agent` is what it calls itself. */
  readonly begin: (session: { id: string; isNew: boolean; agent: string }) => void;
  /** What was used so far, when it is not what it was. */
  readonly look: () => readonly AgentEvent[];
  /** What the turn used, with the answer to its prompt if there was one. */
  readonly usage: (answer: unknown) => Usage | undefined;
  /** Remembers what the session has cost for the turn that goes on with it. */
  readonly close: () => Promise<void>;
}

/** Adds up what one turn uses. `past` has read what a session that goes on repeated. */
export function createAcpMeter(
  homeDir: string,
  remembered: AcpPast,
  readers: { readonly now: AcpReader; readonly past: AcpReader; readonly aside: AcpAsideReader },
): AcpMeter {
  const { now, past, aside } = readers;
  let sessionId: string | undefined;
  let before: number | undefined;
  let told: Usage | undefined;
  let openedAt = 0;
  let noted = Promise.resolve();

  function cost(): number | undefined {
    const sum = now.costMicroUsd();
    if (sum === undefined || before === undefined) return undefined;
    // Less than before can only be a sum that began anew.
    return sum < before ? sum : sum - before;
  }

  function usage(answer: unknown): Usage | undefined {
    return (
      aside.usage() ??
      acpUsage(answer, {
        costMicroUsd: cost(),
        contextTokens: now.contextTokens(),
        leastRequests: now.rounds() + 1,
        messageUsage: now.messageUsage(),
      })
    );
  }

  return {
    begin({ id, isNew, agent }) {
      sessionId = id;
      before = isNew || acpCostIsOfProcess(agent) ? 0 : (past.costMicroUsd() ?? remembered.costMicroUsd);
      openedAt = Date.now();
      noted = writeAcpPast(homeDir, id, { costMicroUsd: isNew ? 0 : remembered.costMicroUsd, openedAt });
    },
    look() {
      const used = usage(undefined);
      if (used === undefined || (used.costMicroUsd === told?.costMicroUsd && used.output === told?.output))
        return [];
      told = used;
      return [{ type: 'usage', usage: used }];
    },
    usage,
    async close() {
      const sum = now.costMicroUsd();
      await noted;
      if (sessionId !== undefined && sum !== undefined)
        await writeAcpPast(homeDir, sessionId, { costMicroUsd: sum, openedAt });
    },
  };
}

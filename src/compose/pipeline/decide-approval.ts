import type { ApprovalConfig } from '../../core/config/approval-config.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunEvent } from '../../core/run/event.ts';
import type { RequestBody } from '../../core/run/request.ts';
import type { RunState } from '../../core/run/state.ts';
import { statusDocument } from '../../core/status/document.ts';
import { readConfig } from '../../edges/config/config-file.ts';
import { actingUser } from '../acting-user.ts';
import type { KnownApproval } from '../approvals.ts';
import { askRun } from '../ask-run.ts';
import { closePipelineBooks } from './books.ts';
import { notifyOfDecisions } from './notify-approvers.ts';
import { startOwner } from './owner.ts';

/** What somebody wants of a gate. */
export type Wish =
  | { readonly kind: 'vote'; readonly decision: 'approved' | 'rejected'; readonly comment?: string }
  | { readonly kind: 'delegate'; readonly from?: string; readonly to: string; readonly comment?: string };

/** What became of it, and of the run. */
export interface Decided {
  readonly actor: string;
  /** The approval as it is now; absent where the run's owner has not answered in time. */
  readonly status?: RunState['phase'];
  readonly state?: RunState;
  /**
   * Who sees to what follows: the owner that drives the run, one that was started in the background, nobody because
   * nothing follows yet, or whoever types the command (`approval-config whenDecided print`).
   */
  readonly goesOn: 'owner' | 'started' | 'waits' | 'ended' | 'by-hand';
}

export interface Deciding {
  readonly stateDirectory: string;
  readonly projectRoot: string;
  readonly approval: KnownApproval;
  readonly wish: Wish;
  readonly as: string | undefined;
  readonly warn: (problem: Problem) => void;
}

/**
 * Votes, or gives a seat away, as the user of this command line or, where one person works under several names, as
 * `as`. Exits: `forbidden`, `conflict`, `not-found`.
 */
export async function decideApproval(input: Deciding): Promise<Result<Decided>> {
  const { stateDirectory, projectRoot, approval, wish, warn } = input;
  const config = readConfig(stateDirectory, 'approval');
  if (!config.ok) return config;
  if (input.as !== undefined && !config.value.singleUser) return fail(notAlone());
  const user = actingUser(config.value);
  const actor = input.as ?? user;
  const body: RequestBody =
    wish.kind === 'vote'
      ? { ...wish, approvalId: approval.row.id, channel: 'cli' }
      : {
          ...wish,
          approvalId: approval.row.id,
          asAdmin: config.value.admins.includes(actor),
          channel: 'cli',
        };
  const { executionId } = approval.run.document;
  const asked = await askRun(stateDirectory, executionId, body, {
    actor,
    async afterwards(run, state, added) {
      const told = notifyOfDecisions({ stateDirectory, projectRoot, state }, added);
      if (!told.ok) warn(told.error);
      const publish = (_events: readonly RunEvent[]): void => {
        const { status_history: before = [] } = approval.run.document;
        run.snapshot(statusDocument(state, before));
      };
      if (state.endedAt !== undefined)
        await closePipelineBooks({ stateDirectory, run, state, warn, publish });
    },
  });
  if (!asked.ok) return asked;
  const { answer, byOwner, state } = asked.value;
  // A vote that is refused can move the run as well: its gate is closed by then, by the time that has passed, or by
  // an earlier vote whose process died before it saw to the rest.
  const goesOn = byOwner ? 'owner' : await goOn(input, config.value, state);
  if (answer?.type === 'request.refused') return fail(refusal(answer, actor, user, approval));
  return ok({ actor, goesOn, ...(state === undefined || byOwner ? {} : { state }) });
}

/** Nobody drives the run: sees to what follows, as configured. */
async function goOn(
  { stateDirectory, approval, warn }: Pick<Deciding, 'stateDirectory' | 'approval' | 'warn'>,
  { whenDecided }: ApprovalConfig,
  state: RunState | undefined,
): Promise<Decided['goesOn']> {
  if (state === undefined || state.phase !== 'running')
    return state?.endedAt === undefined ? 'waits' : 'ended';
  if (whenDecided === 'print') return 'by-hand';
  const started = await startOwner(stateDirectory, approval.run.document.executionId);
  if (started.ok) return 'started';
  warn(started.error);
  return 'by-hand';
}

function refusal(
  refused: Extract<RunEvent, { type: 'request.refused' }>,
  actor: string,
  user: string,
  approval: KnownApproval,
): Problem {
  const { code, message } = refused;
  if (code !== 'forbidden') return { code, message };
  const seats = approval.row.seats.filter((seat) => seat.decision === null).map((seat) => seat.holder);
  const first = seats.find((holder) => holder !== actor);
  const hint = seats.includes(actor)
    ? `let somebody else decide: murmur8 approval delegate ${approval.row.id} --to <name>`
    : actor === user && first !== undefined
      ? `you are ${user} here; if you are also ${first}, add --as ${JSON.stringify(first)}, or set the user in murmur8 approval-config`
      : `murmur8 approval show ${approval.row.id} says who decides`;
  return { code, message, hint };
}

function notAlone(): Problem {
  return {
    code: 'forbidden',
    message: '--as is for one person who works under several names, and this project has more',
    hint: 'set who you are with MURMUR8_USER; murmur8 approval-config set singleUser true allows --as',
  };
}

import { MINIMUMS } from './minimums.ts';
import { wilsonInterval } from './wilson.ts';

/** How one model did at one stage: of all work, or of the work of one ambiguity. */
export interface StageEvidence {
  readonly stage: string;
  readonly runner: string;
  readonly model: string;
  /** Absent: of all work. */
  readonly ambiguity?: string;
  readonly successes: number;
  readonly of: number;
  /** Cases with a known cost and their median in micro-USD; the same of time in ms. */
  readonly priced: number;
  readonly medianCostMicroUsd?: number;
  readonly timed: number;
  readonly medianMs?: number;
  /** A few of the runs, the newest first. */
  readonly runIds: readonly string[];
}

/** A model with enough cases at a stage. */
export interface Candidate {
  readonly runner: string;
  readonly model: string;
  readonly successes: number;
  readonly of: number;
  /** Wilson 95% interval of its success rate. */
  readonly low: number;
  readonly high: number;
  readonly medianCostMicroUsd?: number;
  readonly medianMs?: number;
  readonly runIds: readonly string[];
}

/** Why a model is proposed, or none. */
export type ProposalReason =
  | 'the-only-one'
  | 'surest'
  | 'as-sure-and-cheaper'
  | 'as-sure-and-faster'
  | 'not-enough-data'
  | 'not-sure-enough';

export interface Proposal {
  readonly stage: string;
  /** The ambiguity whose cases were looked at; absent: all work. */
  readonly ambiguity?: string;
  readonly choice?: Candidate;
  readonly reason: ProposalReason;
  /** Models with enough cases, the best first. */
  readonly candidates: readonly Candidate[];
  /** Cases of the model with the most of them: what is still missing where there is not enough. */
  readonly mostCases: number;
}

/** With 95% confidence it succeeds more often than not: below that no figure speaks for a model. */
export const LEAST_SURE = 0.5;
/** Lower bounds this near to the best are taken as equal: with a few dozen cases they differ by chance. */
export const AS_SURE = 0.05;

/**
 * The model to use at a stage, from what is known of each. Only models with at least `MINIMUMS.proposal` cases and a
 * lower bound of at least 0.5 are proposed. Of those whose lower bound is at most 0.05 under the best, the cheapest;
 * where costs are equal or unknown, the fastest. An unknown cost comes after every known one: it is unknown, not 0.
 * Cases of the ambiguity asked for decide alone where they suffice; else all work does.
 */
export function propose(
  evidence: readonly StageEvidence[],
  question: {
    readonly stage: string;
    readonly ambiguity?: string | undefined;
    /** Only models of this runner. */
    readonly runner?: string | undefined;
  },
): Proposal {
  const { stage, ambiguity, runner } = question;
  const own = evidence.filter(
    (one) => one.stage === stage && (runner === undefined || one.runner === runner),
  );
  if (ambiguity !== undefined) {
    const narrow = proposalFrom(own.filter((one) => one.ambiguity === ambiguity));
    if (narrow.choice !== undefined) return { stage, ambiguity, ...narrow };
  }
  return { stage, ...proposalFrom(own.filter((one) => one.ambiguity === undefined)) };
}

type Decision = Omit<Proposal, 'stage' | 'ambiguity'>;

function proposalFrom(evidence: readonly StageEvidence[]): Decision {
  const candidates = rankCandidates(
    evidence.filter(({ of }) => of >= MINIMUMS.proposal).map((one) => candidateOf(one)),
  );
  const mostCases = evidence.reduce((most, { of }) => Math.max(most, of), 0);
  const [first] = candidates;
  if (first === undefined) return { reason: 'not-enough-data', candidates, mostCases };
  if (first.low < LEAST_SURE) return { reason: 'not-sure-enough', candidates, mostCases };
  return { choice: first, reason: reasonFor(first, candidates), candidates, mostCases };
}

function candidateOf(one: StageEvidence): Candidate {
  const { runner, model, successes, of, medianCostMicroUsd: cost, medianMs: time, runIds } = one;
  return {
    runner,
    model,
    successes,
    of,
    ...wilsonInterval(successes, of),
    // A cost that only a few of its cases told is not yet the model's.
    ...(cost === undefined || one.priced < MINIMUMS.rate ? {} : { medianCostMicroUsd: Math.round(cost) }),
    ...(time === undefined || one.timed < MINIMUMS.rate ? {} : { medianMs: Math.round(time) }),
    runIds,
  };
}

/**
 * Best first: those as sure as the surest by cost, time and name, then the others by their lower bound. More
 * successes never lower a rank: they raise the own bound, and by it at most drop others out of the first group.
 */
function rankCandidates(candidates: readonly Candidate[]): Candidate[] {
  const best = candidates.reduce((most, { low }) => Math.max(most, low), 0);
  // What is not sure enough is no match for what is, however near it comes.
  const isAsSure = ({ low }: Candidate): boolean =>
    low >= best - AS_SURE && (low >= LEAST_SURE || best < LEAST_SURE);
  return [
    ...candidates.filter(isAsSure).sort((a, b) => byPrice(a, b) || bySureness(a, b) || byName(a, b)),
    ...candidates
      .filter((one) => !isAsSure(one))
      .sort((a, b) => bySureness(a, b) || byPrice(a, b) || byName(a, b)),
  ];
}

function byPrice(a: Candidate, b: Candidate): number {
  return unknownLast(a.medianCostMicroUsd, b.medianCostMicroUsd) || unknownLast(a.medianMs, b.medianMs);
}

function bySureness(a: Candidate, b: Candidate): number {
  return b.low - a.low;
}

function byName(a: Candidate, b: Candidate): number {
  const [one, other] = [a, b].map(({ runner, model }) => `${runner} ${model}`);
  return one === other ? 0 : (one ?? '') < (other ?? '') ? -1 : 1;
}

function unknownLast(a: number | undefined, b: number | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a - b;
}

/** Against the next best of those that are as sure. */
function reasonFor(first: Candidate, candidates: readonly Candidate[]): ProposalReason {
  if (candidates.length === 1) return 'the-only-one';
  const best = candidates.reduce((most, { low }) => Math.max(most, low), 0);
  const rival = candidates[1];
  if (rival === undefined || rival.low < Math.max(LEAST_SURE, best - AS_SURE)) return 'surest';
  if (unknownLast(first.medianCostMicroUsd, rival.medianCostMicroUsd) < 0) return 'as-sure-and-cheaper';
  return unknownLast(first.medianMs, rival.medianMs) < 0 ? 'as-sure-and-faster' : 'surest';
}

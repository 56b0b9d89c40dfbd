/**
 * Outcomes of an agent's attempt for which its model's service is to blame, not the work. `quota` and `overloaded` pass
 * with time, `billing` only once somebody pays; `unavailable` may as well be a fault of the network here.
 */
export function isServiceFailure(outcome: string): boolean {
  return outcome === 'unavailable' || isNoFailureOfTheWork(outcome);
}

/** The same where it is sure: such attempts count neither as failures in a row nor towards a stage's retries. */
export function isNoFailureOfTheWork(outcome: string): boolean {
  return outcome === 'quota' || outcome === 'overloaded' || outcome === 'billing';
}

import type { Feedback } from '../feedback.ts';
import { type Finding, formatFinding } from '../finding.ts';
import { criteriaOf, type Derivation } from './derivation.ts';

/**
 * A rating from what can be counted: whether the received work keeps its contract, and how many wishes of the brief
 * can be checked. It says nothing about whether the work is any good otherwise.
 */
export function rateReceived(findings: readonly Finding[], derivation: Derivation): Feedback {
  if (findings.length > 0) {
    return { rating: 2, issues: findings.slice(0, 10).map(formatFinding), recommendation: 'revise' };
  }
  const criteria = criteriaOf(derivation);
  const checked = criteria.filter((criterion) => criterion.check !== undefined).length;
  if (checked === criteria.length) return { rating: 5, issues: [], recommendation: 'proceed' };
  const issue = `${criteria.length - checked} of ${criteria.length} criteria have no example, so that their tests stay pending`;
  return { rating: checked * 2 >= criteria.length ? 4 : 3, issues: [issue], recommendation: 'proceed' };
}

import type { Insights } from '../../../core/insights/insights.ts';
import { asTyped } from '../as-typed.ts';
import { proposalsAsText, recommendationsAsText } from './insights-advice.ts';
import { pipelinesAsText, workAsText } from './insights-models.ts';
import { overviewAsText, trendsAsText } from './insights-overview.ts';
import { anomaliesAsText, bottlenecksAsText, calibrationAsText, failuresAsText } from './insights-stages.ts';
import type { InsightsLook } from './insights-text.ts';

/** `insights` for people; parts of which nothing is known are left out. */
export function insightsAsText(insights: Insights, look: InsightsLook): string {
  if (isEmpty(insights)) return asTyped(NOTHING_YET);
  const hasRuns = insights.outcomes.runs + insights.passedOver > 0;
  const parts = [
    ...(hasRuns ? [overviewAsText(insights, look)] : []),
    recommendationsAsText(insights, look),
    bottlenecksAsText(insights, look),
    failuresAsText(insights, look),
    anomaliesAsText(insights, look),
    trendsAsText(insights, look),
    calibrationAsText(insights, look),
    workAsText(insights, look),
    pipelinesAsText(insights, look),
    proposalsAsText(insights, look),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

const NOTHING_YET =
  'No runs to learn from yet.\nhint: murmur8 implement-feature <slug> records the first one; murmur8 history lists them\n';

function isEmpty({ outcomes, passedOver, work, pipelines, trends }: Insights): boolean {
  const cases = work.tasks.attempts + pipelines.length + trends.before.runs;
  return outcomes.runs + passedOver + cases === 0;
}

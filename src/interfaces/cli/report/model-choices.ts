import type { ModelChoice } from '../../../compose/feature/model-auto.ts';
import { proposalText } from './insights-advice.ts';
import { groundText, type InsightsLook, paragraph } from './insights-text.ts';
import { oneLine } from './one-line.ts';

/** What `--model auto` gave each stage, why, and on which runs it rests; or what is used in its place. */
export function modelChoicesAsText(choices: readonly ModelChoice[], look: InsightsLook): string {
  return `${look.style.bold('Models by the recorded runs (--model auto)')}\n${choices.map((one) => choiceText(one, look)).join('')}`;
}

function choiceText({ proposal, runner, configured }: ModelChoice, look: InsightsLook): string {
  const { stage, ambiguity, choice } = proposal;
  const where = `${oneLine(stage, 30)}${ambiguity === undefined ? '' : `, ambiguity ${ambiguity}`}`;
  if (choice === undefined)
    return paragraph(`${where}: ${usual(runner, configured)}; ${proposalText(proposal)}`, 2, look);
  return [
    paragraph(`${where}: ${proposalText(proposal)}`, 2, look),
    paragraph(`rests on ${groundText({ runs: choice.of, runIds: choice.runIds }, 'case')}`, 4, look),
  ].join('');
}

/** What a stage uses for which nothing is proposed. */
function usual(runner: string, configured: string | undefined): string {
  const name = oneLine(runner, 30);
  return configured === undefined
    ? `${name} with its own default model`
    : `${name} ${oneLine(configured, 60)}, as configured`;
}

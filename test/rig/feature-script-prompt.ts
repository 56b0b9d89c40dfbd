/**
 * What a model can find in a prompt of the feature pipeline. Nothing here knows a path or a name of the product:
 * if a prompt stops saying something, the reading of it fails and with it the test.
 */
export interface FeatureTask {
  readonly kind: FeatureWork | 'review';
  /** Whether it is about work that was done and has to be mended. */
  readonly mends: boolean;
}

type FeatureWork = 'alex' | 'cass' | 'nigel' | 'codey-plan' | 'codey-implement';

const TITLES: readonly (readonly [RegExp, FeatureTask['kind']])[] = [
  [/^# Rate what you received/m, 'review'],
  [/^# Write the specification/m, 'alex'],
  [/^# Write the stories/m, 'cass'],
  [/^# Write the tests/m, 'nigel'],
  [/^# Plan the implementation/m, 'codey-plan'],
  [/^# Implement the feature/m, 'codey-implement'],
];

/** What the prompt asks for; undefined when it is none of ours. */
export function taskOf(prompt: string): FeatureTask | undefined {
  const mended = /^# Mend the work of the stage (\S+)/m.exec(prompt)?.[1];
  const kind = TITLES.find(([title, name]) => name === mended || title.test(prompt))?.[1];
  return kind === undefined ? undefined : { kind, mends: mended !== undefined };
}

/** The prompt of a conversation that gave its task, before anything was to be mended. */
export function firstTask(prompts: readonly string[]): string {
  const prompt = prompts.findLast((candidate) => taskOf(candidate)?.mends === false);
  if (prompt === undefined) throw new Error('the conversation never named its task');
  return prompt;
}

/** The first group of the first match; an error that shows what the prompt does not say. */
export function find(prompt: string, pattern: RegExp): string {
  const found = pattern.exec(prompt)?.[1]?.trim();
  if (found === undefined) throw new Error(`the prompt does not say ${pattern}`);
  return found;
}

/** Text of a second-level section of the prompt. */
export function section(prompt: string, title: string): string {
  return find(`${prompt}\n## `, new RegExp(`^## ${title}\\n([\\s\\S]*?)(?=^## )`, 'm'));
}

export function slugOf(prompt: string): string {
  return find(prompt, /^# .* (?:of|for)? ?the feature (\S+)$/m);
}

/** Text that the prompt quotes under a label. */
export function quoted(prompt: string, label: string): string {
  const [, mark = '', name = ''] = new RegExp(`^<<<(QUOTED\\S*) (${label}[^:\\n]*):`, 'm').exec(prompt) ?? [];
  if (mark === '') throw new Error(`the prompt quotes no ${label}`);
  const from = prompt.indexOf('\n', prompt.indexOf(`<<<${mark} ${name}`)) + 1;
  return prompt.slice(from, prompt.indexOf(`\n${mark}>>>`, from) + 1);
}

/** What the last attempt left wrong, as the prompt puts it; empty when it says nothing of that kind. */
export function findingsIn(prompt: string): string {
  return prompt.includes('<<<QUOTED findings') ? quoted(prompt, 'findings') : '';
}

/** Where the typed answer goes. */
export function answerPlace(prompt: string): string {
  return find(prompt, /MURMUR8_ANSWER[^\n]*?(\/\S+\.json)/);
}

/** The handoff note in the form that the prompt describes. */
export function handoff(prompt: string, facts: readonly string[]): string {
  const role = find(prompt, /\*\*For:\*\* (\w+)/);
  const feature = find(prompt, /\*\*Feature:\*\* ([^\s,]+)/);
  const headings = find(prompt, /then the headings ([^.]+)\./).split(/,\s*/);
  const body = headings.map(
    (heading, index) => `### ${heading}\n- ${facts[index] ?? 'None, all is settled'}\n`,
  );
  return `**For:** ${role}\n**Feature:** ${feature}\n\n${body.join('\n')}`;
}

/** A criterion in the form that the prompt shows. */
export function criterion(
  prompt: string,
  facts: { readonly id: string; readonly title: string; readonly parts: readonly [string, string, string] },
): string {
  const shown = find(prompt, /A criterion looks like this[^\n]*\n\n((?: {4}[^\n]+\n)+)/).split('\n');
  const [title = '', ...lines] = shown.map((line) => line.trim());
  const heading = title.replace('AC-1', facts.id).replace('short title', facts.title);
  return [
    heading,
    ...lines.map((line, index) => `${line.split(' ').slice(0, 2).join(' ')} ${facts.parts[index] ?? ''}`),
  ].join('\n');
}

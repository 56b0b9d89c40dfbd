import type { RetryStrategy } from '../config/retry-config.ts';
import { ok, type Result } from '../result.ts';
import { headingKey, readLines, readSections } from './markdown.ts';
import { quoteContent, renderPrompt } from './prompt.ts';

/** Sections of a stage's prompt that may be left out to make it simpler; the contract is never among them. */
const OPTIONAL_SECTIONS = ['background', 'advice'];

export interface PromptPart {
  /** Heading as `headingKey` gives it; empty for what stands before the first heading. */
  readonly key: string;
  readonly text: string;
}

/**
 * Takes a template apart at its second-level headings. It is split before it is filled, so that a heading inside a
 * quoted brief never counts as one of the prompt's own.
 */
export function splitPrompt(prompt: string): PromptPart[] {
  const sections = readSections(readLines(prompt)).filter((section) => section.level === 2);
  const lines = prompt.split(/\r?\n/);
  const starts = [0, ...sections.map((section) => section.line - 1)];
  return starts.map((start, index) => ({
    key: headingKey(sections[index - 1]?.title ?? ''),
    text: lines
      .slice(start, starts[index + 1] ?? lines.length)
      .join('\n')
      .trim(),
  }));
}

/** What a strategy may draw on. */
export interface StrategyContext {
  /** What is wrong with the last attempt. */
  readonly findings: readonly string[];
  /** Files that help to see why, for `add-context`: label and text. */
  readonly material: readonly { readonly label: string; readonly text: string }[];
}

const MATERIAL_LENGTH = 12_000;

/** The parts as the strategy changes them. Every part that is not background or advice stays word for word. */
export function applyStrategy(
  parts: readonly PromptPart[],
  strategy: RetryStrategy,
  context: StrategyContext,
): PromptPart[] {
  switch (strategy) {
    case 'add-context':
      return [...parts, part('More material', materialText(context))];
    case 'simplify-prompt':
      return [
        ...parts.filter(({ key }) => !OPTIONAL_SECTIONS.includes(key)),
        part(
          'Keep to the essentials',
          'Do only what the contract asks for, in its order, in as few words and files as it takes.',
        ),
      ];
    case 'incremental':
      return [...parts, part('Work in small steps', incrementalText(context))];
    case 'rollback-to-checkpoint':
      return [
        ...parts,
        part(
          'A fresh start',
          'The files are again as they were before the last attempt; its changes are gone from the working tree. Choose another way than the one that led to the findings above.',
        ),
      ];
  }
}

function part(title: string, text: string): PromptPart {
  return { key: headingKey(title), text: `## ${title}\n\n${text}` };
}

function materialText({ material }: StrategyContext): string {
  if (material.length === 0) {
    return 'Read every input named above once more, completely, and the files next to them, before you write anything.';
  }
  const quoted = material.map(({ label, text }) =>
    quoteContent(label, text.length > MATERIAL_LENGTH ? `${text.slice(0, MATERIAL_LENGTH)}\n[cut]` : text),
  );
  return `These files bear on what went wrong.\n\n${quoted.join('\n\n')}`;
}

function incrementalText({ findings }: StrategyContext): string {
  const first =
    findings[0] === undefined ? '' : ' Begin with the first finding and settle it before the next.';
  return `Keep what already holds. Change one thing at a time, save it, and look at the result before you go on.${first} Leave every file complete after each step, so that nothing is lost if you are stopped.`;
}

export interface StagePromptInput {
  /** The stage's prompt as shipped or as the user changed it. */
  readonly template: string;
  readonly values: Readonly<Record<string, string>>;
  /** What the last attempt left wrong; empty on the first. */
  readonly findings: readonly string[];
  /** Absent on the first attempt. */
  readonly strategy?: RetryStrategy;
  readonly material?: StrategyContext['material'];
}

/**
 * The whole prompt of one attempt: template, findings, and what the strategy adds or leaves out. The values must hold
 * everything that the template names (see promptValues).
 */
export function promptFor(input: StagePromptInput): Result<string> {
  const { template, values, findings, strategy, material = [] } = input;
  const whole = renderPrompt(template, values);
  if (!whole.ok) return whole;
  const parts = splitPrompt(template).map(({ key, text }) => ({ key, text: fill(text, values) }));
  if (findings.length > 0) parts.push(findingsPart(findings));
  const changed = strategy === undefined ? parts : applyStrategy(parts, strategy, { findings, material });
  return ok(`${changed.map(({ text }) => text).join('\n\n')}\n`);
}

/** Every placeholder is known to have a value here. */
function fill(text: string, values: Readonly<Record<string, string>>): string {
  const rendered = renderPrompt(text, values);
  return rendered.ok ? rendered.value : text;
}

function findingsPart(findings: readonly string[]): PromptPart {
  const list = quoteContent('findings of the check', findings.map((finding) => `- ${finding}`).join('\n'));
  return part(
    'What the last attempt left wrong',
    `The contract was checked and does not hold yet. Mend exactly this and keep the rest:\n\n${list}`,
  );
}

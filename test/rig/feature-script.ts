import { type Derivation, derive } from '../../src/core/feature/offline/derivation.ts';
import {
  answerPlace,
  criterion,
  type FeatureTask,
  find,
  firstTask,
  handoff,
  quoted,
  section,
  slugOf,
  taskOf,
} from './feature-script-prompt.ts';
import type { FileToWrite, ModelRequest, ModelScript, ModelStep } from './model-server-step.ts';

/** Replaces the step that the model would take; undefined leaves it. */
export type Interference = (
  request: ModelRequest,
  task: FeatureTask,
  usual: () => ModelStep,
) => ModelStep | undefined | Promise<ModelStep | undefined>;

/** Every answer uses this much, so that sums can be foretold. */
export const USAGE = { input: 1000, output: 100, cacheRead: 200 };

/**
 * A model that plays alex to codey for a brief of examples such as `greeting("Ada")` → `"Hello, Ada!"`, through
 * any of the agents. It reads and writes with their own tools, and takes every path and every rule of form out of
 * its prompts. A step of yours, such as `{ bash: 'false' }`, suits each agent too; `request.form` tells them apart.
 */
export function featureScript(interfere: Interference = () => undefined): ModelScript {
  return async (request) => {
    const task = taskOf(request.prompt);
    if (task === undefined)
      return { text: `This is no task of the pipeline: ${request.prompt.slice(0, 200)}` };
    const usual = (): ModelStep => stepFor(task, request);
    return { usage: USAGE, ...((await interfere(request, task, usual)) ?? usual()) };
  };
}

/** Takes the steps of its task one by one; writes nothing twice before it has read it again. */
function stepFor(task: FeatureTask, request: ModelRequest): ModelStep {
  const prompt = firstTask(request.prompts);
  const said = request.toolResults.map((result) => result.text).join('\n');
  const refused = request.toolResults.find(({ failed, exitCode }) => failed && exitCode === undefined);
  if (refused !== undefined) return { text: `A tool refused: ${refused.text}` };
  return stepsFor(task, prompt, said)[request.turn]?.() ?? { text: 'It is done.' };
}

function stepsFor({ kind, mends }: FeatureTask, prompt: string, said: string): readonly (() => ModelStep)[] {
  const read = (path: string) => (): ModelStep => ({ read: path });
  switch (kind) {
    case 'review':
      return [() => ({ write: rating(prompt) })];
    case 'alex': {
      const [main, note] = specification(prompt);
      if (!mends) return [() => ({ write: [main, note] })];
      return [read(main.path), () => ({ write: main })];
    }
    case 'cass':
      return [read(briefPath(prompt)), () => ({ write: stories(prompt, withoutNumbers(said)) })];
    case 'nigel':
      return [
        () => ({ bash: `for f in ${criteriaPlace(prompt)}; do echo "==> $f"; cat "$f"; done` }),
        () => ({ write: tests(prompt, said) }),
        () => ({ bash: testCommand(prompt) }),
      ];
    case 'codey-plan':
      return [
        () => ({ bash: `cat ${testSpecificationPlace(prompt)}` }),
        () => ({ write: plan(prompt, said) }),
      ];
    case 'codey-implement':
      return [() => ({ write: code(prompt) }), () => ({ bash: testCommand(prompt) })];
  }
}

/** The rating in the form of the prompt, at the place that it names. */
export function rating(
  prompt: string,
  given: { rating: number; issues: readonly string[]; recommendation: string } = {
    rating: 5,
    issues: [],
    recommendation: 'proceed',
  },
): FileToWrite {
  const names = find(section(prompt, 'How you answer'), /^ {4}(\{.*\})$/m);
  for (const name of Object.keys(given))
    if (!names.includes(`"${name}"`)) throw new Error(`no ${name} in ${names}`);
  return { path: answerPlace(prompt), content: JSON.stringify(given) };
}

/** A question in the form of the prompt, at the place that it names. */
export function question(prompt: string, text: string): FileToWrite {
  const form = find(prompt, /`(\{"question".*\})`/);
  return { path: answerPlace(prompt), content: form.replace(/<[^>]*>/, text) };
}

function specification(prompt: string): readonly [FileToWrite, FileToWrite] {
  const left = section(prompt, 'What you leave behind');
  const [path = '', note = ''] = [...left.matchAll(/^\d\. (\S+)$/gm)].map((match) => match[1] ?? '');
  const text = find(left, /second-level headings, are: ([^.]+)\./).replace(
    ' or Acceptance Criteria, see below',
    '',
  );
  const titles = text.split(/;\s*/).map((title) => title.replace(/ \((with|today).*$/, ''));
  const ownCriteria = prompt.includes('No stories will be written');
  const filled = titles.map((title) => {
    if (ownCriteria && title.startsWith('Handover')) {
      const named = find(prompt, /a section "([^"]+)" of the specification/);
      return `## ${named}\n\n${criteriaOf(prompt, quoted(prompt, 'brief')).flat().join('\n\n')}\n`;
    }
    if (title === 'Scope')
      return `## ${title}\n\n### In Scope\n\n- greeting by name\n\n### Out of Scope\n\n- languages\n`;
    return `## ${title}\n\nThe brief decides this: people are greeted by their names.\n`;
  });
  const front = `---\n${find(left, /`(featureId: \S+)`/)}\nkind: user-facing\n---\n`;
  return [
    { path, content: `${front}\n# Feature Specification — Greeting\n\n${filled.join('\n')}` },
    { path: note, content: handoff(prompt, ['Greets by name', path]) },
  ];
}

function briefPath(prompt: string): string {
  return find(prompt, /[Tt]he brief[^\n]*?(?:at|use|:) (\S+\.md)/);
}

function stories(prompt: string, brief: string): readonly FileToWrite[] {
  const pattern = find(prompt, /One file per story: (\S+?),/);
  const note = find(section(prompt, 'What you leave behind'), /^2\. (\S+)$/m);
  const criteria = criteriaOf(prompt, brief);
  const files = derived(prompt, brief, true).stories.map((story, index) => {
    const sentence = find(prompt, /the sentence "([^"]+)"/).replaceAll('…', 'caller');
    return {
      path: pattern.replace('<name>', story.name.replace('story-', '')),
      content: `# ${story.title}\n\n${sentence}.\n\n${criteria[index]?.join('\n\n')}\n\nOut of scope: nothing else.\n`,
    };
  });
  return [...files, { path: note, content: handoff(prompt, ['One story for each part', 'The stories']) }];
}

/** Per story, in the form that the prompt shows. */
function criteriaOf(prompt: string, brief: string): readonly (readonly string[])[] {
  const { stories } = derived(prompt, brief, !prompt.includes('No stories will be written'));
  return stories.map((story) =>
    story.criteria.map(({ id, title, given, when, outcome }) =>
      criterion(prompt, { id, title, parts: [given, when, outcome] }),
    ),
  );
}

function derived(prompt: string, text: string, withStories: boolean): Derivation {
  return derive({ slug: slugOf(prompt), featureId: '', briefPath: '', withStories, text });
}

function criteriaPlace(prompt: string): string {
  return find(prompt, /The criteria: [^\n]*?(\S+\.md)$/m);
}

const MODULE = 'src/greeting.js';
const HELPER = 'src/trimmed-name.js';

function tests(prompt: string, criteria: string): readonly FileToWrite[] {
  const left = section(prompt, 'What you leave behind');
  const specificationPlace = find(left, /^1\. (\S+)$/m);
  const testFile = find(left, /^2\. The tests, in (\S+)\. /m);
  const columns = find(left, /with the columns ([^.]+)\./).split(/,\s*/);
  find(left, /Begin the title of each test with its id, as in "(T-1 .*?)"/);
  const rows: string[] = [];
  const cases: string[] = [];
  for (const part of criteria.split(/^==> /m).slice(1)) {
    const story = find(part, /([^/\n]+)\.md\n/);
    for (const [, id = '', call = '', word, outcome = ''] of part.matchAll(
      /^\*\*(AC-\d+) — (.*) (gives|throws) (.*)\*\*$/gm,
    )) {
      const testId = `T-${rows.length + 1}`;
      rows.push(
        `| ${[story, id, testId, 'active', 'the whole result'].slice(0, columns.length).join(' | ')} |`,
      );
      const check =
        word === 'gives'
          ? `assert.equal(load().${call}, ${outcome});`
          : `assert.throws(() => load().${call}, { message: ${outcome} });`;
      cases.push(`test(${JSON.stringify(`${testId} ${call} ${word} ${outcome}`)}, () => {\n  ${check}\n});`);
    }
  }
  const up = '../'.repeat(testFile.split('/').length - 1);
  const head = `const assert = require('node:assert/strict');\nconst { test } = require('node:test');\nconst load = () => require('${up}${MODULE}');\n`;
  const table = [`| ${columns.join(' | ')} |`, `|${'---|'.repeat(columns.length)}`, ...rows].join('\n');
  return [
    {
      path: specificationPlace,
      content: `# Test Specification\n\n${table}\n\nThe module under test is ${MODULE}; it leans on ${HELPER}.\n`,
    },
    { path: testFile, content: `${head}\n${cases.join('\n\n')}\n` },
    { path: find(left, /^3\. (\S+)$/m), content: handoff(prompt, ['One test for each criterion', testFile]) },
  ];
}

/** The command that the prompt gives for the feature's tests. */
function testCommand(prompt: string): string {
  return find(prompt, /^Run the tests [^\n]*\n\n {4}([^\n]+)$/m);
}

function testSpecificationPlace(prompt: string): string {
  return find(prompt, /The test specification with the ids: (\S+)/);
}

function plan(prompt: string, testSpecification: string): FileToWrite {
  const path = find(section(prompt, 'What you leave behind'), /^(\S+), with a summary/m);
  const shown = find(prompt, /^ {4}(1\. `\S+` CREATE .*)$/m);
  const [, module = '', helper = ''] =
    /module under test is (\S+); it leans on (\S+)\./.exec(testSpecification) ?? [];
  const ids = [...testSpecification.matchAll(/\| (T-\d+) \|/g)].map((match) => match[1]).join(', ');
  const step = (number: number, file: string, what: string, tests: string) =>
    shown
      .replace('1.', `${number}.`)
      .replace(/`[^`]+`/, `\`${file}\``)
      .replace(/— [^|]* \|/, `— ${what} |`)
      .replace(/Tests: .*/, `Tests: ${tests}`);
  const steps = [
    step(1, helper, 'a name without the space around it', 'none'),
    step(2, module, 'the greeting', ids),
  ];
  return {
    path,
    content: `# Plan\n\n## Summary\n\nTwo small modules.\n\n## Steps\n\n${steps.join('\n')}\n\n## Risks\n\n- None that a test would not show.\n`,
  };
}

const CODE: Readonly<Record<string, string>> = {
  [HELPER]: `/** A name without the space around it; an empty one is an error. */
module.exports.trimmedName = (name) => {
  const trimmed = name.trim();
  if (trimmed === '') throw new Error('a name is required');
  return trimmed;
};
`,
  [MODULE]: `const { trimmedName } = require('./trimmed-name.js');

/** Greets a person by name. */
module.exports.greeting = (name) => \`Hello, \${trimmedName(name)}!\`;
`,
};

/** The file of the step that the prompt quotes. */
function code(prompt: string): FileToWrite {
  const path = find(quoted(prompt, 'step'), /^\d+\. (\S+)/);
  return { path, content: CODE[path] ?? '' };
}

/** Claude Code shows a file with a number before each line. */
function withoutNumbers(shown: string): string {
  return shown.replace(/^ *\d+[→\t]/gm, '');
}

import { featurePaths } from '../paths.ts';
import { criteriaOf, type Derivation, type DerivedCriterion, type DerivedStory } from './derivation.ts';
import { derivedNote } from './mark.ts';

/** Relative path to text. */
export type DerivedFiles = ReadonlyMap<string, string>;

/** What alex leaves: specification and handoff note. */
export function specificationFiles(derivation: Derivation, today: string): DerivedFiles {
  const paths = featurePaths(derivation.slug);
  const next = derivation.withStories ? 'Cass' : 'Nigel';
  return new Map([
    [paths.specification, specification(derivation, today)],
    [paths.handoffAlex, handoff(derivation, next, [paths.specification])],
  ]);
}

/** What cass leaves: one story per part of the brief, and a handoff note. */
export function storyFiles(derivation: Derivation): DerivedFiles {
  const paths = featurePaths(derivation.slug);
  const stories = derivation.stories.map(
    (story) => [`${paths.directory}/${story.name}.md`, storyText(derivation, story)] as const,
  );
  const names = stories.map(([path]) => path);
  return new Map([...stories, [paths.handoffCass, handoff(derivation, 'Nigel', names)]]);
}

function specification(derivation: Derivation, today: string): string {
  const { brief, featureId, withStories, briefPath } = derivation;
  const criteria = criteriaOf(derivation);
  const checked = criteria.filter((criterion) => criterion.check !== undefined).length;
  const open = criteria.length - checked;
  return `---
featureId: ${featureId}
kind: ${withStories ? 'user-facing' : 'technical'}
---

# Feature Specification — ${brief.title}

${derivedNote(briefPath)}

## 1. Feature Intent

The brief says, in its own words: ${brief.summary}

## 2. Scope

### In Scope

${derivation.stories.map((story) => `- the part "${story.title}" with ${count(story.criteria.length, 'criterion', 'criteria')}`).join('\n')}

### Out of Scope

- everything that the brief does not name
${brief.outOfScope.map((line) => `- as the brief says: ${line}`).join('\n')}

## 3. Actors Involved

- Whoever calls the feature; the brief was not searched for other actors.

## 4. Behaviour Overview

Of ${count(criteria.length, 'wish', 'wishes')} in the brief, ${checked} can be checked because an example shows input and result; ${open} stay pending.

## 5. State & Lifecycle Interactions

The derived code keeps no state: each call looks at its input alone.

## 6. Rules & Decision Logic

An input that an example shows gives exactly the result shown; every other input is an error.

## 7. Dependencies

The derived code needs nothing but the language's own library.

## 8. Non-Functional Considerations

The brief was not searched for them; time and space of the derived code grow with the number of examples.

## 9. Assumptions & Open Questions

- Every list item and every example of the brief is one criterion.
${openQuestions(derivation)
  .map((question) => `- ${question}`)
  .join('\n')}

## 10. Impact on System Specification

None that can be derived by rule; a person has to judge it.

${withStories ? handover(derivation) : ownCriteria(criteria)}

## 12. Change Log

| Date | Change | Raised by |
|---|---|---|
| ${today} | derived from the brief | offline runner |
`;
}

function handover({ stories }: Derivation): string {
  return `## 11. Handover to BA (Cass)

One story for each part of the brief:

${stories.map((story, index) => `${index + 1}. ${story.title}`).join('\n')}`;
}

function ownCriteria(criteria: readonly DerivedCriterion[]): string {
  return `## 11. Acceptance Criteria

${criteria.map(criterionText).join('\n\n')}`;
}

function storyText({ briefPath, brief }: Derivation, story: DerivedStory): string {
  return `# Story — ${story.title}

${derivedNote(briefPath)}

## User story

As a user of "${brief.title}", I want what the brief lists under "${story.title}", so that I can rely on each point of it.

## Acceptance criteria

${story.criteria.map(criterionText).join('\n\n')}

## Out of scope

- everything that the brief does not name
`;
}

function criterionText(criterion: DerivedCriterion): string {
  return `**${criterion.id} — ${criterion.title}**
- Given ${criterion.given},
- When ${criterion.when},
- Then ${criterion.outcome}.`;
}

/** A note that stays short however many files and questions there are. */
export function handoff(derivation: Derivation, next: string, files: readonly string[]): string {
  return `## Handoff Summary
**For:** ${next}
**Feature:** ${derivation.slug}

### Key Decisions
- Everything here follows from the brief by rule; ${derivedNote(derivation.briefPath).slice(2)}
- Each list item and each example became one criterion

### Files Created
${shortList(files)}

### Open Questions
${shortList(openQuestions(derivation))}

### Critical Context
Only examples can be checked by rule. What has none stays a pending test until a person or a model takes it on.
`;
}

function openQuestions(derivation: Derivation): string[] {
  const criteria = criteriaOf(derivation);
  const vague = criteria.filter((criterion) => criterion.check === undefined);
  const questions =
    vague.length === 0
      ? []
      : [
          `What shows that ${count(vague.length, 'criterion', 'criteria')} without example hold, such as ${vague[0]?.id ?? ''} (${vague[0]?.title ?? ''})?`,
        ];
  const { leftOut } = derivation.brief;
  if (leftOut > 0)
    questions.push(`Should the feature be split? ${leftOut} further wishes of the brief were left out.`);
  return questions.length > 0 ? questions : ['None: every wish of the brief comes with an example'];
}

function shortList(entries: readonly string[]): string {
  const shown = entries.slice(0, 5).map((entry) => `- ${entry}`);
  return [...shown, ...(entries.length > 5 ? [`- and ${entries.length - 5} more beside them`] : [])].join(
    '\n',
  );
}

export function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

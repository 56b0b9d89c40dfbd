/**
 * What a model can find in a prompt of a pipeline's stage. Nothing here knows a path of the product: if a prompt stops
 * saying something, the reading of it fails and with it the test.
 */
export interface StageTask {
  readonly stage: string;
  readonly isUndo: boolean;
  /** The text under the heading of the task. */
  readonly task: string;
}

/** What the prompt asks for; undefined when it is none of a stage. */
export function stageTaskOf(prompt: string): StageTask | undefined {
  const [, undo, stage] = /^# (Undo the|The) stage (\S+) of the pipeline \S+$/m.exec(prompt) ?? [];
  if (stage === undefined) return undefined;
  const isUndo = undo === 'Undo the';
  return { stage, isUndo, task: sectionOf(prompt, isUndo ? 'What the stage had been asked to do' : 'Task') };
}

/** The text between a heading of the second level and the next one. */
export function sectionOf(prompt: string, title: string): string {
  const from = prompt.indexOf(`## ${title}\n`);
  if (from < 0) throw new Error(`the prompt has no section ${title}`);
  const body = prompt.slice(from + title.length + 4);
  const end = body.search(/^## /m);
  return (end < 0 ? body : body.slice(0, end)).trim();
}

/** Names of the outputs that the stage has to give. */
export function outputsIn(prompt: string): readonly string[] {
  const names = /values that later stages work with: ([^\n]+)$/m.exec(prompt)?.[1];
  if (names === undefined) throw new Error('the prompt says nothing of outputs');
  return names === 'none' ? [] : names.split(', ');
}

/** Where outputs go. */
export function outputPlace(prompt: string): string {
  const place = /MURMUR8_OUTPUT[^\n]*\n\n {4}(\/\S+)$/m.exec(prompt)?.[1];
  if (place === undefined) throw new Error('the prompt names no place for outputs');
  return place;
}

/** What the prompt of a check says; undefined when it is none. */
export interface CheckTask {
  readonly stage: string;
  /** What is to be checked. */
  readonly task: string;
  /** Where the verdict goes. */
  readonly answerFile: string;
}

export function checkTaskOf(prompt: string): CheckTask | undefined {
  const stage = /^# Check what the stage (\S+) of the pipeline \S+ has left$/m.exec(prompt)?.[1];
  if (stage === undefined) return undefined;
  const answerFile = /MURMUR8_ANSWER[^\n]*\n\n {4}(\/\S+)$/m.exec(prompt)?.[1];
  if (answerFile === undefined) throw new Error('the prompt names no place for the verdict');
  return { stage, task: sectionOf(prompt, 'What you check'), answerFile };
}

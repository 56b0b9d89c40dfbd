import type { Person } from '../../../compose/implement-feature.ts';
import { plainText } from '../../../core/agent/plain-text.ts';
import { oneLine } from '../report/one-line.ts';
import { ask, choose } from './ask.ts';

/** Nobody: every question gets the answer that loses nothing. */
export const NOBODY: Person = {
  present: false,
  gate: async () => ({ answer: 'pause' }),
  answer: async () => undefined,
  revision: async () => undefined,
  preview: async () => 'abort',
};

/** Whoever sits at this terminal. `aside` clears what is drawn there while a question stands. */
export function createTerminalPerson(aside: <T>(question: () => Promise<T>) => Promise<T>): Person {
  return {
    present: true,
    gate: (feedback) =>
      aside(async () => {
        write(
          `\n${feedback.by} rates ${feedback.about} ${feedback.rating} of 5 and says: ${feedback.recommendation}\n`,
        );
        for (const issue of feedback.issues) write(`  - ${oneLine(issue, 300)}\n`);
        const answer = await choose(
          '[c]ontinue / [r]eview again / [a]bort? ',
          { c: 'continue', r: 'revise', a: 'abort' } as const,
          'abort',
        );
        if (answer !== 'revise') return { answer };
        const comment = await ask('what should be put right (empty: what is listed above)? ');
        return comment === undefined || comment === '' ? { answer } : { answer, comment };
      }),
    answer: (stage, question) =>
      aside(async () => {
        write(`\n${stage} asks:\n${plainText(question)}\n`);
        const answer = await ask('your answer (empty: leave it open)? ');
        return answer === undefined || answer === '' ? undefined : answer;
      }),
    revision: (path, text) =>
      aside(async () => {
        write(`\n${path}:\n\n${plainText(text)}\n`);
        const wish = await ask('empty to approve, or say what should change: ');
        return wish === undefined || wish === '' ? undefined : wish;
      }),
    preview: (preview) =>
      aside(async () => {
        write(`\n${plainText(preview.stat)}\nmessage: ${oneLine(preview.message.split('\n')[0] ?? '')}\n`);
        for (const path of preview.alreadyDirty)
          write(
            `note: ${oneLine(path)} had changes of yours before the run; they would be committed with it\n`,
          );
        for (;;) {
          const answer = await choose(
            '[c]ommit / [d]iff / [a]bort? ',
            { c: 'commit', d: 'diff', a: 'abort' } as const,
            'abort',
          );
          if (answer !== 'diff') return answer;
          write(`${await preview.diff()}\n`);
        }
      }),
  };
}

function write(text: string): void {
  process.stderr.write(text);
}

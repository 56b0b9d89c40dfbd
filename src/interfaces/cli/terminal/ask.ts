import { createInterface } from 'node:readline';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Asks on standard error, so that standard output stays data. An end of input or a signal answers undefined. */
export function ask(question: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    let answered = false;
    lines.question(question, (answer) => {
      answered = true;
      lines.close();
      resolve(answer.trim());
    });
    // Ctrl+C while a question stands is meant for the program, not for the question.
    lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    const interrupted = (): void => lines.close();
    // Where nobody listens for signals they end the process, and the question with it.
    const heard = SIGNALS.filter((signal) => process.listenerCount(signal) > 0);
    for (const signal of heard) process.on(signal, interrupted);
    lines.on('close', () => {
      for (const signal of heard) process.off(signal, interrupted);
      if (!answered) resolve(undefined);
    });
  });
}

/** Asks until one of the letters is given; an end of input answers with the last of them. */
export async function choose<T extends string>(
  question: string,
  choices: Readonly<Record<string, T>>,
  otherwise: T,
): Promise<T> {
  for (;;) {
    const answer = await ask(question);
    if (answer === undefined) return otherwise;
    const chosen = choices[answer.toLowerCase().slice(0, 1)];
    if (chosen !== undefined) return chosen;
  }
}

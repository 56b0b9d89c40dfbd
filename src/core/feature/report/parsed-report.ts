/** `pending` is declared open (todo); `skipped` was left out without saying so. */
export type TestStatus = 'passed' | 'failed' | 'pending' | 'skipped';

export interface ParsedTest {
  readonly title: string;
  readonly status: TestStatus;
  /** First lines of what a failing test said. */
  readonly message?: string;
}

/** A test file or package that could not be loaded, so that none of its tests ran. */
export interface LoadError {
  readonly file: string;
  readonly message: string;
}

export interface ParsedReport {
  readonly tests: readonly ParsedTest[];
  readonly loadErrors: readonly LoadError[];
}

const MESSAGE_LENGTH = 600;

/** A failure's message, without colour codes and cut to what helps. */
export function shorten(message: string): string {
  const plain = message.replace(/\u001b\[[0-9;]*m/g, '').trim();
  return plain.length > MESSAGE_LENGTH ? `${plain.slice(0, MESSAGE_LENGTH)}…` : plain;
}

/** The JSON document in an output that may have other lines around it; undefined when there is none. */
export function findJson(text: string): unknown {
  const end = text.lastIndexOf('}');
  let start = text.startsWith('{') ? 0 : text.indexOf('\n{') + 1;
  for (
    let tries = 0;
    tries < 20 && end > 0 && (start > 0 || text.startsWith('{')) && start < end;
    tries += 1
  ) {
    try {
      return JSON.parse(text.slice(start, end + 1));
    } catch {
      const next = text.indexOf('\n{', start + 1);
      if (next === -1) return undefined;
      start = next + 1;
    }
  }
  return undefined;
}

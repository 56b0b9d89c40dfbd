import { spawn, spawnSync } from 'node:child_process';
import { BIN, MACHINE } from './cli.ts';

/** Whether there is script(1) to make terminals with; says loudly that tests are skipped when there is not. */
export function hasTerminals(): boolean {
  const there = spawnSync('script', ['-qec', 'true', '/dev/null'], { stdio: 'ignore' }).status === 0;
  if (!there) console.warn('SKIPPED: tests on a terminal (script(1) of util-linux is not installed)');
  return there;
}

/** The program on a terminal of its own, 120 columns wide where nothing else is asked for. */
export interface Terminal {
  type(text: string): void;
  /** Everything shown so far, with escape codes. */
  shown(): string;
  /** Resolves when the text is shown, behind what an earlier call waited for; fails when the program ends before. */
  until(text: string): Promise<void>;
  readonly ended: Promise<number | null>;
}

export function openTerminal(
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly columns?: number;
  },
): Terminal {
  const line = ['exec', process.execPath, BIN, ...args].map(quoted).join(' ').replace("'exec'", 'exec');
  const child = spawn(
    'script',
    ['-qec', `stty cols ${options.columns ?? 120} rows 40; ${line}`, '/dev/null'],
    {
      cwd: options.cwd,
      env: { ...MACHINE, TERM: 'xterm', SHELL: '/bin/sh', ...options.env },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  let text = '';
  let seen = 0;
  let over = false;
  const looking = new Set<() => void>();
  const look = (): void => {
    for (const one of looking) one();
  };
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => {
    text += chunk;
    look();
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      over = true;
      look();
      resolve(code);
    });
  });
  return {
    type: (typed) => child.stdin.write(typed),
    shown: () => text,
    ended,
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const at = text.indexOf(wanted, seen);
          if (at < 0 && !over) return;
          looking.delete(check);
          if (at < 0) return reject(new Error(`never shown: ${wanted}\n${text}`));
          seen = at + wanted.length;
          resolve();
        };
        looking.add(check);
        check();
      }),
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

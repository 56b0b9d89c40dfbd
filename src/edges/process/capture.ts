import { spawn } from 'node:child_process';
import { registerTree } from './live-trees.ts';
import { signalProcess } from './signal-process.ts';

export interface CaptureOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
  /** It leads a process group of its own, which ends with it, with this process, or when the time is over. */
  readonly ownGroup?: true;
  /** Most bytes kept of each stream; what is beyond is dropped and `truncated` set. */
  readonly maxBytes?: number;
}

export interface Captured {
  /** Null when ended by a signal or never started. */
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly truncated: boolean;
  readonly timedOut: boolean;
  /** Set when the program could not be started at all. */
  readonly spawnError?: NodeJS.ErrnoException;
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** Runs a short, trusted tool (git, `--version` probes) to its end and keeps what it printed. Agents go through a supervised process instead. */
export function capture(
  program: string,
  args: readonly string[],
  options: CaptureOptions,
): Promise<Captured> {
  return new Promise((resolve) => {
    const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: options.ownGroup === true,
    });
    const { pid } = child;
    const group = options.ownGroup === true ? pid : undefined;
    const unregister = group === undefined ? undefined : registerTree(group, kill);
    const out = collector(maxBytes);
    const err = collector(maxBytes);
    let timedOut = false;
    let spawnError: NodeJS.ErrnoException | undefined;
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            kill();
          }, options.timeoutMs);
    child.stdout?.on('data', out.add);
    child.stderr?.on('data', err.add);
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input);
    child.on('error', (error: NodeJS.ErrnoException) => {
      spawnError = error;
      if (child.pid === undefined) finish(null);
    });
    child.on('close', (code) => finish(code));

    function kill(): void {
      if (group === undefined) {
        child.kill('SIGKILL');
        return;
      }
      signalProcess(-group, 'SIGKILL');
      // Whoever left the group may still hold the other ends.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }

    function finish(exitCode: number | null): void {
      clearTimeout(timer);
      unregister?.();
      if (group !== undefined) signalProcess(-group, 'SIGKILL');
      resolve({
        exitCode,
        stdout: out.bytes(),
        stderr: err.bytes().toString('utf8'),
        truncated: out.truncated() || err.truncated(),
        timedOut,
        ...(spawnError === undefined ? {} : { spawnError }),
      });
    }
  });
}

function collector(maxBytes: number): { add(chunk: Buffer): void; bytes(): Buffer; truncated(): boolean } {
  const chunks: Buffer[] = [];
  let size = 0;
  let truncated = false;
  return {
    add(chunk) {
      const room = maxBytes - size;
      if (chunk.length > room) truncated = true;
      if (room <= 0) return;
      const kept = chunk.length > room ? chunk.subarray(0, room) : chunk;
      chunks.push(kept);
      size += kept.length;
    },
    bytes: () => Buffer.concat(chunks),
    truncated: () => truncated,
  };
}

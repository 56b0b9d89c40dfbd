import { openBoundedLog } from './bounded-log.ts';
import { createBusyCheck } from './busy.ts';
import { type Launched, type LaunchOptions, launch } from './launch.ts';
import { registerTree } from './live-trees.ts';
import { lookRegularly } from './looks.ts';
import { monotonicMs } from './monotonic.ts';
import { createOutput, type Output, type OutputLine } from './output.ts';
import { openSpool, type Spool } from './spool.ts';
import { createStop, type StopStep } from './stop.ts';
import { sweepTree, workOfTree } from './sweep.ts';

/**
 * `env` is handed over exactly as it is, plus a variable with `marker`, which must be unique
 * (`<run id>/<attempt id>`): every descendant is found by it. `inputFile` becomes standard input, read-only.
 */
export interface SuperviseOptions extends LaunchOptions {
  /** Private directory for the spool files, which have no names there. */
  readonly spoolDir: string;
  /** Takes the masked output (0600). Not made when a program that ended well printed nothing. */
  readonly logFile: string;
  readonly timeoutMs: number;
  /** Longest silence that is borne just now, in ms; asked at every look. Absent: any. */
  readonly silenceLimitMs?: () => number;
  /** Silence is borne for longer while the tree computes or writes files; only Linux tells. */
  readonly sparesTheBusy?: boolean;
  /** Most bytes of both streams together, asked at every look; 256 MB by default. */
  readonly maxOutputBytes?: number | (() => number);
  /** Where a longer line is cut; 8 MB by default. */
  readonly maxLineBytes?: number;
  /** 20 MB by default. */
  readonly maxLogBytes?: number;
  readonly stopLadder: readonly StopStep[];
  readonly mask: (text: string) => string;
  readonly onLine: (line: OutputLine) => void;
  /** A line for which true comes back breaks the silence, and is neither logged nor handed out. */
  readonly isSignOfLife?: ((stream: OutputLine['stream'], raw: string) => boolean) | undefined;
  /**
   * The text of which a line of standard output holds a piece. Such lines are handed out, and the log gets the text once
   * something else comes: a secret may be divided between two pieces.
   */
  readonly pieceIn?: ((raw: string) => string | undefined) | undefined;
}

/** Why it ended; of several causes the first. */
export type EndCause = 'exited' | 'timeout' | 'stalled' | 'output-limit' | 'cancelled' | 'spawn-error';

export interface SuperviseResult {
  readonly cause: EndCause;
  /** Null when ended by a signal, or never started. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Only with `spawn-error`: why it could not be started. */
  readonly message?: string;
  readonly durationMs: number;
  /** Only with `stalled`: how long nothing had been printed when it was ended, in ms. */
  readonly silentMs?: number;
  /** Processes of the tree that even SIGKILL did not end; normally empty. */
  readonly survivors: readonly number[];
}

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
const MAX_LINE_BYTES = 8 * 1024 * 1024;
const MAX_LOG_BYTES = 20 * 1024 * 1024;

/**
 * Runs a program that is not trusted: in its own process group, with its output in files, within limits. It
 * resolves when the whole process tree is gone, and never rejects for what the program does.
 * A process that shed its environment, its session and its parent is not found; without /proc, neither is one
 * that left the group and lost its parent.
 */
export async function superviseProcess(
  options: SuperviseOptions,
  signal: AbortSignal,
): Promise<SuperviseResult> {
  const startedAt = monotonicMs();
  if (signal.aborted) return notStarted('cancelled', startedAt);
  let spool: Spool;
  try {
    spool = openSpool(options.spoolDir);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return notStarted('spawn-error', startedAt, `the output files cannot be made: ${reason}`);
  }
  const log = openBoundedLog(options.logFile, options.maxLogBytes ?? MAX_LOG_BYTES);
  let then: 'again' | undefined;
  try {
    const launched = await launch(options, spool);
    if (!launched.ok) return notStarted('spawn-error', startedAt, launched.error);
    const most = options.maxOutputBytes ?? MAX_OUTPUT_BYTES;
    const maxOutputBytes = typeof most === 'number' ? () => most : most;
    const output = createOutput(spool, log, {
      maxOutputBytes,
      maxLineBytes: options.maxLineBytes ?? MAX_LINE_BYTES,
      mask: options.mask,
      onLine: options.onLine,
      isSignOfLife: options.isSignOfLife,
      pieceIn: options.pieceIn,
    });
    const { result, leftNothing } = await follow(launched.value, output, options, signal, startedAt);
    if (result.exitCode !== 0) log.make();
    if (leftNothing) then = 'again';
    return result;
  } finally {
    log.close();
    spool.close(then);
  }
}

interface Followed {
  readonly result: SuperviseResult;
  /** It ended by itself, and nobody of its tree was left behind. */
  readonly leftNothing: boolean;
}

async function follow(
  child: Launched,
  output: Output,
  options: SuperviseOptions,
  signal: AbortSignal,
  startedAt: number,
): Promise<Followed> {
  let cause: EndCause | undefined;
  const stop = createStop(child.pid, options.stopLadder);
  const end = (why: EndCause, ladder: 'politely' | 'at once') => {
    cause ??= why;
    if (ladder === 'politely') stop.begin();
    else stop.killNow();
  };
  const onAbort = () => end('cancelled', 'politely');
  const unregister = registerTree(child.pid, () => end('cancelled', 'at once'));
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  let heardAt = startedAt;
  let silentMs: number | undefined;
  const busy = options.sparesTheBusy
    ? createBusyCheck(() => workOfTree(child.pid, options.marker))
    : undefined;
  const isSilent = (now: number): boolean => {
    const limitMs = options.silenceLimitMs?.() ?? Infinity;
    if (busy === undefined) return now - heardAt > limitMs;
    const verdict = busy.verdict(now, now - heardAt, limitMs);
    if (verdict === 'busy') hear(now);
    return verdict === 'idle';
  };
  const hear = (now: number) => {
    heardAt = now;
    busy?.heard();
  };
  const look = () => {
    const bytes = output.poll();
    const now = monotonicMs();
    if (bytes > 0) hear(now);
    // A flood gets no time to go on.
    if (output.overLimit()) end('output-limit', 'at once');
    else if (now - startedAt > options.timeoutMs) end('timeout', 'politely');
    else if (isSilent(now)) {
      // What it prints while it is being stopped does not make it less silent.
      silentMs ??= Math.round(now - heardAt);
      end('stalled', 'politely');
    }
    return output.moreWaiting();
  };
  // A listener of ours that throws must not leave the child behind.
  const looks = lookRegularly(look, () => stop.killNow());
  const how = await child.exit;
  cause ??= 'exited';
  looks.end();
  stop.ended();
  const { killed, survivors } = await sweepTree(child.pid, options.marker, monotonicMs() - startedAt);
  signal.removeEventListener('abort', onAbort);
  unregister();
  looks.rethrow();
  await output.drain();
  // It may have flooded and exited between two looks.
  if (cause === 'exited' && output.overLimit()) cause = 'output-limit';
  const durationMs = Math.round(monotonicMs() - startedAt);
  const leftNothing = cause === 'exited' && killed.length === 0 && survivors.length === 0;
  const silence = cause === 'stalled' && silentMs !== undefined ? { silentMs } : {};
  return { result: { cause, ...how, durationMs, survivors, ...silence }, leftNothing };
}

function notStarted(
  cause: 'cancelled' | 'spawn-error',
  startedAt: number,
  message?: string,
): SuperviseResult {
  return {
    cause,
    exitCode: null,
    signal: null,
    durationMs: Math.round(monotonicMs() - startedAt),
    survivors: [],
    ...(message === undefined ? {} : { message }),
  };
}

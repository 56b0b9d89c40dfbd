import { signalProcess } from './signal-process.ts';

/** Ends of the process trees that this process supervises now, by the id of their leader. */
const live = new Map<number, () => void>();

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

let exitGuard = false;

/** While registered, a tree is ended by `killAllSupervised` and, at the latest, when this process ends. */
export function registerTree(leader: number, killNow: () => void): () => void {
  if (!exitGuard) {
    exitGuard = true;
    process.on('exit', killGroups);
  }
  if (live.size === 0) for (const signal of SIGNALS) process.on(signal, dieWithGroups);
  live.set(leader, killNow);
  return () => {
    if (live.delete(leader) && live.size === 0)
      for (const signal of SIGNALS) process.off(signal, dieWithGroups);
  };
}

function killGroups(): void {
  for (const pid of live.keys()) signalProcess(-pid, 'SIGKILL');
}

/** Where nobody listens, a signal ends this process at once, and reaches no group of its children. */
function dieWithGroups(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  killGroups();
  process.off(signal, dieWithGroups);
  process.kill(process.pid, signal);
}

/** Whether this process leads a tree that is supervised now. */
export function leadsLiveTree(pid: number): boolean {
  return live.has(pid);
}

/** For a second Ctrl+C: no more patience, every supervised tree is killed at once. Their results follow as usual. */
export function killAllSupervised(): void {
  for (const killNow of live.values()) killNow();
}

import { signalProcess } from './signal-process.ts';

/** Ends of the process trees that this process supervises now, by the id of their leader. */
const live = new Map<number, () => void>();

let exitGuard = false;

/** While registered, a tree is ended by `killAllSupervised` and, at the latest, when this process exits. */
export function registerTree(leader: number, killNow: () => void): () => void {
  if (!exitGuard) {
    exitGuard = true;
    process.on('exit', () => {
      for (const pid of live.keys()) signalProcess(-pid, 'SIGKILL');
    });
  }
  live.set(leader, killNow);
  return () => live.delete(leader);
}

/** Whether this process leads a tree that is supervised now. */
export function leadsLiveTree(pid: number): boolean {
  return live.has(pid);
}

/** For a second Ctrl+C: no more patience, every supervised tree is killed at once. Their results follow as usual. */
export function killAllSupervised(): void {
  for (const killNow of live.values()) killNow();
}

/** What a process tree has used since its beginning, by the processes of it that live. */
export interface TreeWork {
  readonly cpuMs: number;
  /** Bytes that were written to disks. */
  readonly writtenBytes: number;
}

/** Tells a tree that says nothing because it works from one that hangs. */
export interface BusyCheck {
  /** Something was heard: the silence begins anew. */
  heard(): void;
  /**
   * To be asked again and again during a silence, all in ms. Undefined while it is not known yet: what the tree used is
   * looked at in the middle of the longest silence that is borne, and again at its end.
   */
  verdict(now: number, silentMs: number, limitMs: number): 'busy' | 'idle' | undefined;
}

/** A coding agent that waits for an answer uses a hundredth of a core, a compiler or a test run far more. */
const BUSY_SHARE = 0.1;
const BUSY_BYTES = 256 * 1024;

/** `measure` answers with undefined where the system does not tell: then whoever is silent is idle. */
export function createBusyCheck(measure: () => Promise<TreeWork | undefined>): BusyCheck {
  let spell = 0;
  let first: Look | undefined;
  let second: Look | undefined;
  return {
    heard() {
      if (first === undefined) return;
      spell += 1;
      first = second = undefined;
    },
    verdict(now, silentMs, limitMs) {
      if (silentMs >= limitMs / 2) first ??= take(now);
      if (silentMs <= limitMs) return undefined;
      second ??= take(now);
      if (first?.done !== true || second.done !== true) return undefined;
      return isBusy(first, second) ? 'busy' : 'idle';
    },
  };

  function take(at: number): Look {
    const look: Look = { at, done: false };
    const mine = spell;
    measure().then(
      (work) => {
        if (mine !== spell) return;
        look.work = work;
        look.done = true;
      },
      () => {
        look.done = true;
      },
    );
    return look;
  }
}

interface Look {
  readonly at: number;
  done: boolean;
  work?: TreeWork | undefined;
}

function isBusy(first: Look, second: Look): boolean {
  if (first.work === undefined || second.work === undefined) return false;
  const share = (second.work.cpuMs - first.work.cpuMs) / Math.max(1, second.at - first.at);
  return share >= BUSY_SHARE || second.work.writtenBytes - first.work.writtenBytes >= BUSY_BYTES;
}

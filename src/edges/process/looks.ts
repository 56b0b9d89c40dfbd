const PAUSE_MS = 60;

export interface Looks {
  /** No further look. */
  readonly end: () => void;
  /** Throws what a look has thrown, if one has. */
  readonly rethrow: () => void;
}

const looking = new Set<() => void>();
let timer: NodeJS.Timeout | undefined;

/**
 * Calls `look` about every 60 ms, and again at once when it answers that more is waiting, until it is ended or throws,
 * which is told to `onThrow` at once. All share one timer: a child that ends sooner costs none.
 */
export function lookRegularly(look: () => boolean, onThrow: () => void): Looks {
  let thrown: { readonly error: unknown } | undefined;
  const guarded = () => {
    if (!looking.has(guarded)) return;
    try {
      if (look()) setImmediate(guarded);
    } catch (error) {
      thrown = { error };
      end();
      onThrow();
    }
  };
  const end = () => {
    looking.delete(guarded);
    if (looking.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  looking.add(guarded);
  timer ??= setInterval(() => {
    for (const each of looking) each();
  }, PAUSE_MS);
  return {
    end,
    rethrow() {
      if (thrown !== undefined) throw thrown.error;
    },
  };
}

/** Messages handled one at a time, in the order in which they came. */
export interface Mailbox<M> {
  post(message: M): void;
  /** A bug in what posts: whoever waits for the next message gets it thrown. */
  fail(error: unknown): void;
  next(): Promise<M>;
  /** The next one, if it has come already and is wanted. */
  take(isWanted: (message: M) => boolean): M | undefined;
}

export function createMailbox<M>(): Mailbox<M> {
  const waiting: M[] = [];
  let wake: { resolve(message: M): void; reject(error: unknown): void } | undefined;
  let failure: { readonly error: unknown } | undefined;
  return {
    post(message) {
      if (wake === undefined) waiting.push(message);
      else {
        wake.resolve(message);
        wake = undefined;
      }
    },
    fail(error) {
      failure = { error };
      wake?.reject(error);
      wake = undefined;
    },
    next() {
      if (failure !== undefined) return Promise.reject(failure.error);
      const message = waiting.shift();
      if (message !== undefined) return Promise.resolve(message);
      return new Promise((resolve, reject) => {
        wake = { resolve, reject };
      });
    },
    take(isWanted) {
      const [first] = waiting;
      return first !== undefined && isWanted(first) ? waiting.shift() : undefined;
    },
  };
}

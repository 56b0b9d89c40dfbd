import type { Writable } from 'node:stream';

/** Standard input of a child that is talked to while it runs. */
export interface ChildInput {
  /** Nothing happens once the child has ended or closed it. */
  readonly write: (text: string) => void;
  /** Tells the child that nothing more will come. */
  readonly end: () => void;
}

/** A child that no longer reads is no failure of ours: how it ended is told by its exit. */
export function childInput(pipe: Writable): ChildInput {
  pipe.on('error', () => {});
  return {
    write(text) {
      if (pipe.writable) pipe.write(text);
    },
    end() {
      pipe.end();
    },
  };
}

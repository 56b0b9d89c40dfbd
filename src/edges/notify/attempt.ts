import type { Notification } from '../../core/notify/notification.ts';

/** One message on its way out. */
export interface Delivery {
  /** The same on every attempt, so that a receiver knows a repetition. */
  readonly id: string;
  readonly notification: Notification;
}

/** How an attempt ended. `detail` is for people and holds nothing secret: of an address no more than its host. */
export type Attempt =
  | { readonly status: 'sent'; readonly detail: string }
  | {
      readonly status: 'failed';
      readonly detail: string;
      /** The receiver asks not to be tried before, in ms. */
      readonly retryAfterMs?: number;
      /** The receiver wants nothing more from this channel, ever. */
      readonly gone?: true;
    };

/** Value of a variable, from the environment or the project's `.env`; undefined when it is not set or empty. */
export type ReadVariable = (name: string) => string | undefined;

export function failed(detail: string): Attempt {
  return { status: 'failed', detail };
}

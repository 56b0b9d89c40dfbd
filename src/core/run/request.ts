/** A durable wish of somebody who does not own the run (spec: protocols, inbox). */
export type RunRequest = {
  readonly id: string;
  readonly actor: string;
  /** ISO 8601. */
  readonly at: string;
} & RequestBody;

export type RequestBody =
  | { readonly kind: 'answer'; readonly text?: string }
  | { readonly kind: 'cancel'; readonly code?: string }
  | { readonly kind: 'pause' }
  | {
      readonly kind: 'vote';
      readonly approvalId: string;
      readonly decision: 'approved' | 'rejected';
      readonly comment?: string;
      readonly channel: string;
    }
  | {
      readonly kind: 'delegate';
      readonly approvalId: string;
      /** Whose seat; absent: the actor's own. */
      readonly from?: string;
      readonly to: string;
      /** The interface has made sure that the actor is an admin. */
      readonly asAdmin: boolean;
      readonly comment?: string;
      readonly channel: string;
    }
  | {
      readonly kind: 'notified';
      readonly approvalId: string;
      readonly channel: string;
      readonly status: 'sent' | 'failed';
      readonly detail?: string;
    };

import type { AcpFailure } from '../../core/agent/acp-failure.ts';
import type { JsonRecord } from '../../core/agent/json-field.ts';

/** How a conversation ended. */
export type AcpEnd =
  | {
      readonly kind: 'answered';
      readonly stopReason: string | undefined;
      readonly answer: JsonRecord;
      /** The turn was ended by us before: whatever reason is given, it is not the agent's. */
      readonly wasCut: boolean;
    }
  | { readonly kind: 'failed'; readonly failure: AcpFailure; readonly wasPrompted: boolean }
  /** It was only asked who it is. */
  | { readonly kind: 'introduced'; readonly version: string | undefined }
  /** The agent's process ended, or closed its output. */
  | { readonly kind: 'gone'; readonly wasPrompted: boolean }
  /** It did not answer the very first request. */
  | { readonly kind: 'silent'; readonly seconds: number }
  /** What it prints is something else. */
  | { readonly kind: 'foreign' }
  /** It cannot do what it has to; the message says why. */
  | { readonly kind: 'unusable'; readonly message: string };

/** Leaves a conversation from anywhere in it. */
export class AcpStop extends Error {
  readonly end: AcpEnd;

  constructor(end: AcpEnd) {
    super(end.kind);
    this.end = end;
  }
}

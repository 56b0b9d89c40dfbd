import type { SpanPlace } from './span.ts';

/** SHA-256 in hex. */
export type Digest = (text: string) => string;

/** Ids that follow from the run alone, so that what is sent twice is the same trace, and can be linked to. */
export interface SpanIds {
  readonly traceId: string;
  readonly root: string;
  /** Of a part of the run; the same words give the same id. */
  span(...words: readonly (string | number)[]): string;
}

/** Of one segment of a run, by the segment's own id. */
export function spanIdsOf(digest: Digest, runId: string): SpanIds {
  const span = (...words: readonly (string | number)[]): string =>
    digest(JSON.stringify(['murmur8 span', runId, ...words])).slice(0, 16);
  return { traceId: digest(`murmur8 trace ${runId}`).slice(0, 32), root: span(), span };
}

/** Where the root span of a segment stands. */
export function rootOf(digest: Digest, runId: string): SpanPlace {
  const { traceId, root } = spanIdsOf(digest, runId);
  return { traceId, spanId: root };
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;

/** The span that a `TRACEPARENT` names (W3C trace context); undefined where it is missing or malformed. */
export function parseTraceparent(value: string | undefined): SpanPlace | undefined {
  const match = TRACEPARENT.exec(value?.trim() ?? '');
  const [, version, traceId = '', spanId = '', rest] = match ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  return /^0+$/.test(traceId) || /^0+$/.test(spanId) ? undefined : { traceId, spanId };
}

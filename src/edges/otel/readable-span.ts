import { type Attributes, type HrTime, type SpanContext, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { Span, SpanPlace } from '../../core/otel/span.ts';

/** What the exporter takes. */
export type ReadableSpan = Parameters<OTLPTraceExporter['export']>[0][number];

const SAMPLED = 1;

/** A span in the form of the library that sends it. */
export function readableSpan(
  span: Span,
  about: Pick<ReadableSpan, 'resource' | 'instrumentationScope'>,
): ReadableSpan {
  const { traceId, parentSpanId } = span;
  return {
    name: span.name,
    kind: span.kind === 'server' ? SpanKind.SERVER : SpanKind.INTERNAL,
    spanContext: () => contextOf(span),
    ...(parentSpanId === undefined
      ? {}
      : { parentSpanContext: contextOf({ traceId, spanId: parentSpanId }) }),
    startTime: timeOf(span.startedAt),
    endTime: timeOf(span.endedAt),
    duration: timeOf(span.endedAt - span.startedAt),
    status: { code: span.isError ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    attributes: copyOf(span.attributes),
    events: span.events.map(({ name, at, attributes }) => ({
      name,
      time: timeOf(at),
      attributes: copyOf(attributes),
    })),
    links: span.links.map(({ attributes, ...place }) => ({
      context: { ...contextOf(place), isRemote: true },
      attributes: copyOf(attributes),
    })),
    ended: true,
    ...about,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function contextOf({ traceId, spanId }: SpanPlace): SpanContext {
  return { traceId, spanId, traceFlags: SAMPLED };
}

/** Seconds and nanoseconds of a time in ms. */
function timeOf(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.round((milliseconds - seconds * 1000) * 1e6)];
}

function copyOf(attributes: Span['attributes']): Attributes {
  return { ...attributes };
}

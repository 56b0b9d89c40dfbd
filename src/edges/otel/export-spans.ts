import { setTimeout as pause } from 'node:timers/promises';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { SERVICE } from '../../core/otel/names.ts';
import type { Span } from '../../core/otel/span.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { type ReadableSpan, readableSpan } from './readable-span.ts';

/** What a collector takes at once without a word about its size. */
const SPANS_PER_REQUEST = 512;
/** The exporter tries again by itself within its own timeout; these are the times that it is asked to, in ms apart. */
const PAUSES_MS = [2_000, 8_000];
/** Where the exporter's own timeout watches silence only: the longest that one request may take, in ms. */
const LONGEST_REQUEST_MS = 30_000;

/**
 * Sends a trace by the official exporter, which takes address, headers, timeout, compression and certificates from the
 * standard variables of this process, as the resource is. Gives the number of requests; the error is for people and
 * holds neither an address nor a header.
 */
export async function exportSpans(spans: readonly Span[], version: string): Promise<Result<number, string>> {
  const exporter = new OTLPTraceExporter();
  const about = {
    resource: resourceFromAttributes({ 'service.name': SERVICE, 'service.version': version }).merge(
      detectResources({ detectors: [envDetector] }),
    ),
    instrumentationScope: { name: SERVICE, version },
  };
  let requests = 0;
  for (let from = 0; from < spans.length; from += SPANS_PER_REQUEST) {
    const batch = spans.slice(from, from + SPANS_PER_REQUEST).map((span) => readableSpan(span, about));
    const failure = await sendPatiently(exporter, batch);
    if (failure !== undefined) return fail(failure);
    requests += 1;
  }
  return ok(requests);
}

/** Why a batch was not taken; undefined when it was. */
async function sendPatiently(
  exporter: OTLPTraceExporter,
  batch: ReadableSpan[],
): Promise<string | undefined> {
  for (let round = 0; ; round += 1) {
    const error = await send(exporter, batch);
    if (error === undefined) return undefined;
    const wait = PAUSES_MS[round];
    if (error.isFinal || wait === undefined) return error.reason;
    await pause(wait);
  }
}

function send(
  exporter: OTLPTraceExporter,
  batch: ReadableSpan[],
): Promise<{ readonly reason: string; readonly isFinal: boolean } | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(
      () => resolve({ reason: 'the endpoint did not answer in time', isFinal: true }),
      LONGEST_REQUEST_MS,
    );
    exporter.export(batch, ({ error }) => {
      clearTimeout(timer);
      resolve(error === undefined ? undefined : wordsFor(error));
    });
  });
}

/** By its code alone: the text of an error may hold what the endpoint said. */
function wordsFor(error: Error): { readonly reason: string; readonly isFinal: boolean } {
  const code = 'code' in error ? error.code : undefined;
  // An answer that the standard does not allow to be tried again.
  if (typeof code === 'number') return { reason: `the endpoint answered ${code}`, isFinal: true };
  if (typeof code === 'string')
    return { reason: `the endpoint could not be reached: ${code}`, isFinal: false };
  return { reason: 'the endpoint did not take it, however often it was tried', isFinal: false };
}

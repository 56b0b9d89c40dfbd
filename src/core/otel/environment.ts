import type { Problem } from '../problem.ts';
import { endpointKind } from '../telemetry/endpoint.ts';
import type { SpanPlace } from './span.ts';
import { parseTraceparent } from './span-ids.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether traces are sent, by the standard variables. What is set to nothing counts as not set, as the standard says. */
export type TraceExport =
  | { readonly kind: 'off' }
  | { readonly kind: 'on' }
  /** Asked for in a way that this program cannot follow. */
  | { readonly kind: 'unusable'; readonly problem: Problem };

export function traceExport(environment: Environment): TraceExport {
  const value = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const specific = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
  const variable = value(specific) === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : specific;
  const endpoint = value(variable);
  const exporters = value('OTEL_TRACES_EXPORTER')?.split(',') ?? ['otlp'];
  const isOff =
    value('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || !exporters.some((name) => name.trim() === 'otlp');
  if (endpoint === undefined || isOff) return { kind: 'off' };
  if (endpointKind(endpoint) === 'malformed')
    return unusable(`${variable} is not an address`, 'it begins with http:// or https://');
  const protocol = value('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? value('OTEL_EXPORTER_OTLP_PROTOCOL');
  if (protocol === 'grpc')
    return unusable(
      'OTEL_EXPORTER_OTLP_PROTOCOL is grpc, and traces are sent over HTTP only',
      'name the collector’s HTTP port (usually 4318) and set the protocol to http/json',
    );
  return { kind: 'on' };
}

/** The span within which this program was called, where `TRACEPARENT` names one. */
export function callerOf(environment: Environment): SpanPlace | undefined {
  return parseTraceparent(environment['TRACEPARENT']);
}

function unusable(reason: string, hint: string): TraceExport {
  const message = `no trace of this run was sent: ${reason}`;
  return { kind: 'unusable', problem: { code: 'otel-unusable', message, hint } };
}

import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** As OTLP counts them: 1 internal, 2 server. */
  readonly kind: number;
  /** 2: error. */
  readonly status: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly events: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
  readonly links: readonly {
    readonly traceId: string;
    readonly spanId: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
}

export interface OtlpRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly spans: readonly ReceivedSpan[];
}

export interface OtlpReceiver {
  readonly url: string;
  readonly requests: readonly OtlpRequest[];
  /** All spans of requests that were accepted. */
  spans(): readonly ReceivedSpan[];
  close(): Promise<void>;
}

/** What is done with the request of a number, counted from zero; an answer of 200 means that its spans are kept. */
export type OtlpBehaviour = (response: ServerResponse, index: number) => number | undefined;

export const takes: OtlpBehaviour = (response) => answers(response, 200);

export function answers(
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
): number {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(status === 200 ? '{}' : '{"message":"words of the endpoint"}');
  return status;
}

/** A collector that takes traces by OTLP over HTTP in JSON, and refuses what is not of that form. */
export async function startOtlpReceiver(behaviour: OtlpBehaviour = takes): Promise<OtlpReceiver> {
  const requests: OtlpRequest[] = [];
  const kept: ReceivedSpan[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    response.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      const spans = spansIn(JSON.parse(text.toString('utf8')));
      requests.push({ path: request.url ?? '', headers: request.headers, spans });
      if (behaviour(response, requests.length - 1) === 200) kept.push(...spans);
    });
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    spans: () => kept,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly status?: { readonly code?: number };
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly KeyValue[];
  readonly events?: readonly { readonly name: string; readonly attributes?: readonly KeyValue[] }[];
  readonly links?: readonly {
    readonly traceId: string;
    readonly spanId: string;
    readonly attributes?: readonly KeyValue[];
  }[];
}

interface OtlpBody {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string };
      readonly spans: readonly OtlpSpan[];
    }[];
  }[];
}

function spansIn(body: OtlpBody): ReceivedSpan[] {
  return body.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map((span) => received(span, valuesOf(resource.attributes)))),
  );
}

function received(span: OtlpSpan, resource: ReceivedSpan['resource']): ReceivedSpan {
  return {
    traceId: hex(span.traceId, 32),
    spanId: hex(span.spanId, 16),
    parentSpanId: span.parentSpanId === undefined ? undefined : hex(span.parentSpanId, 16),
    name: span.name,
    kind: span.kind,
    status: span.status?.code ?? 0,
    start: BigInt(span.startTimeUnixNano),
    end: BigInt(span.endTimeUnixNano),
    attributes: valuesOf(span.attributes ?? []),
    resource,
    events: (span.events ?? []).map(({ name, attributes = [] }) => ({
      name,
      attributes: valuesOf(attributes),
    })),
    links: (span.links ?? []).map(({ traceId, spanId, attributes = [] }) => ({
      traceId: hex(traceId, 32),
      spanId: hex(spanId, 16),
      attributes: valuesOf(attributes),
    })),
  };
}

function valuesOf(attributes: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

function hex(id: string, length: number): string {
  if (id.length !== length || !/^[0-9a-f]+$/.test(id)) throw new Error(`${id} is not an id of OTLP`);
  return id;
}

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';

/** One request as it arrived, whole. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** What a receiver does with a request that has arrived whole; `index` counts from zero. */
export type Behaviour = (response: ServerResponse, received: Received, index: number) => void;

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** Resolves when that many requests have arrived whole. */
  count(requests: number): Promise<void>;
  /** The runIds of all requests, in order. */
  runIds(): string[];
  close(): Promise<void>;
}

export interface ReceiverOptions {
  readonly behaviour?: Behaviour;
  /** A directory for a self-signed certificate; the receiver then speaks HTTPS. */
  readonly tlsDirectory?: string;
}

/** A real telemetry endpoint on a free loopback port; accepts with 200 unless told otherwise. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const behaviour = options.behaviour ?? answer(200);
  const received: Received[] = [];
  const waiting: { requests: number; resolve: () => void }[] = [];
  const sockets = new Set<Socket>();
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    response.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        text: Buffer.concat(chunks).toString('utf8'),
      };
      received.push(one);
      for (const waiter of waiting) if (waiter.requests <= received.length) waiter.resolve();
      behaviour(response, one, received.length - 1);
    });
  };
  const server: Server =
    options.tlsDirectory === undefined
      ? createServer(listener)
      : createTlsServer(selfSigned(options.tlsDirectory), listener);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tlsDirectory === undefined ? 'http' : 'https'}://127.0.0.1:${port}/ingest`,
    received,
    count: (requests) =>
      received.length >= requests
        ? Promise.resolve()
        : new Promise((resolve) => waiting.push({ requests, resolve })),
    runIds: () => received.map((one) => String(JSON.parse(one.text).runId)),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

export function answer(status: number, headers: Record<string, string> = {}, body = ''): Behaviour {
  return (response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

/** Takes the request and never says a word. */
export const hangBeforeHeaders: Behaviour = () => {};

export function hangAfterHeaders(status: number): Behaviour {
  return (response) => {
    response.writeHead(status, { 'Content-Length': '100' });
    response.flushHeaders();
  };
}

/** One byte after the other, for ever. */
export function drip(status: number): Behaviour {
  return (response) => {
    response.writeHead(status);
    const timer = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(timer));
  };
}

/** Half a status line, one byte after the other, for ever: no header ever comes to an end. */
export const dripHeaders: Behaviour = (response) => {
  response.socket?.write('HTTP/1.1 200 OK\r\nX-Drip: ');
  const timer = setInterval(() => response.socket?.write('.'), 20);
  response.on('close', () => clearInterval(timer));
};

/** A body of `bytes`, as fast as the other side takes it. `taken` tells how many were written. */
export function flood(status: number, bytes: number, taken: (bytes: number) => void): Behaviour {
  return (response) => {
    response.writeHead(status, { 'Content-Length': String(bytes) });
    const chunk = Buffer.alloc(64 * 1024, 'x');
    let written = 0;
    const more = (): void => {
      while (written < bytes && !response.destroyed) {
        written += chunk.length;
        taken(written);
        if (!response.write(chunk)) {
          response.once('drain', more);
          return;
        }
      }
    };
    more();
  };
}

function selfSigned(directory: string): { key: string; cert: string } {
  const key = join(directory, 'key.pem');
  const cert = join(directory, 'cert.pem');
  const subject = ['-subj', '/CN=127.0.0.1', '-days', '1'];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      ...subject,
    ].concat(['-keyout', key, '-out', cert]),
    { stdio: 'ignore' },
  );
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

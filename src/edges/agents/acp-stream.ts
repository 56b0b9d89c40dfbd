import type { AnyMessage, Stream } from '@agentclientprotocol/sdk';
import { type JsonRecord, parseRecord, recordOf, textOf } from '../../core/agent/json-field.ts';
import type { ChildInput } from '../process/child-input.ts';

/** What a line of an agent's standard output was. */
export type AcpLine =
  | { readonly kind: 'update'; readonly update: unknown }
  | { readonly kind: 'message' }
  | { readonly kind: 'foreign' };

export interface AcpStream {
  /** For the SDK. */
  readonly stream: Stream;
  readonly line: (raw: string) => AcpLine;
  /** The result of the last answered request of that method, with the fields that the SDK does not know. */
  readonly resultOf: (method: string) => JsonRecord | undefined;
  /** No further line will come. */
  readonly close: () => void;
}

/**
 * Joins the SDK to an agent whose output is followed in a file, line by line. Session updates do not pass through the
 * SDK: they are many, and read leniently. It gets requests, and answers to what it asked; anything else it would
 * complain of on our own standard error.
 */
export function createAcpStream(input: ChildInput): AcpStream {
  const asked = new Map<string, string>();
  const results = new Map<string, JsonRecord>();
  let controller: ReadableStreamDefaultController<AnyMessage> | undefined;
  const readable = new ReadableStream<AnyMessage>({
    start(given) {
      controller = given;
    },
    cancel() {
      controller = undefined;
    },
  });
  const writable = new WritableStream<AnyMessage>({
    write(message) {
      if ('method' in message && 'id' in message) asked.set(String(message.id), message.method);
      input.write(`${JSON.stringify(message)}\n`);
    },
  });

  function deliver(record: JsonRecord): AcpLine {
    // Checked by its parts: the SDK validates the rest.
    controller?.enqueue(record as AnyMessage);
    return { kind: 'message' };
  }

  return {
    stream: { readable, writable },
    line(raw) {
      // Whatever is no object costs nothing to look at: it may be a flood.
      const record = raw.startsWith('{') ? parseRecord(raw) : undefined;
      if (record?.['jsonrpc'] !== '2.0') return { kind: 'foreign' };
      const method = textOf(record['method']);
      if (method === 'session/update')
        return { kind: 'update', update: recordOf(record['params'])?.['update'] };
      if (method !== undefined) return 'id' in record ? deliver(record) : { kind: 'message' };
      const request = asked.get(String(record['id']));
      if (request === undefined) return { kind: 'foreign' };
      asked.delete(String(record['id']));
      const result = recordOf(record['result']);
      if (result !== undefined) results.set(request, result);
      return deliver(record);
    },
    resultOf: (method) => results.get(method),
    close() {
      controller?.close();
      controller = undefined;
    },
  };
}

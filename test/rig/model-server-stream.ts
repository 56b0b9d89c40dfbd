import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { ModelStep } from './model-server-step.ts';

/** Server-sent events, and what a step wants to go wrong in them. */
export interface ScriptedStream {
  send(data: unknown, event?: string): void;
  /** Text in the pieces of the step, with its pauses. */
  pieces(text: string): AsyncGenerator<string>;
  /** To be asked after the first content: whether the step ends here, in silence or with a broken connection. */
  endsEarly(): boolean;
  sendLast(data: unknown, event?: string): void;
  end(): void;
}

export function startStream(response: ServerResponse, step?: ModelStep): ScriptedStream {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const send = (data: unknown, event?: string): void => {
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    response.write(`${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`);
  };
  return {
    send,
    async *pieces(text) {
      const { pieces, pauseMs } = step?.slow ?? { pieces: 1, pauseMs: 0 };
      const length = Math.max(1, Math.ceil(text.length / pieces));
      for (let from = 0; from === 0 || from < text.length; from += length) {
        if (response.destroyed) return;
        yield text.slice(from, from + length);
        if (pauseMs > 0) await pause(pauseMs);
      }
    },
    endsEarly() {
      if (step === undefined) return false;
      // What was sent before has to get through first.
      if ('disconnect' in step) response.write(': gone\n\n', () => response.destroy());
      return 'hang' in step || 'disconnect' in step;
    },
    sendLast(data, event) {
      send(data, event);
      response.end();
    },
    end: () => response.end(),
  };
}

import type { Person, Watcher } from '../../../compose/implement-feature.ts';
import { lineForEvent } from '../report/run-lines.ts';
import { styleFor } from '../report/style.ts';
import { formatProblem } from '../run-command.ts';
import { canAsk } from './can-ask.ts';
import { createLiveView } from './live-view.ts';
import { createTerminalPerson, NOBODY } from './person.ts';

export interface Audience {
  readonly person: Person;
  readonly watcher: Watcher;
  close(): void;
}

export interface AudienceOptions {
  /** NDJSON run events on standard output. */
  readonly events: boolean;
  /** One document at the end; nothing else on standard output. */
  readonly json: boolean;
}

/** Who watches: a terminal sees the stages move, a pipe gets one plain line per event, `--events` the events themselves. */
export async function createAudience(options: AudienceOptions): Promise<Audience> {
  const asks = canAsk();
  if (options.events || options.json || process.stderr.isTTY !== true || process.env['TERM'] === 'dumb') {
    const person =
      asks && !options.json && !options.events ? createTerminalPerson((question) => question()) : NOBODY;
    return { person, watcher: options.events ? eventStream() : plainLines(options.json), close: () => {} };
  }
  const view = createLiveView(process.stderr, await styleFor(process.stderr));
  return {
    person: asks ? createTerminalPerson(view.aside) : NOBODY,
    watcher: {
      events: view.events,
      agent: (stage, frame, _attempt, event) => view.agent(stage, event, frame),
      warn: (problem) => view.line(warning(formatProblem(problem))),
    },
    close: view.close,
  };
}

function eventStream(): Watcher {
  return {
    events(events) {
      process.stdout.write(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    },
    agent: () => {},
    warn: (problem) => process.stderr.write(warning(formatProblem(problem))),
  };
}

/** With `--json` the chatter goes to standard error. */
function plainLines(json: boolean): Watcher {
  const stream = json ? process.stderr : process.stdout;
  return {
    events(events, state) {
      const lines = events.flatMap((event) => lineForEvent(event, state) ?? []);
      if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
    },
    agent: () => {},
    warn: (problem) => process.stderr.write(warning(formatProblem(problem))),
  };
}

function warning(text: string): string {
  return text.replace(/^murmur8: /, 'murmur8: warning: ');
}

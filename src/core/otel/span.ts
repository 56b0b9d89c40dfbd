/** A span as it is sent, without anything of the library that sends it. Times in ms since the epoch. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: 'server' | 'internal';
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly isError: boolean;
}

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanEvent {
  readonly name: string;
  readonly at: number;
  readonly attributes: Attributes;
}

/** Where a span of another trace stands. */
export interface SpanPlace {
  readonly traceId: string;
  readonly spanId: string;
}

export interface SpanLink extends SpanPlace {
  readonly attributes: Attributes;
}

/** A span that is still being put together. */
export interface OpenSpan {
  readonly spanId: string;
  add(attributes: Partial<Attributes>): void;
  event(name: string, at: number, attributes?: Partial<Attributes>): void;
  /** Only the first end counts. */
  end(at: number, isError?: boolean): void;
}

/** The spans of one trace, in the order in which they were opened. */
export interface SpanSheet {
  open(
    start: Pick<Span, 'spanId' | 'name' | 'startedAt'> & {
      readonly kind?: Span['kind'];
      readonly parent?: OpenSpan;
      readonly links?: readonly SpanLink[];
    },
  ): OpenSpan;
  /** All of them; what was not ended ends now. */
  close(at: number): readonly Span[];
}

type Draft = { -readonly [Key in keyof Span]: Span[Key] } & { events: SpanEvent[]; ended: boolean };

export function newSpanSheet(traceId: string): SpanSheet {
  const drafts: Draft[] = [];
  return {
    open({ spanId, name, startedAt, kind = 'internal', parent, links = [] }) {
      const draft: Draft = {
        traceId,
        spanId,
        ...(parent === undefined ? {} : { parentSpanId: parent.spanId }),
        name,
        kind,
        startedAt,
        endedAt: startedAt,
        attributes: {},
        events: [],
        links,
        isError: false,
        ended: false,
      };
      drafts.push(draft);
      return {
        spanId,
        add(attributes) {
          draft.attributes = { ...draft.attributes, ...known(attributes) };
        },
        event(event, at, attributes = {}) {
          draft.events.push({ name: event, at, attributes: known(attributes) });
        },
        end(at, isError = false) {
          if (!draft.ended) end(draft, at, isError);
        },
      };
    },
    close(at) {
      for (const draft of drafts) if (!draft.ended) end(draft, at, false);
      return drafts.map(({ ended: _ended, ...span }) => span);
    },
  };
}

/** A clock that was set back must not make a span end before it begins. */
function end(draft: Draft, at: number, isError: boolean): void {
  draft.endedAt = Math.max(draft.startedAt, at);
  draft.isError = isError;
  draft.ended = true;
}

/** What is not known is left out, never sent as an empty value. */
function known(attributes: Partial<Attributes>): Attributes {
  const found: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) found[name] = value;
  return found;
}

import type { ClientContext } from '@agentclientprotocol/sdk';
import { acpForgetsCancelledTurns } from '../../core/agent/acp-agents.ts';
import { acpFailure } from '../../core/agent/acp-failure.ts';
import { type JsonRecord, listOf, recordOf, textOf } from '../../core/agent/json-field.ts';
import { plainText, shorten } from '../../core/agent/plain-text.ts';
import type { ChildInput } from '../process/child-input.ts';
import { type AcpEnd, AcpStop } from './acp-end.ts';
import { chooseMode, chooseModel } from './acp-settings.ts';
import { type AcpLine, type AcpStream, createAcpStream } from './acp-stream.ts';

/** What a conversation needs to know of its attempt, and what it asks of it. */
export interface AcpHost {
  readonly cwd: string;
  /** Absent: the agent is only asked who it is. */
  readonly prompt: string | undefined;
  readonly sessionId: string | undefined;
  readonly model: string | undefined;
  /** The role writes nothing but its answer. */
  readonly readsOnly: boolean;
  readonly additionalDirectories: readonly string[];
  /** Whether the agent got a key, so that a way of logging in with one is worth trying. */
  readonly hasKey: boolean;
  readonly clientVersion: string;
  /** Longest wait for the answer to `initialize`, in ms. */
  readonly startLimitMs: number;
  readonly onSession: (session: AcpSessionFacts) => void;
  readonly onUpdate: (update: unknown) => void;
  /** What a session that goes on repeats of its past. */
  readonly onPast: (update: unknown) => void;
  /** The option that is chosen; undefined when none fits. */
  readonly onPermission: (request: JsonRecord) => string | undefined;
  readonly onQuestion: (elicitation: JsonRecord) => void;
}

export interface AcpSessionFacts {
  readonly id: string;
  /** It was begun, and does not go on with an earlier one. */
  readonly isNew: boolean;
  /** What the agent calls itself; empty when it does not say. */
  readonly agent: string;
  readonly model?: string;
  readonly agentVersion?: string;
}

export interface AcpConversation {
  /** To be called once the agent runs. */
  readonly begin: (input: ChildInput) => void;
  /** A line of its standard output. */
  readonly line: (raw: string) => AcpLine;
  /**
   * Asks for an end: the turn is cancelled, or where there is none or it would be forgotten, the agent told that
   * nothing more will come.
   * False when it knows already.
   */
  readonly cancel: () => boolean;
  /** Most bytes of output that are borne by now: something else than an agent gets little room. */
  readonly mostBytes: () => number;
  /** No further line will come. */
  readonly close: () => void;
  /** Settles once there is nothing more to be said, at the latest after `close`. Never rejects. */
  readonly ended: Promise<AcpEnd>;
}

/** One turn of one session with an agent that speaks the Agent Client Protocol, version 1, by its official SDK. */
export function createAcpConversation(host: AcpHost): AcpConversation {
  let input: ChildInput | undefined;
  let stream: AcpStream | undefined;
  let cancelTurn: (() => void) | undefined;
  let isPrompted = false;
  let isOver = false;
  let wasCut = false;
  let foreignSize = 0;
  let settle: (end: AcpEnd) => void = () => {};
  const ended = new Promise<AcpEnd>((resolve) => {
    settle = (end) => {
      isOver = true;
      resolve(end);
    };
  });

  async function converse(given: AcpStream): Promise<AcpEnd> {
    // Loaded while the agent starts, and by nobody else.
    const { client } = await import('@agentclientprotocol/sdk');
    const connection = client({ name: 'murmur8' })
      .onRequest('session/request_permission', ({ params }) => {
        const optionId = host.onPermission({ ...params });
        return {
          outcome: optionId === undefined ? { outcome: 'cancelled' } : { outcome: 'selected', optionId },
        };
      })
      .onRequest('elicitation/create', ({ params }) => {
        host.onQuestion({ ...params });
        return { action: 'cancel' };
      })
      .connect(given.stream);
    try {
      return await turn(connection.agent, given);
    } catch (error) {
      if (error instanceof AcpStop) return error.end;
      if (connection.signal.aborted) return { kind: 'gone', wasPrompted: isPrompted };
      return { kind: 'failed', failure: acpFailure(error), wasPrompted: isPrompted };
    } finally {
      connection.close();
    }
  }

  async function turn(agent: ClientContext, given: AcpStream): Promise<AcpEnd> {
    const about = await initialize(agent, host);
    if (host.prompt === undefined) return { kind: 'introduced', version: about.version };
    const { sessionId, isNew } = await openSession(agent, given, host, about);
    const opened =
      given.resultOf('session/new') ?? given.resultOf('session/resume') ?? given.resultOf('session/load');
    await chooseModel(agent, sessionId, opened ?? {}, host.model);
    if (host.readsOnly) await chooseMode(agent, sessionId, opened ?? {});
    host.onSession({
      id: sessionId,
      isNew,
      agent: about.name ?? '',
      ...(about.version === undefined ? {} : { agentVersion: about.version }),
      ...modelOf(host, opened),
    });
    if (!acpForgetsCancelledTurns(about.name ?? ''))
      cancelTurn = () => void agent.notify('session/cancel', { sessionId }).catch(() => {});
    isPrompted = true;
    await agent.request('session/prompt', { sessionId, prompt: [{ type: 'text', text: host.prompt }] });
    const answer = given.resultOf('session/prompt') ?? {};
    return { kind: 'answered', stopReason: textOf(answer['stopReason']), answer, wasCut };
  }

  return {
    begin(given) {
      input = given;
      stream = createAcpStream(given);
      void converse(stream).then(settle);
    },
    line(raw) {
      const line = stream?.line(raw) ?? { kind: 'foreign' };
      if (line.kind === 'foreign') {
        foreignSize += raw.length;
        if (foreignSize > MOST_FOREIGN && stream?.resultOf('initialize') === undefined)
          settle({ kind: 'foreign' });
      }
      if (line.kind === 'update') (isPrompted ? host.onUpdate : host.onPast)(line.update);
      return line;
    },
    cancel() {
      if (isOver) return false;
      const isAnswered = stream?.resultOf('session/prompt') !== undefined;
      if (isPrompted && !isAnswered) wasCut = true;
      if (cancelTurn === undefined || isAnswered) input?.end();
      else cancelTurn();
      return true;
    },
    mostBytes: () => (stream?.resultOf('initialize') === undefined ? MOST_FOREIGN_BYTES : MOST_BYTES),
    close() {
      if (stream === undefined) settle({ kind: 'gone', wasPrompted: false });
      stream?.close();
    },
    ended,
  };
}

const MOST_BYTES = 256 * 1024 * 1024;
/** What is borne before the first answer: some agents greet. */
const MOST_FOREIGN_BYTES = 512 * 1024;
/** The same in characters of lines that are none of the protocol. */
const MOST_FOREIGN = 200_000;
/** Of the names that an agent gives to itself and to its sessions. */
const LONGEST_NAME = 200;
const LONGEST_ID = 1_000;
const MOST_METHODS = 10;

/** What `initialize` told. */
interface About {
  /** What the agent calls itself. */
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly canResume: boolean;
  readonly canLoad: boolean;
  readonly takesDirectories: boolean;
  readonly authMethods: readonly JsonRecord[];
}

const PROTOCOL_VERSION = 1;

async function initialize(agent: ClientContext, host: AcpHost): Promise<About> {
  const answer = await inTime(
    agent.request('initialize', {
      protocolVersion: PROTOCOL_VERSION,
      clientCapabilities: {
        fs: { readTextFile: false, writeTextFile: false },
        terminal: false,
        elicitation: { form: {}, url: {} },
      },
      clientInfo: { name: 'murmur8', version: host.clientVersion },
    }),
    host.startLimitMs,
  );
  if (answer.protocolVersion !== PROTOCOL_VERSION)
    throw new AcpStop({
      kind: 'unusable',
      message: `the agent speaks version ${shorten(JSON.stringify(answer.protocolVersion) ?? 'undefined', 50)} of the Agent Client Protocol, and this program version ${PROTOCOL_VERSION}`,
    });
  const { agentInfo, agentCapabilities, authMethods } = answer;
  const session = agentCapabilities?.sessionCapabilities;
  const name = agentInfo?.name;
  return {
    name,
    version: name === undefined ? undefined : named(`${name} ${agentInfo?.version ?? ''}`.trim()),
    canResume: (session?.resume ?? null) !== null,
    canLoad: agentCapabilities?.loadSession === true,
    takesDirectories: (session?.additionalDirectories ?? null) !== null,
    authMethods: listOf(authMethods).map((method) => recordOf(method) ?? {}),
  };
}

function named(name: string): string {
  return shorten(plainText(name).replace(/\s+/g, ' '), LONGEST_NAME);
}

/** Opens a session, or goes on with the one of an attempt before; logs in where that is asked for and possible. */
async function openSession(
  agent: ClientContext,
  stream: AcpStream,
  host: AcpHost,
  about: About,
): Promise<{ readonly sessionId: string; readonly isNew: boolean }> {
  const place = {
    cwd: host.cwd,
    mcpServers: [],
    ...(about.takesDirectories ? { additionalDirectories: [...host.additionalDirectories] } : {}),
  };
  const before = host.sessionId;
  const open = async () => {
    if (before !== undefined && (about.canResume || about.canLoad)) {
      const method = about.canResume ? 'session/resume' : 'session/load';
      try {
        await agent.request(method, { sessionId: before, ...place });
        return { sessionId: before, isNew: false };
      } catch (error) {
        // Nothing is left of it, which no further attempt would change: it is begun afresh.
        if (acpFailure(error).reason !== 'agent') throw error;
      }
    }
    await agent.request('session/new', place);
    const sessionId = textOf(stream.resultOf('session/new')?.['sessionId']) ?? '';
    if (sessionId.length > LONGEST_ID)
      throw new AcpStop({ kind: 'unusable', message: 'the agent gave its session an id without end' });
    return { sessionId, isNew: true };
  };
  try {
    return await open();
  } catch (error) {
    if (acpFailure(error).reason !== 'auth') throw error;
    await authenticate(agent, host, about, error);
    return open();
  }
}

/** Only with a key that the agent has got already: whatever else there is needs a person. */
async function authenticate(
  agent: ClientContext,
  host: AcpHost,
  about: About,
  error: unknown,
): Promise<void> {
  const ways = about.authMethods.filter((method) => (method['type'] ?? 'agent') === 'agent');
  const withKey = ways.filter((method) =>
    /api.?key/i.test(`${textOf(method['id'])} ${textOf(method['name'])}`),
  );
  for (const method of host.hasKey ? withKey : []) {
    const methodId = textOf(method['id']) ?? '';
    const done = await agent.request('authenticate', { methodId }).then(
      () => true,
      () => false,
    );
    if (done) return;
  }
  const names = about.authMethods.slice(0, MOST_METHODS).flatMap((method) => textOf(method['name']) ?? []);
  const offered = names.length === 0 ? '' : ` (it offers: ${names.map(named).join(', ')})`;
  throw new AcpStop({
    kind: 'failed',
    wasPrompted: false,
    failure: {
      reason: 'auth',
      message: `${acpFailure(error).message}: log in once with the agent itself${offered}`,
    },
  });
}

function modelOf(host: AcpHost, opened: JsonRecord | undefined): { model?: string } {
  const option = listOf(opened?.['configOptions'])
    .map(recordOf)
    .find((each) => each?.['category'] === 'model');
  const model =
    host.model ??
    textOf(option?.['currentValue']) ??
    textOf(recordOf(opened?.['models'])?.['currentModelId']);
  return model === undefined ? {} : { model: named(model) };
}

async function inTime<T>(promise: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    const end = { kind: 'silent', seconds: Math.round(limitMs / 1_000) } as const;
    timer = setTimeout(() => reject(new AcpStop(end)), limitMs);
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}

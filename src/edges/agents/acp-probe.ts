import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMasker, secretValues } from '../../core/agent/mask.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { lastLines } from '../process/last-lines.ts';
import { superviseProcess } from '../process/supervise.ts';
import { unfitProgram } from '../process/unfit-program.ts';
import { createAcpConversation } from './acp-conversation.ts';
import { acpEnding } from './acp-ending.ts';
import { acpProbeEnvironment } from './acp-environment.ts';
import type { AcpProgram } from './acp-session.ts';
import { createAcpEnder } from './acp-stop.ts';

const KEPT_OUTPUT = 2_000;
const EXIT_GRACE_MS = 10_000;
const FAILED_GRACE_MS = 3_000;

/** Starts the agent and asks it who it is; it opens no session, so no model is asked. */
export async function probeAcp(
  { program, args, agent, commandLine, startLimitMs }: AcpProgram,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<Result<{ readonly version?: string }>> {
  const directory = await mkdtemp(join(tmpdir(), 'murmur8-probe-'));
  const printed = lastLines(KEPT_OUTPUT);
  const ender = createAcpEnder(new AbortController().signal);
  const talk = createAcpConversation({
    cwd,
    prompt: undefined,
    sessionId: undefined,
    model: undefined,
    readsOnly: true,
    additionalDirectories: [],
    hasKey: false,
    clientVersion: process.env['MURMUR8_VERSION'] ?? 'dev',
    startLimitMs,
    onSession: () => {},
    onUpdate: () => {},
    onPast: () => {},
    onPermission: () => undefined,
    onQuestion: () => {},
  });
  try {
    void talk.ended.then(({ kind }) =>
      ender.endWithin(kind === 'introduced' ? EXIT_GRACE_MS : kind === 'foreign' ? 0 : FAILED_GRACE_MS),
    );
    const limits = { timeoutMs: startLimitMs + EXIT_GRACE_MS, stallTimeoutMs: startLimitMs + EXIT_GRACE_MS };
    const child = await superviseProcess(
      {
        program,
        args,
        cwd,
        env: acpProbeEnvironment(env, agent, directory),
        marker: `probe/${randomUUID()}`,
        onInput(input) {
          talk.begin(input);
          void talk.ended.then(() => input.end());
        },
        spoolDir: directory,
        logFile: join(directory, 'log'),
        timeoutMs: limits.timeoutMs,
        maxOutputBytes: talk.mostBytes,
        stopLadder: ender.ladder(talk.cancel),
        mask: createMasker(secretValues(env)),
        onLine({ stream, raw, shown }) {
          if (stream === 'stderr' || talk.line(raw).kind === 'foreign') printed.add(shown);
        },
      },
      ender.signal,
    );
    ender.done();
    talk.close();
    const end = await talk.ended;
    if (end.kind === 'introduced') return ok(end.version === undefined ? {} : { version: end.version });
    const { message = '' } = acpEnding(limits, end, child, {
      stopped: undefined,
      pending: undefined,
      final: undefined,
      returns: {},
      wasCancelled: false,
      isActive: false,
      printed: printed.text().trim(),
      commandLine,
    });
    const unfit = await unfitProgram(program);
    if (unfit !== undefined)
      return fail({
        code: 'runner-broken',
        message: `${commandLine} cannot be started: ${program} ${unfit}`,
        file: program,
        hint: 'install the one for this machine, or correct the command after acp:',
      });
    return fail({
      code: 'runner-broken',
      message,
      file: program,
      hint: 'give the command that starts the agent for editors, such as acp:gemini --acp',
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

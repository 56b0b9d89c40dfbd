import { constants } from 'node:fs';
import { mkdtemp, open, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import type { AgentOrder } from '../../engine/ports.ts';

/** An answer is a small JSON document; more is not one. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

export interface ClaudeWorkspace {
  /** Private, for the session's temporary files. */
  readonly directory: string;
  /** The order as the session gets it: its answer at a place that it can reach. */
  readonly order: AgentOrder;
  /** Brings the answer to where the original order wants it, and removes the directory. */
  readonly finish: () => Promise<void>;
}

/**
 * Claude Code never writes below a `.claude` directory, whatever it is allowed, and that is where the state of a
 * run lives. So the session answers into a temporary directory, and the prompt names that place: a role without a
 * shell could not read the variable that holds it.
 *
 * @param mask hides secrets in the answer before it is kept
 */
export async function openClaudeWorkspace(
  order: AgentOrder,
  mask: (text: string) => string,
): Promise<ClaudeWorkspace> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'murmur8-agent-')));
  const answerFile = join(directory, 'answer.json');
  const named = [order.answerFile, relative(order.cwd, order.answerFile)].filter((name) =>
    name.includes(sep),
  );
  const redirect = (text: string) =>
    named.reduce((result, name) => result.replaceAll(name, answerFile), text);
  return {
    directory,
    order: {
      ...order,
      answerFile,
      prompt: `${redirect(order.prompt).trimEnd()}\n\n${placeOfAnswer(answerFile)}`,
      instructions: redirect(order.instructions),
    },
    async finish() {
      try {
        const answer = await readAnswer(answerFile);
        if (answer !== undefined) await writeFile(order.answerFile, mask(answer), { mode: 0o600 });
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

/** At the end of the prompt, where a place that changes with each session costs no cache. */
function placeOfAnswer(path: string): string {
  return `## Where an answer goes

In this session MURMUR8_ANSWER is ${path}: the only file outside the project that you may write, with the tool Write if you have no shell. It does not exist yet, and is left out when nothing above asks for it.
`;
}

/** Only a regular file: a link or a pipe in its place is the agent's trick, not its answer. */
async function readAnswer(path: string): Promise<string | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const about = await file.stat();
    return about.isFile() && about.size <= MAX_ANSWER_BYTES ? await file.readFile('utf8') : undefined;
  } finally {
    await file.close();
  }
}

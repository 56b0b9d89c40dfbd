import { constants } from 'node:fs';
import { mkdtemp, open, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import type { AgentOrder } from '../../engine/ports.ts';

/** An answer is a small JSON document, and outputs are a few lines; more is neither. */
const MAX_BYTES = 4 * 1024 * 1024;

export interface SessionWorkspace {
  /** Private, for the session's temporary files. */
  readonly directory: string;
  /** The order as the session gets it: its answer and its outputs at places that it can reach. */
  readonly order: AgentOrder;
  /** Brings answer and outputs to where the original order wants them, and removes the directory. */
  readonly finish: () => Promise<void>;
}

/**
 * The state of a run lives where agents do not write: Claude Code never does below a `.claude` directory, whatever
 * it is allowed, and sandboxes keep agents from whatever is outside the project and the temporary directory. So the
 * session leaves its answer and its outputs in a directory there, and the prompt names these places: a role without
 * a shell could not read the variables that hold them.
 *
 * @param mask hides secrets in the answer before it is kept
 * @param writingTool the agent's own name of the tool with which it writes a file
 * @param within absolute path of a directory that is there, in which the agent can write
 */
export async function openSessionWorkspace(
  order: AgentOrder,
  mask: (text: string) => string,
  writingTool: string,
  within: string = tmpdir(),
): Promise<SessionWorkspace> {
  const directory = await realpath(await mkdtemp(join(within, 'murmur8-agent-')));
  const answerFile = join(directory, 'answer.json');
  const outputFile = order.outputFile === undefined ? undefined : join(directory, 'outputs.txt');
  const moved = [...namesOf(order.cwd, order.answerFile).map((name) => [name, answerFile] as const)];
  if (order.outputFile !== undefined && outputFile !== undefined)
    moved.push(...namesOf(order.cwd, order.outputFile).map((name) => [name, outputFile] as const));
  const redirect = (text: string) =>
    moved.reduce((result, [name, place]) => result.replaceAll(name, place), text);
  return {
    directory,
    order: {
      ...order,
      answerFile,
      ...(outputFile === undefined ? {} : { outputFile }),
      prompt: `${redirect(order.prompt).trimEnd()}\n\n${placesOf(answerFile, outputFile, writingTool)}`,
      instructions: redirect(order.instructions),
    },
    async finish() {
      try {
        await bring(answerFile, order.answerFile, mask);
        // Outputs are values for other stages: whether one can be kept is for the check of the stage to say.
        if (order.outputFile !== undefined && outputFile !== undefined)
          await bring(outputFile, order.outputFile, (text) => text);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

/** How a prompt may name a file. */
function namesOf(cwd: string, file: string): readonly string[] {
  return [file, relative(cwd, file)].filter((name) => name.includes(sep));
}

/** At the end of the prompt, where places that change with each session cost no cache. */
function placesOf(answerFile: string, outputFile: string | undefined, writingTool: string): string {
  if (outputFile === undefined)
    return `## Where an answer goes

In this session MURMUR8_ANSWER is ${answerFile}: the only file outside the project that you may write, with the tool ${writingTool} if you have no shell. It does not exist yet, and is left out when nothing above asks for it.
`;
  return `## Where answers and outputs go

In this session MURMUR8_ANSWER is ${answerFile} and MURMUR8_OUTPUT is ${outputFile}: the only files outside the project that you may write, with the tool ${writingTool} if you have no shell. Neither exists yet, and each is left out when nothing above asks for it.
`;
}

async function bring(from: string, to: string, change: (text: string) => string): Promise<void> {
  const text = await readLeft(from);
  if (text !== undefined) await writeFile(to, change(text), { mode: 0o600 });
}

/** Only a regular file: a link or a pipe in its place is the agent's trick, not its answer. */
async function readLeft(path: string): Promise<string | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const about = await file.stat();
    return about.isFile() && about.size <= MAX_BYTES ? await file.readFile('utf8') : undefined;
  } finally {
    await file.close();
  }
}

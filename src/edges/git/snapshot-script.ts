import { capture } from '../process/capture.ts';
import { gitEnvironment, gitSettings, nulTerminated } from './command.ts';
import type { Shadow } from './shadow.ts';

/**
 * Several git commands in one process of ours. Starting a process stops the event loop of a large Node for longer
 * than these commands take, so the way that a run goes at every attempt is one script. Whatever is unusual makes it
 * answer undefined; the commands are then run one by one, which tells what is wrong.
 */
const BEGIN = `
own() { git ${gitSettings()
  .map((setting) => `-c ${setting}`)
  .join(' ')} "$@"; }
shadow() { GIT_DIR="$S_DIR" GIT_WORK_TREE="$S_TREE" GIT_OBJECT_DIRECTORY="$S_OBJECTS" GIT_INDEX_FILE="$S_INDEX" own "$@"; }
shadow add -A --sparse --ignore-errors --pathspec-from-file=- --pathspec-file-nul || exit 1
tree=$(shadow write-tree) || exit 1
`;

const CHECKPOINT = `${BEGIN}
head=$(own rev-parse -q --verify 'HEAD^{commit}')
commit=$(printf %s "$MESSAGE" | own commit-tree "$tree" \${head:+-p "$head"} -F -) || exit 1
own update-ref "$REF" "$commit" || exit 1
printf '%s %s %s' "$tree" "$commit" "$head"
`;

const CHANGES = `${BEGIN}
printf '%s %s\\n' "$tree" "$(own rev-parse -q --verify 'HEAD^{commit}')"
[ "$tree" = "$BEFORE" ] || own diff-tree -r -z --no-renames --name-status "$BEFORE" "$tree"
`;

interface ScriptInput {
  readonly shadow: Shadow;
  /** Index of an earlier snapshot's copy, to be brought up to date. */
  readonly index: string;
  readonly pathspecs: readonly string[];
}

export interface ScriptedCheckpoint {
  readonly tree: string;
  readonly commit: string;
  readonly head: string | null;
}

/** Snapshot, commit and ref of a checkpoint. */
export async function scriptedCheckpoint(
  input: ScriptInput & {
    readonly ref: string;
    readonly message: string;
    readonly identity: Readonly<Record<string, string>>;
  },
): Promise<ScriptedCheckpoint | undefined> {
  const output = await runScript(CHECKPOINT, input, {
    ...input.identity,
    REF: input.ref,
    MESSAGE: input.message,
  });
  const [tree, commit, head] = output?.toString('latin1').split(' ') ?? [];
  if (!isObject(tree) || !isObject(commit)) return undefined;
  return { tree, commit, head: isObject(head) ? head : null };
}

/** What is checked out, the tree of the files as they are, and what `diff-tree -z --name-status` says against `before`. */
export async function scriptedChanges(
  input: ScriptInput & { readonly before: string },
): Promise<{ readonly head: string | null; readonly differences: Buffer } | undefined> {
  const output = await runScript(CHANGES, input, { BEFORE: input.before });
  const end = output?.indexOf('\n') ?? -1;
  if (output === undefined || end < 0) return undefined;
  const [tree, head] = output.toString('latin1', 0, end).split(' ');
  if (!isObject(tree)) return undefined;
  return { head: isObject(head) ? head : null, differences: output.subarray(end + 1) };
}

async function runScript(
  script: string,
  { shadow, index, pathspecs }: ScriptInput,
  more: Readonly<Record<string, string>>,
): Promise<Buffer | undefined> {
  const { GIT_DIR = '', GIT_WORK_TREE = '', GIT_OBJECT_DIRECTORY = '' } = shadow.environment(index);
  const places = { S_DIR: GIT_DIR, S_TREE: GIT_WORK_TREE, S_OBJECTS: GIT_OBJECT_DIRECTORY, S_INDEX: index };
  const captured = await capture('/bin/sh', ['-c', script], {
    cwd: shadow.root,
    env: { ...gitEnvironment(), ...places, ...more },
    input: nulTerminated(pathspecs),
  });
  return captured.exitCode === 0 && !captured.truncated ? captured.stdout : undefined;
}

function isObject(word: string | undefined): word is string {
  return word !== undefined && /^[0-9a-f]{40,64}$/.test(word);
}

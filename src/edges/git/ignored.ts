import { askGit, nulSeparated, nulTerminated } from './command.ts';

/** Which of the absolute paths git ignores and does not track; all of them where git cannot tell. */
export async function ignoredAmong(root: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
  const asked = await askGit(['check-ignore', '-z', '--stdin'], { cwd: root, input: nulTerminated(paths) });
  const noneIgnored = 1;
  if (!asked.ok || (asked.value.exitCode !== 0 && asked.value.exitCode !== noneIgnored))
    return new Set(paths);
  return new Set(nulSeparated(asked.value.stdout));
}

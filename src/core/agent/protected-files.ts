/** Examples that a project shows around; every other file of the kind is where secrets are kept. */
const SHOWN_AROUND = /\.(?:example|sample|template|dist|defaults?|schema)$/;

/** `.env`, `.env.local`, `.envrc`… */
export function isSecretFileName(name: string): boolean {
  return name.startsWith('.env') && !SHOWN_AROUND.test(name);
}

/** Configuration of this program, in its state directory. */
export function isOwnConfigName(name: string): boolean {
  return /^[a-z]+(?:-[a-z]+)*-config\.json$/.test(name);
}

/** Roles, prompts and pipelines, relative to the root of the project. */
export const BLUEPRINT_PLACES: readonly string[] = ['agents', 'prompts', 'templates', 'pipelines'].map(
  (name) => `.blueprint/${name}`,
);

/** Parts of a repository that make git run something or see something else, relative to what its working trees share. */
export const SHARED_GIT_PLACES: readonly string[] = [
  'hooks',
  'config',
  ...['attributes', 'exclude', 'grafts'].map((name) => `info/${name}`),
  'objects/info/alternates',
];

/** The same of one working tree. */
export const OWN_GIT_PLACES: readonly string[] = ['config.worktree', 'info/sparse-checkout'];

/** Git does not run its examples of hooks. */
export function isHookExample(path: string): boolean {
  return /\/hooks\/[^/]+\.sample$/.test(path);
}

const BRANCH = /^\[branch "[^"\\]+"\]$/;
const ABOUT_BRANCH = [
  /^\t(?:remote|pushRemote) = [\w./-]+$/,
  /^\tmerge = refs\/[\w./-]+$/,
  /^\trebase = \w+$/,
  /^\t(?:vscode|gh)-merge-base = [\w./-]+$/,
];

/**
 * Git's configuration without what it notes about branches: people and git itself write that at any time, and it runs
 * nothing. What does not look exactly as git writes it is left in.
 */
export function gitConfigThatCounts(text: string): string {
  let inBranch = false;
  return text
    .split('\n')
    .filter((line) => {
      if (BRANCH.test(line)) inBranch = true;
      else if (!inBranch || !ABOUT_BRANCH.some((form) => form.test(line))) inBranch = false;
      return !inBranch;
    })
    .join('\n')
    .trimEnd();
}

const OUR_OWN_RULE = /^\/(?:\.worktrees|\.claude\/(?:runs|pipelines\/\.lock|\.[a-z]+-lock))\/$/;

/** The rules of what git ignores, without those that this program itself adds. */
export function ignoreRulesThatCount(text: string): string {
  return text
    .split('\n')
    .filter((line) => line !== '' && !OUR_OWN_RULE.test(line))
    .join('\n');
}

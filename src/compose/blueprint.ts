import { fail, ok, type Result } from '../core/result.ts';
import { ensureStateIgnored } from '../edges/blueprint/ignore-rules.ts';
import { type InstallAction, installShippedFiles } from '../edges/blueprint/install.ts';
import { findPackage } from '../edges/blueprint/package-root.ts';
import { findProjectRoot } from '../edges/blueprint/project-root.ts';
import { ensureDotenv, ensureGitignore } from '../edges/telemetry/dotenv-template.ts';

export interface InstallReport {
  /** Absolute: the project. */
  readonly directory: string;
  /** Of the installed package. */
  readonly version: string;
  readonly dryRun: boolean;
  readonly files: readonly {
    readonly path: string;
    readonly action: InstallAction | 'appended';
    readonly beside?: string;
  }[];
}

/**
 * Sets up a project: shipped files, the skill, rules for state, the template in `.env`. Of `.env` and
 * `.gitignore` the report speaks in a dry run only (seed 004, story init-integration, out of scope).
 */
export function initialiseProject(directory: string, dryRun: boolean): Result<InstallReport> {
  const installed = findPackage();
  const files = installShippedFiles({ projectRoot: directory, package: installed, mode: 'init', dryRun });
  if (!files.ok) return files;
  // Ignored before it exists, so that no moment is left to commit it.
  const ignored = ensureGitignore(directory, { dryRun });
  if (!ignored.ok) return ignored;
  const state = ensureStateIgnored(directory, { dryRun });
  if (!state.ok) return state;
  const dotenv = ensureDotenv(directory, { dryRun });
  if (!dotenv.ok) return dotenv;
  const silent = [
    { path: '.env', action: dotenv.value },
    { path: '.gitignore', action: ignored.value === 'unchanged' ? state.value : ignored.value },
  ];
  return ok({
    directory,
    version: installed.version,
    dryRun,
    files: [...files.value, ...(dryRun ? silent : [])],
  });
}

/** Refreshes the shipped files of the project around a directory. */
export function updateProject(from: string, dryRun: boolean): Result<InstallReport> {
  const directory = findProjectRoot(from);
  if (directory === undefined) {
    return fail({
      code: 'not-initialised',
      message: 'there is no .blueprint/ here or in a directory above',
      file: from,
      hint: 'npx --no-install murmur8 init',
    });
  }
  const installed = findPackage();
  const files = installShippedFiles({ projectRoot: directory, package: installed, mode: 'update', dryRun });
  if (!files.ok) return files;
  return ok({ directory, version: installed.version, dryRun, files: files.value });
}

import { dirname, join, relative, resolve } from 'node:path';
import { placeholdersOf } from '../core/feature/prompt.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { fillTemplate } from '../core/template/fill-template.ts';
import { projectCommands } from '../core/template/project-commands.ts';
import { templateNotes, templateValues } from '../core/template/template-values.ts';
import { type BlueprintOrigin, createBlueprint } from '../edges/blueprint/blueprint.ts';
import { installedSchema } from '../edges/blueprint/installed-schema.ts';
import { writeNewFile } from '../edges/blueprint/new-file.ts';
import { findWorkingTree } from '../edges/blueprint/project-root.ts';
import { stateDirectory } from '../edges/files/state-directory.ts';
import { projectFacts } from '../edges/project/detect.ts';
import { settleStack } from './feature/stack.ts';

/** A pipeline to begin with. */
export interface PipelineTemplate {
  readonly name: string;
  readonly description: string;
  /** `project`: a copy in `.blueprint/templates/pipelines/`, which counts instead of the shipped one. */
  readonly origin: BlueprintOrigin;
}

/** Every template that `initTemplate` knows in this project, sorted by name (seed 001, story 10). */
export async function listTemplates(cwd: string): Promise<Result<readonly PipelineTemplate[]>> {
  const blueprint = createBlueprint(rootOf(cwd));
  const templates: PipelineTemplate[] = [];
  for (const { kind, name, origin } of await blueprint.list()) {
    if (kind !== KIND) continue;
    const found = await blueprint.find(kind, name);
    if (!found.ok) return found;
    const description = /^description: *(.+?) *$/m.exec(found.value.text)?.[1] ?? '';
    templates.push({ name, description, origin });
  }
  return ok(templates);
}

export interface InitTemplateOptions {
  /** Who agrees at the gates of the new pipeline, as the program knows people. */
  readonly user: string;
  /** Where to write it, relative to `cwd`. Default: `pipelines/<name>.yaml` in the project's root. */
  readonly file?: string | undefined;
  /** Replace a file that is there. */
  readonly force?: boolean | undefined;
  /** Where state is kept instead of `.claude`: what a person has set about the project's tools stands there. */
  readonly stateDir?: string | undefined;
}

export interface InitialisedTemplate {
  /** Path of the new file as seen from `cwd`: also what `pipeline create` takes next. */
  readonly file: string;
  readonly text: string;
  /** What was chosen for this project, one line each, for people. */
  readonly notes: readonly string[];
}

/**
 * Writes a pipeline file for this project from a template (seed 001, story 10). An unknown template is a problem
 * `not-found` that names the nearest one; a file that is there is kept: `file-exists`.
 */
export async function initTemplate(
  cwd: string,
  name: string,
  options: InitTemplateOptions,
): Promise<Result<InitialisedTemplate>> {
  const root = rootOf(cwd);
  const template = await createBlueprint(root).find(KIND, name);
  if (!template.ok) return template;
  const used = placeholdersOf(template.value.text);
  if (used.includes('approver') && options.user.trim() === '') return fail(NO_USER);
  const path =
    options.file === undefined ? join(root, 'pipelines', `${name}.yaml`) : resolve(cwd, options.file);
  const stack = settleStack({ root, stateDirectory: stateDirectory(cwd, options.stateDir) }, false);
  if (!stack.ok) return stack;
  const schema = installedSchema(dirname(path));
  const context = {
    commands: projectCommands(projectFacts(root), stack.value),
    user: options.user,
    ...(schema === undefined ? {} : { schema }),
  };
  const text = fillTemplate(template.value.text, templateValues(context));
  if (!text.ok) return fail({ ...text.error, file: template.value.file });
  const written = writeNewFile(path, text.value, options.force === true);
  if (!written.ok) return written;
  return ok({ file: relative(cwd, path), text: text.value, notes: templateNotes(context, used) });
}

const KIND = 'templates/pipelines';

const NO_USER = {
  code: 'no-user',
  message: 'this pipeline asks a person to agree, and nobody says who you are',
  hint: 'git config user.name <your name>, then run the same command again',
};

function rootOf(cwd: string): string {
  return findWorkingTree(cwd) ?? resolve(cwd);
}

import { type Ended, murmur8, type Started, start } from './cli.ts';
import { createProject, type ProjectOptions, type TestProject } from './project.ts';

/** A project with pipelines, and the commands around them. */
export interface PipelineProject extends TestProject {
  /** Registers a definition (its text) under the name that stands in it. */
  register(definition: string): Promise<void>;
  /** Runs `murmur8 pipeline …` to its end. */
  pipeline(...args: string[]): Promise<Ended>;
  /** The same, under way. */
  startPipeline(...args: string[]): Started;
  /** Lines of a file that stages write; empty if there is none. */
  lines(path: string): string[];
}

export function createPipelineProject(
  options: ProjectOptions & { readonly env?: Readonly<Record<string, string>> } = {},
): PipelineProject {
  const project = createProject(options);
  const run = { cwd: project.root, ...(options.env === undefined ? {} : { env: options.env }) };
  return {
    ...project,
    async register(definition) {
      project.write('definition.yaml', definition);
      const created = await murmur8(['pipeline', 'create', 'definition.yaml'], run);
      if (created.code !== 0) throw new Error(`not registered: ${created.stderr}`);
    },
    pipeline: (...args) => murmur8(['pipeline', ...args], run),
    startPipeline: (...args) => start(['pipeline', ...args], run),
    lines: (path) =>
      project.has(path)
        ? project
            .read(path)
            .split('\n')
            .filter((line) => line !== '')
        : [],
  };
}

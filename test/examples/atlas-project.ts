import { expect } from 'vitest';
import type * as z from 'zod';
import { runStatusDocumentContract } from '../../src/interfaces/contract/status.ts';
import { type Ended, murmur8, type Started } from '../rig/cli.ts';
import { createPipelineProject, type PipelineProject } from '../rig/pipeline-project.ts';
import { until } from '../rig/until.ts';
import { copyExample, README } from './atlas-files.ts';

export type StatusDocument = z.infer<typeof runStatusDocumentContract>;

/** A project that is a copy of the example, its pipeline registered, and one run of it. */
export interface AtlasProject extends PipelineProject {
  /** Begins a run with these values of variables. */
  begin(variables?: Readonly<Record<string, string>>): Started;
  /** A run from its beginning to its end. */
  run(variables?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Id of the only run. */
  id(): string;
  /** What `murmur8 status` prints about it, asked by another process. */
  shown(): Promise<string>;
  /** The same as a document. */
  status(): Promise<StatusDocument>;
  /** Looks at the status until it is so. */
  whenStatus(expected: object): Promise<StatusDocument>;
  /** Numbers of frames, from one, in the order in which attempts at them began; one list for each part of the run. */
  attempts(): number[][];
}

export async function createAtlasProject(): Promise<AtlasProject> {
  const project = createPipelineProject({ commit: false });
  copyExample(project.root);
  const created = await project.pipeline('create', 'sprite-atlas.yaml');
  expect(created).toMatchObject({ code: 0, stderr: '' });
  const id = () => {
    const [run] = project.runs();
    if (run === undefined) throw new Error('no run has begun');
    return run;
  };
  const ask = async (...words: string[]) => {
    const ended = await murmur8(['status', id(), ...words], { cwd: project.root });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    return ended.stdout;
  };
  const status = async () => runStatusDocumentContract.parse(JSON.parse(await ask('--json')));
  const begin: AtlasProject['begin'] = (variables = {}) =>
    project.startPipeline('run', 'sprite-atlas', ...Object.entries(variables).flatMap(asTold));
  return {
    ...project,
    begin,
    run: (variables) => begin(variables).ended,
    id,
    shown: () => ask(),
    status,
    whenStatus: (expected) =>
      until(async () => {
        const document = await status();
        expect(document).toMatchObject(expected);
        return document;
      }),
    attempts() {
      const parts: number[][] = [];
      for (const event of project.journal(id())) {
        if (event.type === 'segment.started') parts.push([]);
        if (event.type === 'attempt.started') parts.at(-1)?.push(event.frame + 1);
      }
      return parts;
    },
  };
}

/** What is tested is what readers of the example are told to type; only a port can be no fixed one. */
function asTold([name, value]: [string, string]): string[] {
  if (name !== 'api') expect(README).toContain(`--var ${name}=${value}`);
  return ['--var', `${name}=${value}`];
}

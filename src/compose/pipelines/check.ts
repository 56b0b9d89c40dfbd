import type { PipelineProblem } from '../../core/pipeline/problem.ts';
import type { Place } from './place.ts';
import { readDefinition } from './read.ts';
import { readSource, type Source } from './source.ts';

/** One file, with everything that is wrong in it. */
export interface CheckedFile {
  readonly source: Source;
  readonly valid: boolean;
  readonly problems: readonly PipelineProblem[];
  /** Absent when it cannot be understood. */
  readonly stages?: number;
}

/** Reads every file; one that is not there is a problem like any other. */
export async function checkFiles(files: readonly string[], place: Place): Promise<readonly CheckedFile[]> {
  const checked: CheckedFile[] = [];
  for (const file of files) checked.push(await checkFile(file, place));
  return checked;
}

async function checkFile(file: string, place: Place): Promise<CheckedFile> {
  const source = readSource(place.cwd, file);
  if (!source.ok) {
    const { code, message, hint } = source.error;
    const problem = { severity: 'error', code, message, file } as const;
    return {
      source: { text: '', file },
      valid: false,
      problems: [{ ...problem, ...(hint === undefined ? {} : { hint }) }],
    };
  }
  const { pipeline, problems } = await readDefinition(source.value, place);
  return {
    source: source.value,
    valid: pipeline !== undefined,
    problems,
    ...(pipeline === undefined ? {} : { stages: pipeline.stages.length }),
  };
}

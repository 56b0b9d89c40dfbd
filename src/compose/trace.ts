import { join } from 'node:path';
import { featurePaths } from '../core/feature/paths.ts';
import { parsePlan } from '../core/feature/plan.ts';
import { buildTrace, type Trace, type TracedResult } from '../core/feature/traceability.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { replay } from '../core/run/apply.ts';
import { findProjectRoot } from '../edges/files/project-root.ts';
import { createProjectFiles } from '../edges/project/project-files.ts';
import { readJournal } from '../edges/store/journal.ts';
import { newestRunOf } from './feature/find-run.ts';
import { runsDirectory } from './runs.ts';

/** The chain from story to file of one feature; results are those of its newest run that had any. */
export async function traceFeature(
  cwd: string,
  stateDirectory: string | undefined,
  slug: string,
): Promise<Result<Trace>> {
  const directory = runsDirectory(cwd, stateDirectory);
  const run = newestRunOf(directory, slug);
  const root = run?.document.workingTree ?? findProjectRoot(cwd) ?? cwd;
  const files = createProjectFiles(root);
  const paths = featurePaths(slug);
  const texts = new Map<string, string>();
  for (const folder of [paths.directory, paths.artefacts]) {
    for (const name of await files.list(folder)) {
      const read = await files.read(`${folder}/${name}`);
      if (read.ok && read.value !== undefined) texts.set(`${folder}/${name}`, read.value);
    }
  }
  if (texts.size === 0) {
    return fail({
      code: 'not-found',
      message: `there is no feature ${slug} here`,
      file: join(root, paths.directory),
      hint: 'murmur8 history lists the features that were run',
    });
  }
  const existing = new Set<string>();
  for (const { path } of parsePlan(texts.get(paths.plan) ?? '').steps)
    if (await files.exists(path)) existing.add(path);
  const results = run === undefined ? new Map<string, TracedResult>() : resultsOf(run.stored.directory);
  return ok(buildTrace({ slug, files: texts, results, exists: (path) => existing.has(path) }));
}

function resultsOf(directory: string): ReadonlyMap<string, TracedResult> {
  const journal = readJournal(join(directory, 'journal.jsonl'));
  const state = journal.ok ? replay(journal.value.events) : undefined;
  const json = state?.stages.get('codey-implement')?.outputs['test_results'];
  if (json === undefined) return new Map();
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(Object.entries(value).filter((pair): pair is [string, TracedResult] => isResult(pair[1])));
}

function isResult(value: unknown): value is TracedResult {
  return (
    value === 'passed' ||
    value === 'failed' ||
    value === 'pending' ||
    value === 'skipped' ||
    value === 'unknown'
  );
}

import { nearestTo } from '../nearest.ts';
import {
  auditSchema,
  authoredSchema,
  concurrencySchema,
  conditionSchema,
  defaultsSchema,
  exportSchema,
  groupSchema,
  limitsSchema,
  retrySchema,
  rollbackSchema,
  scheduleSchema,
  stageSchema,
  strategySchema,
  triggerSchema,
} from './authored.ts';
import type { Path } from './finding.ts';

const BY_PARENT: Readonly<Record<string, { readonly shape: object }>> = {
  and: conditionSchema,
  or: conditionSchema,
  not: conditionSchema,
  when: conditionSchema,
  triggers: triggerSchema,
  schedule: scheduleSchema,
  retry: retrySchema,
  strategies: strategySchema,
  audit: auditSchema,
  rollback: rollbackSchema,
  limits: limitsSchema,
  frames: limitsSchema,
  defaults: defaultsSchema,
  concurrency: concurrencySchema,
  export: exportSchema,
  stages: stageSchema,
  parallel: stageSchema,
};

/** What people who know other programs write. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  needs: 'depends_on',
  dependencies: 'depends_on',
  if: 'when',
  condition: 'when',
  script: 'run',
  command: 'run',
  cmd: 'run',
  steps: 'stages',
  jobs: 'stages',
  on: 'triggers',
  prompt: 'task',
  instructions: 'task',
  cwd: 'working_directory',
  cron: 'schedule',
  vars: 'variables',
  environment_variables: 'env',
  artifacts: 'produces',
  concurrent: 'parallel',
  approval: 'requires_approval',
  reviewers: 'approvers',
  check: 'audit',
  verify: 'audit',
  parallelism: 'max_parallel',
  strategy: 'strategies',
  directory: 'location',
  path: 'location',
  pack: 'run',
};

/** Keys that a map at this path takes. */
function keysAt(path: Path, isGroup: boolean): string[] {
  const parent = path.findLast((step) => typeof step === 'string');
  if (parent === undefined) return Object.keys(authoredSchema.shape);
  if (isGroup) return Object.keys(groupSchema.shape);
  return Object.keys(BY_PARENT[parent]?.shape ?? {});
}

/** What was meant by a key that is not known in a map at this path. */
export function hintForKey(key: string, path: Path, isGroup: boolean): string {
  const known = keysAt(path, isGroup);
  const elsewhere = ELSEWHERE[key];
  if (elsewhere !== undefined && Object.hasOwn(ELSEWHERE, key) && known.includes(elsewhere))
    return `did you mean "${elsewhere}"?`;
  const near = nearestTo(key.replaceAll('-', '_'), known);
  if (near !== undefined) return `did you mean "${near}"?`;
  if (key === '<<') return 'merge keys are no part of YAML 1.2; write the keys out';
  if (path.length === 0 && Object.hasOwn(stageSchema.shape, key))
    return `"${key}" belongs to a stage${Object.hasOwn(defaultsSchema.shape, key) ? ', or under "defaults"' : ''}`;
  if (path.length > 0 && Object.hasOwn(authoredSchema.shape, key))
    return `"${key}" belongs to the pipeline, beside "stages"`;
  return `known here: ${known.join(', ')}; keys of your own begin with "x-"`;
}

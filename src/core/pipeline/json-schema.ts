import * as z from 'zod/mini';
import { authoredSchema } from './authored.ts';

/**
 * The grammar of a pipeline's file as JSON Schema (draft 2020-12), for editors: `# yaml-language-server: $schema=`.
 * Made from the schema that validates, and stricter than the form alone where one key excludes another. References,
 * cycles and durations of zero are beyond it.
 */
export function pipelineJsonSchema(): Record<string, unknown> {
  const schema: unknown = JSON.parse(
    JSON.stringify(z.toJSONSchema(authoredSchema, { target: 'draft-2020-12', reused: 'ref' })),
  );
  const open = [schema];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    open.push(...Object.values(next));
    if ('properties' in next) completeMap(next as MapSchema);
  }
  return {
    title: 'murmur8 pipeline',
    description: 'Stages of agents and commands, in which order they run, and what guards them.',
    ...(schema as Record<string, unknown>),
  };
}

type MapSchema = z.core.JSONSchema.ObjectSchema;

/** Each of these belongs to a form that the other one excludes. */
const EXCLUDE_EACH_OTHER: readonly (readonly [string, string])[] = [
  ['branch', 'branches'],
  ['path', 'paths'],
  ['label', 'labels'],
  ['variable', 'variables'],
  ['frames', 'limits'],
  ['run', 'agent'],
  ['run', 'task'],
  ['run', 'model'],
  ['retry', 'retries'],
  ['event', 'schedule'],
];

/** What the schema that validates cannot carry: `x-` keys, keys that exclude each other, and words for people. */
function completeMap(schema: MapSchema): void {
  const { properties = {} } = schema;
  if (schema.additionalProperties === false) schema.patternProperties = { '^x-': {} };
  for (const [key, property] of Object.entries(properties)) {
    const says = (isStrategy(properties) ? OF_STRATEGIES[key] : undefined) ?? DESCRIPTIONS[key];
    if (says !== undefined && typeof property === 'object') property.description = says;
  }
  const excluded = EXCLUDE_EACH_OTHER.filter(([one, other]) => one in properties && other in properties);
  if (excluded.length > 0) schema.allOf = excluded.map((required) => ({ not: { required: [...required] } }));
  if ('export' in properties && 'closing' in properties)
    exclude(schema, {
      not: { required: ['export', 'closing'], properties: { closing: { enum: ['commit'] } } },
    });
  if ('foreach' in properties)
    exclude(schema, { anyOf: [{ not: { required: ['max_parallel'] } }, { required: ['foreach'] }] });
  if (isAudit(properties)) schema.anyOf = [{ required: ['run'] }, { required: ['agent'] }];
  if ('schedule' in properties) schema.anyOf = [{ required: ['event'] }, { required: ['schedule'] }];
}

function exclude(schema: MapSchema, rule: z.core.JSONSchema.JSONSchema): void {
  schema.allOf = [...(schema.allOf ?? []), rule];
}

/** Of the maps of work, stages have a name, and the undoing of one has no model. */
function isAudit(properties: object): boolean {
  return 'run' in properties && 'model' in properties && !('name' in properties);
}

function isStrategy(properties: object): boolean {
  return Object.keys(properties).every((key) => key === 'name' || key === 'task');
}

const OF_STRATEGIES: Readonly<Record<string, string>> = {
  name: 'Such as IDENTITY_RESCUE; shown, and in MURMUR8_STRATEGY for a command.',
  task: 'What it means, for an agent; may hold references.',
};

/** By key: what it means, and what holds without it (defaults.ts). */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  name: 'a-z, 0-9, ".", "_" and "-", at most 63; unique among stages and groups.',
  description: 'For people.',
  version: 'Your own revision number.',
  triggers: 'What starts runs: any one of these.',
  event: 'Types of events, such as push or pull_request.merged; any one of them.',
  schedule: 'Times at which a run starts.',
  cron: 'Five fields, or @hourly, @daily, @weekly, @monthly, @yearly.',
  timezone: 'IANA name, such as Europe/Berlin. Default UTC.',
  catch_up: 'What becomes of times that passed while nobody looked. Default skip.',
  forks: 'Take events of forks as well. Default false.',
  branch: 'Globs; any one of them. For pull requests the base branch.',
  branches: 'Globs; any one of them. For pull requests the base branch.',
  path: 'Globs of changed files; any one of them.',
  paths: 'Globs of changed files; any one of them.',
  label: 'Labels; any one of them.',
  labels: 'Labels; any one of them.',
  variable: 'Another name of variables.',
  variables: 'Variables by name; a value is text, and is never expanded again.',
  defaults: 'What stages have that do not say otherwise.',
  order:
    'sequence (default): a stage that names neither depends_on nor parallel_with waits for the one before it. graph: only named dependencies count.',
  concurrency: 'Runs of one group do not overlap.',
  group: 'Name of the group; may hold references.',
  cancel_in_progress: 'A newer run ends the older one. Default false: it waits.',
  max_parallel:
    'Stages that may run at the same time, default 4; of a stage with foreach: its frames that may, default 1.',
  limits: 'Stop conditions of the run, or of one stage for its own frames. Without one there is no limit.',
  frames: 'Stop conditions for the frames of this stage; another name of limits.',
  stages: 'Stages, and groups of parallel stages.',
  closing: 'What is done once every stage has ended well. Default none.',
  parallel: 'Stages that run at the same time.',
  agent: 'Who does it. Default: the agent under defaults, then the configured one.',
  task: `What the agent is to do; \${name} stands for a variable.`,
  run: `A command line for the shell; \${name} stands for a variable, which stays data.`,
  model: 'Model of the agent.',
  timeout:
    'Longest time of one attempt: 90s, 30m, 1h30m, 2d. Default 30m; of an audit and of the export 10m.',
  retries: 'How often a failed attempt is made again. Default 0.',
  retry: 'How often, and with which pauses, a failed attempt is made again.',
  max: 'How often. Default: retries under defaults.',
  delay: 'First pause. Default 1s.',
  factor: 'By what each pause is longer than the one before. Default 2.',
  max_delay: 'Longest pause. Default 1m.',
  jitter: 'Share of a pause that is left to chance, 0 to 1. Default 0.5.',
  on: 'Exit codes, timeout, or codes such as AGENT_CRASHED. Default: every failure.',
  strategies: 'How the attempts after the first differ, in this order; the last one stays.',
  on_failure: 'After the last retry: halt (default), continue, or rollback.',
  rollback_to:
    'Stage that is undone, with all after it. Default: this stage if it has a rollback, else the only one that it waits for.',
  rollback: 'How this stage is undone.',
  requires_approval: 'People have to agree before this stage starts. Default false.',
  approvers: 'Who may vote. Default: the configured approvers, else the configured user.',
  quorum: 'Votes needed: a number, all (default) or any.',
  approval_timeout: 'How long is waited for votes. Default 24h.',
  approval_default: 'What is done when the time is over: reject (default) or approve.',
  prevent_self_approval: 'Whoever started the run cannot vote. Default false.',
  depends_on: 'Stages and groups that have to end first; [] for none.',
  parallel_with: 'Shares what these stages wait for, and does not wait for them.',
  when: 'Runs only if this holds; a fact that is not known does not hold.',
  and: 'All of these hold.',
  or: 'One of these holds; with other keys beside it: they hold, or one of these does.',
  not: 'None of these holds.',
  environment: 'A label, such as staging.',
  env: 'Environment variables of the command or agent.',
  working_directory: 'Relative to the project.',
  outputs: 'Names that the stage writes as key=value to the file named in MURMUR8_OUTPUT.',
  produces: 'Globs of files that have to be there afterwards.',
  foreach: 'One frame for each item: a list, a glob, a JSON file, or an output.',
  audit:
    'Who checks what every attempt made: a command line, or a map with run or agent. Exit code 0 approves.',
  export: 'What the run gives out, made and checked once after the last stage.',
  location: 'Directory of the result, relative to the project; may hold references.',
  files: 'Globs of files that have to be there, relative to the location. Default: whatever is there.',
  validate: 'A command line that checks the result: exit code 0 means that it holds.',
  dependency: 'Tool to which a failure is put down: DEP_<TOOL>_FAIL.',
  contract: 'Name of the contract that the engine checks.',
  reviews: 'Stages whose results the agent rates before it starts.',
  retry_rate: 'Share of frames with more than one attempt, 0 to 1.',
  reject_rate: 'Share of rejected frames, 0 to 1.',
  after_frames: 'Frames that have to end before rates count. Default 5.',
  consecutive_fails: 'Failures in a row.',
  max_attempts: 'Attempts in all.',
  max_cost_usd: 'Cost in US dollars.',
  max_tokens: 'Tokens in all.',
  max_duration: 'Longest time in all.',
  quota_wait:
    'Longest wait for an agent that has no quota left or whose service is overloaded. Default 1h; 0s: none.',
  stall_timeout: 'Longest silence of an attempt: no event and no output for so long.',
};

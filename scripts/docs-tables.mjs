import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSource } from './load-source.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The pages that are made out of the source, whole or in part, by path. */
export async function generatedPages() {
  const source = await loadSource(`
    import * as z from 'zod';
    import { runEventBodySchema } from './src/core/run/event.ts';
    import { JOURNAL_VERSION } from './src/core/run/journal-version.ts';
    import { resultOfFailure } from './src/core/otel/run-result.ts';
    import { nextPipelineStep } from './src/core/status/pipeline-next.ts';
    import { errorTypeOf, nextStep, REASONS } from './src/core/status/reason.ts';
    export const events = z.toJSONSchema(runEventBodySchema);
    export { errorTypeOf, JOURNAL_VERSION, nextPipelineStep, nextStep, REASONS, resultOfFailure };
  `);
  return {
    'docs/status.md': withPart('docs/status.md', 'reason codes', reasonCodes(source)),
    'docs/journal.md': journal(source.events, source.JOURNAL_VERSION),
  };
}

const NOTE = (from) => `<!-- made by scripts/docs.mjs out of ${from}; changes here are lost -->`;

/** A page with its part between `<!-- name: … -->` and `<!-- end of name -->` made anew. */
function withPart(page, name, lines) {
  const text = readFileSync(join(root, page), 'utf8');
  const begin = text.indexOf(`<!-- ${name}:`);
  const start = text.indexOf('\n', begin) + 1;
  const end = text.indexOf(`<!-- end of ${name} -->`);
  if (begin < 0 || end < start) throw new Error(`${page}: has no part for its ${name}`);
  return `${text.slice(0, start)}\n${lines.join('\n')}\n\n${text.slice(end)}`;
}

/** In two tables, so that each can be read: what a code means for people, and how others call it. */
function reasonCodes({ REASONS, errorTypeOf, nextStep, nextPipelineStep, resultOfFailure }) {
  const codes = [...Object.entries(REASONS), ['DEP_&lt;TOOL&gt;_FAIL', { ...REASONS.TESTS_FAILED, ...TOOL }]];
  const meanings = codes.map(([code, { status, message }]) => {
    const known = code.startsWith('DEP_&') ? 'DEP_TOOL_FAIL' : code;
    const feature = nextStep(known, '<run>');
    const pipeline = nextPipelineStep(known, '<run>');
    return `| \`${code.replace('&lt;', '<').replace('&gt;', '>')}\` | ${status} | ${message} | ${cell(feature)} | ${pipeline === feature ? '' : cell(pipeline)} |`;
  });
  const names = codes.map(([code, { status, exit, history }]) => {
    const failed = status === 'failed';
    const result = { 'in-progress': '', completed: 'success', stopped: 'cancellation' }[status];
    const cells = [
      status,
      exit,
      history ?? '',
      failed ? errorTypeOf(code) : '',
      failed ? resultOfFailure(code) : result,
    ];
    return `| \`${code.replace('&lt;', '<').replace('&gt;', '>')}\` | ${cells.join(' | ')} |`;
  });
  return [
    '| Code | Status | Meaning | Next, for a feature | Next, for a pipeline, where it differs |',
    '| --- | --- | --- | --- | --- |',
    ...meanings,
    '',
    '| Code | `status` | Exit code | History | `error_type` | `cicd.pipeline.result` |',
    '| --- | --- | --- | --- | --- | --- |',
    ...names,
  ];
}

/** The one family of codes that is open. */
const TOOL = { message: 'the program that the name says failed' };

function cell(text) {
  return text.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('|', '\\|');
}

/** What each event says, in a sentence. An event without one, or the other way round, is an error. */
const MEANINGS = {
  'run.created': 'The first event: everything the run depends on, frozen.',
  'segment.started':
    'The run begins, or goes on after it had ended; `runId` of the envelope is new from here on.',
  'stage.started': 'A stage begins, with its frames: one, or one per step of the plan.',
  'stage.skipped': 'A stage is not run, and why; with its evaluated condition.',
  'settings.changed':
    'A run whose owner died goes on with other options than it was begun with; they count from here on.',
  'condition.met': 'The condition of a stage was looked at and holds, with the evaluated tree.',
  'attempt.started': 'An agent is about to be started for a frame.',
  'session.opened': 'The agent named its session, so that it can be continued even if this process dies.',
  'attempt.generated': 'The agent has ended. What it left behind is not judged yet.',
  'attempt.spent': 'What an attempt has used so far: it stays known if the driving process dies.',
  'attempt.waiting': 'The frame waits until a runner’s service answers again.',
  'attempt.judged': 'The contract was checked: approved, or rejected with the findings.',
  'audit.failed':
    'The check itself could not be made: nothing is known about the result, and only the check is repeated.',
  'frame.failed': 'The attempts of a frame are used up; the others of its stage go on, or not.',
  'attempt.abandoned': 'An attempt that was under way when the driving process died or was stopped.',
  'checkpoint.made': 'The working tree before an attempt, as a commit on a private ref.',
  'feedback.given': 'The next agent rated what it received.',
  'feedback.missing': 'A rating was asked for and none came in the form asked for.',
  'gate.answered': 'A person decided about a rating.',
  'question.answered': 'A person answered an agent’s question.',
  'stage.finished': 'A stage has ended.',
  'work.failed': 'Something around the stages failed, such as writing a file or calling git.',
  'approval.requested':
    'A gate is closed before a stage: who may vote, how many votes it takes, until when, and hashes of what is approved.',
  'approval.notified': 'A channel was handed the request, or what came of it.',
  'approval.voted': 'Somebody with a seat approved or rejected.',
  'approval.delegated': 'A seat that had not voted went to somebody else.',
  'approval.closed':
    'The gate is decided: by votes, by its deadline, by the end of the run, or void because what was approved has changed.',
  'request.refused': 'Somebody asked something of the run that it does not grant, and why.',
  'rollback.started': 'The run goes back: which stages are undone, in this order, and why.',
  'rollback.step.started': 'A stage is about to be undone.',
  'rollback.step.finished': 'A stage was undone, or was not; an interrupted step is made again.',
  'rollback.finished': 'The rollback has ended.',
  notice: 'Something a reader should know; it changes nothing.',
  'stop.requested': 'Somebody asked the run to stop: a signal, or `murmur8 cancel`.',
  'run.closed': 'What the run changed was committed, what it gives out was made and checked, or neither.',
  'run.stopped': 'The run has ended and can go on.',
  'run.finished': 'The run has ended for good, or failed.',
  'diagnostic.written': 'What is known about the failure of the run was written to a file.',
  'history.recorded': 'The entry of this segment is in the history file.',
};

function journal(events, version) {
  definitions = events.$defs ?? {};
  const bodies = events.oneOf ?? events.anyOf;
  const types = bodies.map((body) => body.properties.type.const);
  const unknown = [
    ...types.filter((type) => !(type in MEANINGS)),
    ...Object.keys(MEANINGS).filter((type) => !types.includes(type)),
  ];
  if (unknown.length > 0)
    throw new Error(`scripts/docs-tables.mjs: no meaning, or no event: ${unknown.join(', ')}`);
  return [
    NOTE('src/core/run/event.ts'),
    '# The journal',
    '',
    '`.claude/runs/<run>/journal.jsonl` is the truth about a run. It is append-only, one JSON object per line, and each',
    'event is durable before the program acts upon it. `--events` prints the same lines while a run goes on. The JSON',
    'Schema is part of the package: `murmur8/schema/run-event.json`.',
    '',
    'A torn last line was never acted upon and is cut by the next owner. Any other line that cannot be read stops the',
    'run with `SYS_STATE_CORRUPT` and the place; nothing is guessed.',
    '',
    'Every event has the envelope',
    '',
    '| Field | Form | Meaning |',
    '| --- | --- | --- |',
    `| \`v\` | ${version} | version of the event’s form; a higher one is not read |`,
    '| `seq` | number | position in the journal, from 1, without gaps |',
    '| `epoch` | number | which owner wrote it; grows with every process that takes the run over |',
    '| `at` | text | ISO 8601, UTC |',
    '| `runId` | text | id of the segment, as in history and telemetry |',
    '| `type` | text | one of the following |',
    '',
    ...bodies.flatMap((body) => eventSection(body)),
  ].join('\n');
}

function eventSection({ properties, required }) {
  const { type, ...fields } = properties;
  const names = Object.keys(fields);
  const rows = names.map(
    (name) => `| \`${name}\`${required.includes(name) ? '' : ' (may be absent)'} | ${formOf(fields[name])} |`,
  );
  const table = names.length === 0 ? ['It has no fields.'] : ['| Field | Form |', '| --- | --- |', ...rows];
  return [`## \`${type.const}\``, '', MEANINGS[type.const], '', ...table, ''];
}

/** Forms that refer to themselves, such as an evaluated condition. */
let definitions = {};

/** A schema in a few words; objects one level deep by the names of their fields. */
function formOf(schema) {
  if (schema.$ref !== undefined) return formOf(definitions[schema.$ref.split('/').at(-1)] ?? {});
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(' or ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.map((choice) => formOf(choice)).join(' or ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => formOf({ ...schema, type })).join(' or ');
  switch (schema.type) {
    case 'array':
      return `list of ${formOf(schema.items)}`;
    case 'object':
      return schema.properties === undefined
        ? `object of ${formOf(schema.additionalProperties)}`
        : `object: ${Object.keys(schema.properties)
            .map((name) => `\`${name}\`${schema.required?.includes(name) ? '' : '?'}`)
            .join(', ')}`;
    case 'string':
      return 'text';
    case 'integer':
      return 'number';
    default:
      return schema.type ?? 'anything';
  }
}

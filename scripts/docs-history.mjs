/**
 * Fills a project with what a few weeks of work leave behind, for the pages of docs/ that show what can be learned from
 * it: thirty-two runs of twenty-seven tasks in `.claude/pipeline-history.json` and `tasks/30-done/`. The same each time,
 * and made up: of two models, `small` is cheap and good at work of low ambiguity, `large` is dear and good at all.
 */
import { mkdirSync, writeFileSync } from 'node:fs';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const BEGIN = Date.parse('2026-01-05T09:00:00.000Z');
const STAGES = { alex: 1.5, cass: 1.2, nigel: 3.1, 'codey-plan': 1.1, 'codey-implement': 10.2 };
const PRICES = { large: 0.09, small: 0.02 };

const runs = [
  ...Array.from({ length: 14 }, (_, n) => ({ task: `report-${n + 1}`, ambiguity: 'low', model: 'small' })),
  ...Array.from({ length: 8 }, (_, n) => ({ task: `import-${n + 1}`, ambiguity: 'high', model: 'small' })),
  ...Array.from({ length: 10 }, (_, n) => ({ task: `import-${n + 4}`, ambiguity: 'high', model: 'large' })),
].map((run, number) => ({ ...run, ...madeOf(run, number) }));

mkdirSync('.claude', { recursive: true });
mkdirSync('tasks/30-done', { recursive: true });
writeFileSync('.claude/pipeline-history.json', `${JSON.stringify(runs.map(entryOf), null, 2)}\n`);
for (const task of new Set(runs.map((run) => run.task))) {
  const own = runs.filter((run) => run.task === task);
  const day = new Date(own.at(-1).endMs).toISOString().slice(0, 10);
  writeFileSync(`tasks/30-done/${day} task-${task}.md`, taskOf(task, own));
}

/** What a run did; every number grows out of the run's own. */
function madeOf({ ambiguity, model }, number) {
  const isHard = ambiguity === 'high' && model === 'small';
  const failed = (isHard && number % 8 > 0 && number % 8 < 6) || number === 9;
  const startMs = BEGIN + 2 * number * DAY;
  let endMs = startMs;
  const stages = Object.entries(STAGES).map(([name, minutes], at) => {
    const isWork = name === 'codey-implement';
    const slow = isWork && number === 17 ? 9 : isWork && isHard ? 1.4 : 1;
    const durationMs = Math.round((minutes * slow * (90 + ((number * 7 + at * 5) % 25)) * MINUTE) / 100);
    const cost = Math.round((durationMs / MINUTE) * PRICES[model] * 1e4) / 1e4;
    const begunMs = endMs;
    endMs += durationMs;
    return {
      name,
      startedAt: new Date(begunMs).toISOString(),
      completedAt: new Date(endMs).toISOString(),
      durationMs,
      status: failed && isWork ? 'failed' : 'success',
      attempts: isWork && (failed || number % 5 === 0) ? 3 : 1,
      runner: 'offline',
      model,
      cost,
      ...(isWork
        ? {}
        : { feedback: { rating: failed && at < 2 ? 2 : 4, issues: [], recommendation: 'proceed' } }),
    };
  });
  const runId = `${(0x7a30c000 + number * 7919).toString(16)}-5b1e-4c7d-9f02-${String(number).padStart(12, '3')}`;
  return { startMs, endMs, stages, failed, runId };
}

function entryOf({ task, startMs, endMs, stages, failed, runId }) {
  return {
    slug: task,
    status: failed ? 'failed' : 'success',
    runId,
    startedAt: new Date(startMs).toISOString(),
    completedAt: new Date(endMs).toISOString(),
    totalDurationMs: endMs - startMs,
    stages: Object.fromEntries(stages.map(({ name, ...stage }) => [name, stage])),
    failedStage: failed ? 'codey-implement' : null,
    pausedAfter: null,
    ...(failed ? { reasonCode: 'TESTS_FAILED' } : {}),
  };
}

function taskOf(id, own) {
  const at = new Date(own.at(-1).endMs).toISOString();
  const attempts = own.flatMap(({ startMs, endMs, failed, model, runId }) => [
    `    - started_at: "${new Date(startMs).toISOString()}"`,
    `      ended_at: "${new Date(endMs).toISOString()}"`,
    `      duration_seconds: ${Math.round((endMs - startMs) / 1000)}`,
    `      status: ${failed ? 'failed' : 'completed'}`,
    '      executor:',
    '        tool: offline',
    `        model: ${model}`,
    `      notes: murmur8 run ${runId}`,
  ]);
  return [
    '---',
    `id: ${id}`,
    `title: ${id.startsWith('import') ? 'Take over data from another system' : 'One more report'}`,
    'kind: task',
    'state: done',
    `size: ${id.startsWith('import') ? 'large' : 'small'}`,
    `ambiguity: ${own[0].ambiguity}`,
    `created_at: ${new Date(BEGIN).toISOString()}`,
    `updated_at: ${at}`,
    `completed_at: ${at}`,
    'execution:',
    '  attempts:',
    ...attempts,
    '---',
    '',
  ].join('\n');
}

import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runListContract } from '../../src/interfaces/contract/run.ts';
import { murmur8 } from '../rig/cli.ts';
import { createPipelineProject, type PipelineProject } from '../rig/pipeline-project.ts';
import { stateDocument } from '../rig/state-document.ts';
import { until } from '../rig/until.ts';

const LOOKS = 10_000;
const STAGES = 120;
const FRAMES = 150;
/** Stages of which each goes on once somebody has seen that the one before is done. */
const STEPS = 12;
/** The test says when: nothing moves before somebody looks, and nothing ends before it has looked often enough. */
const wait = (file: string) => `until [ -e ${file} ]; do sleep 0.02; done`;

let project: PipelineProject;
beforeEach(() => {
  project = createPipelineProject();
});
afterEach(() => project.remove());

function manyTransitions(): string {
  const short = Array.from(
    { length: STAGES },
    (_, index) => `  - {name: short-${index}, run: "true", depends_on: [first]}`,
  );
  const steps = Array.from(
    { length: STEPS },
    (_, index) =>
      `  - {name: step-${index}, run: "${wait(`go-${index}`)}", depends_on: [${index === 0 ? 'first' : `step-${index - 1}`}]}`,
  );
  const items = Array.from({ length: FRAMES }, (_, index) => `item-${index}`).join(', ');
  return [
    'name: many',
    'max_parallel: 3',
    'stages:',
    `  - {name: first, run: "${wait('begin')}"}`,
    ...steps,
    ...short,
    `  - {name: frames, run: "true", foreach: [${items}], max_parallel: 3, depends_on: [short-0]}`,
    `  - {name: last, run: "${wait('end')}", depends_on: [frames]}`,
    '',
  ].join('\n');
}

function isDone(document: string, stage: string): boolean {
  const { stages } = stateDocument.parse(JSON.parse(document));
  return stages.some(({ name, status }) => name === stage && status === 'succeeded');
}

test('whoever polls state.json ten thousand times sees whole documents only, and none older than the one before', async () => {
  await project.register(manyTransitions());
  const started = project.startPipeline('run', 'many');
  const [run = ''] = await until(() => {
    const runs = project.runs();
    expect(project.has(`.claude/runs/${runs[0]}/state.json`)).toBe(true);
    return runs;
  });
  const file = project.path('.claude/runs', run, 'state.json');
  const seen: string[] = [];
  let step = 0;
  const look = (): void => {
    const text = readFileSync(file, 'utf8');
    if (text === seen.at(-1)) return;
    seen.push(text);
    if (!isDone(text, `step-${step}`)) return;
    step += 1;
    project.write(`go-${step}`, '');
  };
  look();
  project.write('begin', '');
  project.write('go-0', '');
  for (let looks = 0; looks < LOOKS; looks += 1) {
    look();
    // The program's output has to go somewhere.
    if (looks % 500 === 0) await breathe();
  }
  await until(() => {
    look();
    expect(step).toBe(STEPS);
    // The document lists the first fifty stages: this is the last of them.
    expect(isDone(seen.at(-1) ?? '', 'short-36')).toBe(true);
  });
  project.write('end', '');
  expect((await started.ended).code).toBe(0);
  look();

  const documents = seen.map((text) => stateDocument.parse(JSON.parse(text)));
  expect(documents.length).toBeGreaterThan(STEPS);
  let [before] = documents;
  for (const document of documents) {
    expect(document.status.timestamp >= (before?.status.timestamp ?? '')).toBe(true);
    for (const figure of ['total_attempts', 'frames_completed'] as const)
      expect(document.status.metrics[figure]).toBeGreaterThanOrEqual(before?.status.metrics[figure] ?? 0);
    before = document;
  }
  expect(before).toMatchObject({
    phase: 'succeeded',
    status: {
      status: 'completed',
      metrics: { total_frames: STAGES + FRAMES + STEPS + 2, frames_completed: STAGES + FRAMES + STEPS + 2 },
    },
  });
  expect(project.filesBelow(`.claude/runs/${run}`).filter((name) => name.includes('state.json'))).toEqual([
    `.claude/runs/${run}/state.json`,
  ]);
});

test('every change is shown before what follows from it is begun', async () => {
  const stages = Array.from({ length: 5 }, (_, index) => {
    const needs = index === 0 ? '' : `, depends_on: [stage-${index - 1}]`;
    return `  - {name: stage-${index}, run: "cp .claude/runs/*/state.json seen-${index}.json"${needs}}`;
  });
  await project.register(['name: chain', 'stages:', ...stages, ''].join('\n'));
  expect((await project.pipeline('run', 'chain')).code).toBe(0);
  for (let index = 0; index < 5; index += 1) {
    const document = stateDocument.parse(JSON.parse(project.read(`seen-${index}.json`)));
    expect(document.status.metrics).toMatchObject({ frames_completed: index, total_attempts: index + 1 });
    expect(document.stages.map(({ status }) => status)).toEqual([
      ...Array<string>(index).fill('succeeded'),
      'running',
      ...Array<string>(4 - index).fill('pending'),
    ]);
  }
});

test('the last twenty statuses are kept from one owner to the next', async () => {
  await project.register(
    'name: again\nstages: [{name: only, run: "echo >> ran; [ $(wc -l < ran) -gt 8 ]"}]\n',
  );
  const histories: string[][] = [];
  expect((await project.pipeline('run', 'again')).code).toBe(1);
  const [run = ''] = project.runs();
  const history = (): string[] =>
    stateDocument
      .parse(JSON.parse(project.read(`.claude/runs/${run}/state.json`)))
      .status_history.map(({ timestamp, reason_code }) => `${timestamp} ${reason_code}`);
  histories.push(history());
  for (let segment = 2; segment <= 9; segment += 1) {
    expect((await project.pipeline('resume', run)).code).toBe(segment === 9 ? 0 : 1);
    histories.push(history());
  }
  for (const [index, now] of histories.slice(1).entries()) {
    const before = histories[index] ?? [];
    const kept = now.filter((one) => before.includes(one));
    expect(kept).toEqual(before.slice(-kept.length));
    expect(now.slice(0, kept.length)).toEqual(kept);
    expect(now).toHaveLength(Math.min(20, new Set([...before, ...now]).size));
  }
  expect(histories.at(-1)).toHaveLength(20);
});

test('and where the document was lost, they are found in the journal', async () => {
  await project.register('name: again\nstages: [{name: only, run: "[ -e ok ]"}]\n');
  expect((await project.pipeline('run', 'again')).code).toBe(1);
  const [run = ''] = project.runs();
  const file = `.claude/runs/${run}/state.json`;
  const { status_history: before } = stateDocument.parse(JSON.parse(project.read(file)));
  rmSync(project.path(file));
  project.write('ok', '');
  expect((await project.pipeline('resume', run)).code).toBe(0);
  const { status_history: after } = stateDocument.parse(JSON.parse(project.read(file)));
  expect(after).toEqual(expect.arrayContaining([...before]));
  expect(after.at(-1)?.status).toBe('completed');
  expect(after.map(({ timestamp }) => timestamp)).toEqual(after.map(({ timestamp }) => timestamp).sort());
});

describe('what is remembered of a run when it is over', () => {
  test('are the figures of its status, also when its files are gone; older records have none', async () => {
    const item = '$' + '{item}';
    await project.register(
      [
        'name: three',
        'stages:',
        '  - name: only',
        '    foreach: [a, b, c]',
        '    retry: {max: 2}',
        `    run: if [ ${item} = b ] && ! [ -e again ]; then touch again; exit 1; fi`,
        '',
      ].join('\n'),
    );
    expect((await project.pipeline('run', 'three')).code).toBe(0);
    const [run = ''] = project.runs();
    const document = stateDocument.parse(JSON.parse(project.read(`.claude/runs/${run}/state.json`)));
    const { metrics } = document.status;
    expect(metrics).toMatchObject({
      total_frames: 3,
      frames_completed: 3,
      total_attempts: 4,
      retry_rate: 1 / 3,
    });
    const file = '.claude/pipelines/history.jsonl';
    const [row = ''] = project.lines(file);
    expect(JSON.parse(row).metrics).toEqual(metrics);
    const { metrics: _, ...older } = { ...JSON.parse(row), execution_id: randomUUID(), run_id: randomUUID() };
    project.write(file, `${JSON.stringify(older)}\n${row}\n`);
    rmSync(project.path('.claude/runs', run), { recursive: true });
    const listed = await project.pipeline('history', 'three', '--json');
    const { runs } = runListContract.parse(JSON.parse(listed.stdout));
    expect(runs.map((one) => one.metrics)).toEqual(expect.arrayContaining([metrics, null]));
    const [titles = '', ...lines] = (await project.pipeline('history', 'three')).stdout.split('\n');
    expect(titles).toMatch(/ FRAMES {2}ATTEMPTS /);
    expect(lines.join('\n')).toMatch(/ 3\/3 +4 /);
    expect(lines.join('\n')).toMatch(/ - +- /);
  });

  test('are the same of a feature', async () => {
    await murmur8(['implement-feature', 'greeting', '--brief', project.brief, '--runner', 'offline'], {
      cwd: project.root,
    });
    const [run = ''] = project.runs();
    const { status } = JSON.parse(project.read(`.claude/runs/${run}/state.json`));
    expect(status.metrics.total_attempts).toBeGreaterThan(3);
    expect(project.history()).toMatchObject([{ metrics: status.metrics }]);
  });
});

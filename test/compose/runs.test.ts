import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { allRuns, findRun, lookForRun, statusNow } from '../../src/compose/runs.ts';
import {
  aChain,
  aPipeline,
  approved,
  BEGINNING,
  begun,
  created,
  generated,
  started,
  succeeds,
} from '../rig/run-builder.ts';
import { createRunsPlace, type RunsPlace, type StoredTestRun } from '../rig/stored-run.ts';

const ONE = 'e1000000-0000-4000-8000-000000000001';
const OTHER = 'e1ffffff-0000-4000-8000-000000000002';
const NOW = BEGINNING + 60_000;

let place: RunsPlace;
beforeEach(() => {
  place = createRunsPlace();
});
afterEach(() => place.remove());

/** The second of two stages is at work. */
function working(id = ONE, name = 'deploy'): StoredTestRun {
  const run = place.begin(
    id,
    created(aPipeline(aChain('plan', 'build'), { name })),
    { type: 'segment.started', previousRunId: null },
    ...succeeds('plan'),
  );
  run.tell(started('build'), begun('build'));
  return run;
}

const ENDS = [
  generated('build'),
  approved('build'),
  { type: 'stage.finished', stage: 'build', status: 'succeeded' },
  { type: 'run.finished', status: 'succeeded', code: 'ALL_STAGES_SUCCEEDED' },
] as const;

function found(name?: string) {
  const look = lookForRun(place.stateDir, name);
  if (!look.found.ok) throw new Error(look.found.error.message);
  return { ...look.found.value, passedOver: look.passedOver };
}

function problem(name?: string) {
  const look = lookForRun(place.stateDir, name);
  if (look.found.ok) throw new Error(`found ${look.found.value.run.document.executionId}`);
  return look.found.error;
}

/** Everything that lies there: to read is not to write. */
function everything(): string {
  return readdirSync(place.stateDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => `${path}\n${readFileSync(path, 'latin1')}`)
    .join('\n');
}

describe('a status document that cannot be used', () => {
  test.each([
    ['is missing', undefined],
    ['is empty', ''],
    ['is torn', '{"v":1,"executionId":"e1'],
    ['is of another kind', '[]'],
    ['is of an older form', '{"v":0,"status":"running"}'],
  ])('because it %s is made again out of the journal, as it was', (_, text) => {
    const run = working();
    const file = join(run.directory, 'state.json');
    const before = JSON.parse(readFileSync(file, 'utf8'));
    if (text === undefined) rmSync(file);
    else writeFileSync(file, text);
    const here = everything();
    for (const name of [ONE, 'e1', undefined]) {
      const { run: read, rebuilt } = found(name);
      expect(read.document.status).toEqual(before.status);
      expect(read.document.stages).toEqual(before.stages);
      expect(read.document.status_history.at(-1)).toEqual(before.status_history.at(-1));
      expect(read.stored.owner.state).toBe('held');
      expect(rebuilt).toMatchObject({ file, message: expect.stringContaining('out of the journal') });
    }
    expect([...allRuns(place.stateDir)]).toHaveLength(1);
    expect(everything()).toBe(here);
  });
});

describe('a status document that is behind its journal', () => {
  test('is brought up to date where the owner is gone: what ended has ended', () => {
    const run = working();
    run.unseen(...ENDS);
    run.leave();
    const { run: read, rebuilt, damaged } = found(ONE);
    expect(statusNow(read, NOW)).toMatchObject({ status: 'completed', reason_code: 'ALL_STAGES_SUCCEEDED' });
    expect(read.document.status_history.map(({ reason_code }) => reason_code)).toContain(
      'ALL_STAGES_SUCCEEDED',
    );
    expect([rebuilt, damaged]).toEqual([undefined, undefined]);
    expect([...allRuns(place.stateDir)].map((each) => each.document.phase)).toEqual(['succeeded']);
  });

  test('stands as it is while its owner lives', () => {
    const run = working();
    run.unseen(...ENDS);
    expect(statusNow(found(ONE).run, NOW).status).toBe('in-progress');
  });
});

describe('a run without an owner', () => {
  test('has lost it, and names its latest log', () => {
    const run = working();
    run.leave();
    const log = join(run.directory, 'logs/build/0-1.log');
    mkdirSync(join(run.directory, 'logs/build'));
    writeFileSync(log, 'half a line');
    expect(statusNow(found(ONE).run, NOW)).toMatchObject({
      status: 'failed',
      reason_code: 'SYS_OWNER_LOST',
      details: { diagnostic_path: log },
    });
  });
});

describe('a damaged journal', () => {
  function damage(run: StoredTestRun): string {
    const file = join(run.directory, 'journal.jsonl');
    const lines = readFileSync(file, 'utf8').split('\n');
    lines[2] = '{"seq":3, gone';
    writeFileSync(file, lines.join('\n'));
    utimesSync(file, new Date(), new Date(Date.now() + 60_000));
    return file;
  }

  test('is named with its line beside what its owner wrote last', () => {
    const run = working();
    run.tell(...ENDS);
    run.leave();
    const file = damage(run);
    const { run: read, damaged } = found(ONE);
    expect(read.document.phase).toBe('succeeded');
    expect(damaged).toMatchObject({ code: 'SYS_STATE_CORRUPT', file, line: 3 });
  });

  test('without a status document is all that can be said of its run', () => {
    const run = working();
    run.leave();
    const file = damage(run);
    rmSync(join(run.directory, 'state.json'));
    for (const name of [ONE, 'e1'])
      expect(problem(name)).toMatchObject({ code: 'SYS_STATE_CORRUPT', file, line: 3 });
  });

  test('does not keep another run from being shown, and is mentioned where the newest is asked for', () => {
    const other = working(OTHER, 'release');
    const run = working();
    run.leave();
    const file = damage(run);
    rmSync(join(run.directory, 'state.json'));
    expect(found(other.executionId)).toMatchObject({
      run: { document: { pipeline: 'release' } },
      passedOver: [],
    });
    expect(found()).toMatchObject({
      run: { document: { pipeline: 'release' } },
      passedOver: [{ file, line: 3 }],
    });
    expect(problem('e1')).toMatchObject({
      code: 'bad-id',
      hint: expect.stringContaining(`${ONE} (damaged)`),
    });
  });

  test('whose events do not fit each other is damaged too', () => {
    const run = working();
    run.leave();
    const file = join(run.directory, 'journal.jsonl');
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, [lines[0], ...lines.slice(5)].join('\n'));
    rmSync(join(run.directory, 'state.json'));
    expect(problem(ONE)).toMatchObject({ code: 'SYS_STATE_CORRUPT', file });
  });

  test('that was cut off before the run began holds nothing', () => {
    const run = working();
    run.leave();
    writeFileSync(join(run.directory, 'journal.jsonl'), '');
    rmSync(join(run.directory, 'state.json'));
    expect(problem(ONE)).toMatchObject({
      code: 'SYS_STATE_CORRUPT',
      message: expect.stringContaining('nothing'),
    });
  });

  test('that is gone is said of a run that is named', () => {
    const run = working();
    run.leave();
    rmSync(join(run.directory, 'journal.jsonl'));
    expect(problem(ONE)).toMatchObject({ code: 'SYS_STATE_CORRUPT', file: run.directory });
  });
});

describe('a name', () => {
  test('may be a whole id, or a beginning that only one run has', () => {
    working();
    working(OTHER, 'release');
    expect(found(OTHER).run.document.executionId).toBe(OTHER);
    expect(found('e1f').run.document.executionId).toBe(OTHER);
  });

  test('that begins several ids names them', () => {
    working();
    working(OTHER, 'release');
    expect(problem('e1')).toMatchObject({ code: 'bad-id', message: '"e1" begins the ids of 2 runs' });
    for (const id of [`${ONE} (deploy)`, `${OTHER} (release)`]) expect(problem('e1').hint).toContain(id);
  });

  test.each([
    ['e1fffffe', `did you mean ${OTHER}`],
    ['deplyo', `did you mean deploy? its newest run is ${ONE}`],
    ['release', `release is a pipeline; its newest run is ${OTHER}`],
    ['something-else', 'known runs: '],
    ['../../etc', 'known runs: '],
    ['', 'did you mean'],
  ])('that no run has (%j) is answered with what may be meant', (name, hint) => {
    working();
    working(OTHER, 'release');
    expect(problem(name).code).toBe('not-found');
    expect(problem(name).hint).toContain(hint);
  });

  test('is not needed for the newest run, and no run is said to be none', () => {
    expect(problem()).toMatchObject({ code: 'not-found', message: 'there are no runs yet' });
    expect(existsSync(place.stateDir)).toBe(false);
  });

  test('of a copy of a run is its directory’s', () => {
    const run = working();
    run.leave();
    cpSync(run.directory, join(place.stateDir, 'runs', OTHER), { recursive: true });
    expect(findRun(place.stateDir, OTHER).ok).toBe(true);
  });
});

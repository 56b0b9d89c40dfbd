import { describe, expect, test } from 'vitest';
import { createMasker } from '../../../src/core/agent/mask.ts';
import type { DiagnosticFacts } from '../../../src/core/diagnostic/facts.ts';
import { diagnosticText } from '../../../src/core/diagnostic/text.ts';
import { replay } from '../../../src/core/run/apply.ts';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import { aPipeline, aStage, created, EXECUTION, envelopes } from '../../rig/run-builder.ts';

const FACTS: DiagnosticFacts = {
  environmentNames: ['API_KEY', 'HOME'],
  machine: { murmur8: '5.1.0', node: 'v22.1.0', platform: 'linux', arch: 'x64', osRelease: '6.1' },
  gitVersion: '2.43.0',
};

function failedRun(bodies: readonly RunEventBody[]): RunState {
  const state = replay(
    envelopes([
      created(aPipeline([aStage('draw', { retries: 3 }), aStage('pack')])),
      { type: 'segment.started', previousRunId: null },
      ...bodies,
    ]),
  );
  if (state === undefined) throw new Error('no state');
  return state;
}

function drawing(message = 'exit code 9: no paper', findings: string[] = []): RunState {
  const frame = { stage: 'draw', frame: 1, attempt: 1 };
  return failedRun([
    {
      type: 'stage.started',
      stage: 'draw',
      frames: [{ title: 'one' }, { title: 'two' }, { title: 'three' }],
    },
    { type: 'attempt.started', stage: 'draw', frame: 0, attempt: 1, agent: 'draw', runner: 'claude' },
    { type: 'attempt.started', ...frame, agent: 'draw', runner: 'codex', model: 'big', strategy: 'CALM' },
    { type: 'attempt.generated', ...frame, outcome: 'ok', exitCode: 9 },
    { type: 'attempt.judged', ...frame, verdict: 'rejected', findings },
    { type: 'frame.failed', stage: 'draw', frame: 1, status: 'rejected', code: 'OUTPUT_INVALID', message },
    { type: 'stage.finished', stage: 'draw', status: 'failed', code: 'OUTPUT_INVALID', message },
    { type: 'run.finished', status: 'failed', code: 'OUTPUT_INVALID', message, failedStage: 'draw' },
  ]);
}

const plain = (text: string): string => text;

/** The lines below a title. */
function section(text: string, title: string): string[] | undefined {
  const [, rest] = text.split(`${title}\n`);
  return rest
    ?.split('\n\n')[0]
    ?.split('\n')
    .filter((line) => line !== '');
}

test('says which frame of which stage failed, in which attempt, how and when', () => {
  const text = diagnosticText(drawing(), FACTS, plain);
  expect(section(text, 'What failed')).toEqual([
    `  Run:       ${EXECUTION}`,
    '  Pipeline:  sample',
    '  Stage:     draw',
    '  Frame:     2 of 3, two',
    '  Attempt:   1 by draw (codex, big), strategy CALM, ended ok, exit code 9, rejected',
    '  Code:      OUTPUT_INVALID, a stage’s result does not hold its contract',
    '  Message:   exit code 9: no paper',
    '  At:        2026-01-05T09:00:09.000Z',
    '  Directory: /project',
  ]);
});

test('a failure before any stage is told without stage, attempt and output', () => {
  const text = diagnosticText(
    failedRun([
      { type: 'work.failed', code: 'SYS_WRITE_ERROR', message: 'the disk is full' },
      { type: 'run.finished', status: 'failed', code: 'SYS_WRITE_ERROR', message: 'the disk is full' },
    ]),
    FACTS,
    plain,
  );
  expect(section(text, 'What failed')).toEqual([
    `  Run:       ${EXECUTION}`,
    '  Pipeline:  sample',
    '  Code:      SYS_WRITE_ERROR, a file could not be written',
    '  Message:   the disk is full',
    '  At:        2026-01-05T09:00:03.000Z',
    '  Directory: /project',
  ]);
  expect(text).not.toContain('What it printed last');
});

test('names what to type next with the run’s own id', () => {
  const [next = ''] = section(diagnosticText(drawing(), FACTS, plain), 'What to type next') ?? [];
  expect(next).toContain(`murmur8 pipeline logs ${EXECUTION}`);
  expect(next).toContain(`murmur8 pipeline retry ${EXECUTION}`);
});

test('shows the last output with its place, and versions of all that took part', () => {
  const output = { path: '/logs/draw/1-1.log', lines: ['a', 'b'], isCut: true };
  const text = diagnosticText(drawing(), { ...FACTS, output, agentVersion: '1.2.3' }, plain);
  expect(section(text, 'What it printed last')).toEqual([
    '  (the end of /logs/draw/1-1.log)',
    '  | a',
    '  | b',
  ]);
  expect(section(text, 'Versions')).toEqual([
    '  murmur8:   5.1.0',
    '  node:      v22.1.0',
    '  system:    linux x64, 6.1',
    '  git:       2.43.0',
    '  runner:    codex',
    '  agent:     1.2.3',
  ]);
  expect(section(text, 'Names of the variables in the environment')).toEqual(['  API_KEY', '  HOME']);
  expect(section(text, 'How far the run came')).toEqual([
    expect.stringMatching(/^ {2}0 of \d frames completed, 2 failed, 2 attempts$/),
  ]);
});

test('a stack trace stands there only if it was given', () => {
  expect(diagnosticText(drawing(), FACTS, plain)).not.toContain('Stack trace');
  const text = diagnosticText(drawing(), { ...FACTS, stackTrace: 'Error: x\n    at y' }, plain);
  expect(section(text, 'Stack trace')).toEqual(['  Error: x', '      at y']);
});

describe('whatever an agent says', () => {
  test('is masked wherever it stands', () => {
    const secret = 'planted-secret-value';
    const text = diagnosticText(
      drawing(`it said ${secret}`, [`found ${secret}`]),
      { ...FACTS, output: { path: '/l', lines: [`> ${secret}`], isCut: false }, stackTrace: secret },
      createMasker([secret]),
    );
    expect(text).not.toContain(secret);
    expect(text.match(/\*\*\*/g)).toHaveLength(4);
  });

  test('cannot hide a secret or move the cursor with control characters', () => {
    const lines = ['\u001b[2Jcleared \u0007', 'plan\u001b[31mted-secret-value'];
    const text = diagnosticText(
      drawing(),
      { ...FACTS, output: { path: '/l', lines, isCut: false } },
      createMasker(['planted-secret-value']),
    );
    expect(section(text, 'What it printed last')).toEqual(['  (/l)', '  | cleared ', '  | ***']);
  });

  test('is bounded', () => {
    const findings = Array.from({ length: 80 }, (_, index) => `finding ${index} ${'x'.repeat(20_000)}`);
    const text = diagnosticText(drawing('y'.repeat(1_000_000), findings), FACTS, plain);
    expect(text.length).toBeLessThan(500_000);
    expect(section(text, 'What its last check found')?.at(-1)).toBe('  and 30 more');
  });
});

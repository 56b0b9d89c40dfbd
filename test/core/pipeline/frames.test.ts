import { describe, expect, test } from 'vitest';
import { accepted, errorsOf, hintsOf, stages, told } from './reading.ts';

const RUN = 'run: x';

async function only(body: string) {
  const [stage] = (await accepted(stages(`{name: a, ${body}}`))).stages;
  if (stage === undefined) throw new Error('there is no stage');
  return stage;
}

describe('an audit', () => {
  test('is a command line in its short form', async () => {
    expect((await only(`${RUN}, audit: "node audit.js"`)).audit).toEqual({
      work: { kind: 'command', run: 'node audit.js' },
      timeoutMs: 600_000,
    });
  });

  test('is a command or an agent in its long form, with the model of the defaults', async () => {
    const { stages: read } = await accepted(
      `defaults: {model: big}\n${stages(
        `{name: a, ${RUN}, audit: {run: y, timeout: 30s}}`,
        `{name: b, ${RUN}, audit: {agent: critic, task: look}}`,
        `{name: c, ${RUN}, audit: {agent: critic, task: look, model: small}}`,
      )}`,
    );
    expect(read.map(({ audit }) => audit)).toEqual([
      { work: { kind: 'command', run: 'y' }, timeoutMs: 30_000 },
      { work: { kind: 'agent', agent: 'critic', task: 'look', model: 'big' }, timeoutMs: 600_000 },
      { work: { kind: 'agent', agent: 'critic', task: 'look', model: 'small' }, timeoutMs: 600_000 },
    ]);
  });

  test.each([
    [`${RUN}, audit: y`, 0],
    [`${RUN}, retries: 3, audit: y`, 3],
    [`${RUN}, retry: {max: 4}, audit: y`, 4],
    [`${RUN}, retries: 3`, 0],
    ['agent: x, task: t, retries: 1, audit: y', 2],
    ['agent: x, task: t, retries: 5, audit: y', 5],
    ['agent: x, task: t, retries: 5', 2],
  ])('has its rejections made again as often as failures: %s', async (body, repairs) => {
    expect((await only(body)).repairs).toBe(repairs);
  });

  test.each([
    [
      'by nobody',
      'audit: {timeout: 1m}',
      ['3:23 "audit" says neither which agent nor which command checks the result <audit>'],
    ],
    [
      'by nobody, with a task for the default agent',
      'audit: {task: look}',
      ['3:23 "audit" says neither which agent nor which command checks the result <audit>'],
    ],
    ['by two', 'audit: {run: y, agent: z}', ['3:39 "audit" has both "run" and "agent" <agent>']],
    [
      'by a command with a task',
      'audit: {run: y, task: z}',
      ['3:39 "audit" has both "run" and "task" <task>'],
    ],
    [
      'by a command with a model',
      'audit: {run: y, model: z}',
      ['3:39 "audit" has both "run" and "model" <model>'],
    ],
    ['of a wrong kind', 'audit: 7', ['3:30 "audit" is text, not 7 <7>']],
    ['that is empty', 'audit: ', ['3:23 "audit" is empty <audit>']],
    ['that is an empty text', 'audit: ""', ['3:23 "audit" is empty <audit>']],
    ['with an unknown key', 'audit: {runn: y, run: z}', ['3:31 unknown key "runn" <runn>']],
    ['with a bare number', 'audit: {run: y, timeout: 5}', ['3:48 5 is no duration <5>']],
    ['with an undeclared variable', 'audit: "look ${b}"', ['3:36 "b" is not declared <${b}>']],
    ['with one in its long form', 'audit: {run: "look ${b}"}', ['3:42 "b" is not declared <${b}>']],
    ['with one in its task', 'audit: {agent: y, task: "at ${b}"}', ['3:51 "b" is not declared <${b}>']],
    [
      'with a value in single quotes',
      `outputs: v, audit: "look '\${run.id}'"`,
      ['3:49 ${run.id} stands in single quotes, where the shell expands nothing <${run.id}>'],
    ],
    [
      'with outputs that are not there yet',
      'outputs: v, audit: "look ${stages.a.outputs.v}"',
      ['3:48 a stage has no outputs before it has ended <${stages.a.outputs.v}>'],
    ],
    [
      'with an item of none',
      'audit: "look ${item}"',
      ['3:36 ${item} has a value only in stages with "foreach" <${item}>'],
    ],
  ])('is refused: %s', async (_name, body, expected) => {
    const context = { defaultAgent: 'somebody' };
    expect(await errorsOf(stages(`{name: a, ${RUN}, ${body}}`), context)).toEqual(expected);
  });

  test('sees what its stage sees', async () => {
    const text = stages(
      `{name: a, ${RUN}, outputs: v}`,
      `{name: b, ${RUN}, environment: e, foreach: [f], audit: "look \${stages.a.outputs.v} \${item} \${stage.environment}"}`,
    );
    expect(await errorsOf(text)).toEqual([]);
    expect(await errorsOf(text.replace('foreach: [f]', 'foreach: [f], depends_on: []'))).toEqual([
      '4:82 "b" does not wait for "a", so its outputs may not be there <${stages.a.outputs.v}>',
    ]);
  });

  test('by an agent has a role file and a task, else it is a warning', async () => {
    const context = { knownAgents: new Set(['critic']) };
    const text = stages(
      `{name: a, ${RUN}, audit: {agent: crtic}}`,
      `{name: b, ${RUN}, audit: {agent: critic, task: t}}`,
    );
    expect(await told(text, context)).toEqual([
      '3:38 warning: the agent "crtic" has no role file <crtic>',
      '3:38 warning: the audit of stage "a" has no task <crtic>',
    ]);
    expect((await hintsOf(text, context))[0]).toBe(
      'did you mean "critic"? a run needs .blueprint/agents/crtic.md',
    );
  });

  test.each([
    [`{name: a, ${RUN}, audit: [y]}`, 'write a command line, or { agent: …, task: … }'],
    [`{name: a, ${RUN}, audit: {script: y}}`, 'did you mean "run"?'],
    [`{name: a, ${RUN}, check: y}`, 'did you mean "audit"?'],
    [`{name: a, ${RUN}, adit: y}`, 'did you mean "audit"?'],
  ])('is meant by %s', async (stage, hint) => {
    expect(await hintsOf(stages(stage))).toContain(hint);
  });
});

describe('limits of a stage', () => {
  test.each(['limits', 'frames'])('are all of the pipeline’s, as %s', async (key) => {
    const all =
      '{retry_rate: 0.5, reject_rate: 1, after_frames: 3, consecutive_fails: 2, max_attempts: 9, max_cost_usd: 0.5, max_tokens: 7, max_duration: 1h, stall_timeout: 90s, quota_wait: 0s}';
    const read = {
      retryRate: 0.5,
      rejectRate: 1,
      afterFrames: 3,
      consecutiveFails: 2,
      maxAttempts: 9,
      maxCostMicroUsd: 500_000,
      maxTokens: 7,
      maxDurationMs: 3_600_000,
      stallTimeoutMs: 90_000,
      quotaWaitMs: 0,
    };
    const pipeline = await accepted(`limits: ${all}\n${stages(`{name: a, ${RUN}, ${key}: ${all}}`)}`);
    expect(pipeline.limits).toEqual(read);
    expect(pipeline.stages[0]?.limits).toEqual(read);
  });

  test('are absent where nothing is said', async () => {
    expect(await only(RUN)).not.toHaveProperty('limits');
  });

  test.each([
    ['a silence without a unit', 'limits: {stall_timeout: 90}', ['3:47 90 is no duration <90>']],
    ['no silence at all', 'limits: {stall_timeout: 0s}', ['3:47 "0s" is no duration <0s>']],
    ['a wait without a unit', 'limits: {quota_wait: 2}', ['3:44 2 is no duration <2>']],
    ['a share above one', 'frames: {reject_rate: 3}', ['3:45 "reject_rate" is at most 1, not 3 <3>']],
    ['an unknown key', 'frames: {stall_timout: 3m}', ['3:32 unknown key "stall_timout" <stall_timout>']],
    ['a number', 'limits: 5', ['3:31 "limits" is a map, not 5 <5>']],
  ])('are refused: %s', async (_name, body, expected) => {
    expect(await errorsOf(stages(`{name: a, ${RUN}, ${body}}`))).toEqual(expected);
  });

  test.each([
    ['limits: {}', '3:23 warning: "limits" sets no limit <limits>'],
    ['frames: {}', '3:23 warning: "frames" sets no limit <frames>'],
    [
      'frames: {after_frames: 3}',
      '3:32 warning: "after_frames" without a rate limits nothing <after_frames>',
    ],
    [
      'timeout: 2m, limits: {stall_timeout: 2m}',
      '3:60 warning: an attempt of "a" ends by its "timeout" before it can be silent so long <2m>',
    ],
    [
      'limits: {stall_timeout: 1h}',
      '3:47 warning: an attempt of "a" ends by its "timeout" before it can be silent so long <1h>',
    ],
  ])('that are never reached are a warning: %s', async (body, expected) => {
    expect(await told(stages(`{name: a, ${RUN}, ${body}}`))).toEqual([expected]);
  });

  test('that are never reached are a warning for a pipeline as well', async () => {
    expect(await told(`limits: {after_frames: 3}\n${stages(`{name: a, ${RUN}}`)}`)).toEqual([
      '1:10 warning: "after_frames" without a rate limits nothing <after_frames>',
    ]);
    const long = `defaults: {timeout: 2h}\n${stages(`{name: a, ${RUN}, limits: {stall_timeout: 1h}}`)}`;
    expect(await told(long)).toEqual([]);
  });
});

describe('frames at the same time', () => {
  test('are as many as a stage with items says', async () => {
    expect((await only(`${RUN}, foreach: [b, c], max_parallel: 2`)).maxParallel).toBe(2);
    expect(await only(`${RUN}, foreach: [b, c]`)).not.toHaveProperty('maxParallel');
  });

  test.each([
    ['max_parallel: 2', '3:23 "max_parallel" of a stage without "foreach" has no effect <max_parallel>'],
    ['foreach: [b], max_parallel: 0', '3:51 "max_parallel" is at least 1, not 0 <0>'],
    ['foreach: [b], max_parallel: 1001', '3:51 "max_parallel" is at most 1000, not 1001 <1001>'],
    ['foreach: [b], max_parallel: 1.5', '3:51 "max_parallel" is a whole number, not 1.5 <1.5>'],
    ['foreach: {b: c}, max_parallel: 2', '3:33 "foreach" is text or a list of texts, not a map <b>'],
  ])('are refused: %s', async (body, expected) => {
    expect(await errorsOf(stages(`{name: a, ${RUN}, ${body}}`))).toEqual([expected]);
  });
});

describe('strategies', () => {
  test.each([
    ['strategies: RESCUE', [{ name: 'RESCUE' }]],
    ['strategies: {name: rescue, task: hold on}', [{ name: 'rescue', task: 'hold on' }]],
    [
      'strategies: [A, {name: B_2, task: t}, {name: C}]',
      [{ name: 'A' }, { name: 'B_2', task: 't' }, { name: 'C' }],
    ],
  ])('are names, with what they mean: %s', async (body, expected) => {
    expect((await only(`${RUN}, retry: {max: 3, ${body}}`)).retry?.strategies).toEqual(expected);
    expect((await only(`agent: x, contract: c, retry: {max: 3, ${body}}`)).retry?.strategies).toEqual(
      expected,
    );
  });

  test('are absent where nothing is said', async () => {
    expect((await only(`${RUN}, retry: {max: 3}`)).retry).not.toHaveProperty('strategies');
  });

  test.each([
    [
      'that are no names',
      'max: 2, strategies: [a-b, 2C]',
      [
        '3:52 "a-b" cannot be the name of a strategy <a-b>',
        '3:57 "2C" cannot be the name of a strategy <2C>',
      ],
    ],
    ['one that is no name', 'max: 1, strategies: a b', ['3:51 "a b" cannot be the name of a strategy <a b>']],
    [
      'one that is no name in a map',
      'max: 1, strategies: {name: a b}',
      ['3:58 "a b" cannot be the name of a strategy <a b>'],
    ],
    [
      'one without a name',
      'max: 1, strategies: [{task: t}]',
      ['3:53 "name" is missing in a strategy <task>'],
    ],
    ['an unknown key', 'max: 1, strategies: [{name: A, tsk: t}]', ['3:62 unknown key "tsk" <tsk>']],
    ['a number', 'max: 1, strategies: 7', ['3:51 "strategies" is text or a list of texts, not 7 <7>']],
    ['a number among them', 'max: 1, strategies: [7]', ['3:52 each of "strategies" is text, not 7 <7>']],
    ['none', 'max: 1, strategies: []', ['3:39 "strategies" is empty <strategies>']],
    ['one twice', 'max: 2, strategies: [A, A]', ['3:55 the strategy "A" stands twice <A>']],
    [
      'one twice in two forms',
      'max: 2, strategies: [A, {name: A, task: t}]',
      ['3:56 the strategy "A" stands twice <name>'],
    ],
    ['without saying how often', 'strategies: [A]', ['3:23 "retry" does not say how often <retry>']],
    [
      'an undeclared variable',
      'max: 1, strategies: [{name: A, task: "as ${b}"}]',
      ['3:72 "b" is not declared <${b}>'],
    ],
    [
      'an undeclared variable of a single one',
      'max: 1, strategies: {name: A, task: "as ${b}"}',
      ['3:71 "b" is not declared <${b}>'],
    ],
  ])('are refused: %s', async (_name, body, expected) => {
    expect(await errorsOf(stages(`{name: a, ${RUN}, retry: {${body}}}`))).toEqual(expected);
  });

  test.each([
    [
      `${RUN}, retry: {max: 1, strategies: [A, B, C]}`,
      ['3:55 warning: "B", "C" are never used: an attempt is made again once <B>'],
    ],
    [
      `${RUN}, audit: y, retry: {max: 2, strategies: [A, B, C]}`,
      ['3:68 warning: "C" is never used: an attempt is made again 2 times <C>'],
    ],
    ['agent: x, task: t, audit: y, retry: {max: 1, strategies: [A, B]}', []],
    [`${RUN}, retry: {max: 5, strategies: [A, B, C]}`, []],
  ])('beyond the last attempt are a warning: %s', async (body, expected) => {
    expect(await told(stages(`{name: a, ${body}}`))).toEqual(expected);
  });

  test('are counted against the retries of the defaults', async () => {
    const text = `defaults: {retries: 1}\n${stages(`{name: a, ${RUN}, retry: {strategies: [A, B]}}`)}`;
    expect(await told(text)).toEqual(['4:47 warning: "B" is never used: an attempt is made again once <B>']);
  });

  test('are meant by the name of one', async () => {
    expect(await hintsOf(stages(`{name: a, ${RUN}, retry: {max: 1, strategy: A}}`))).toEqual([
      'did you mean "strategies"?',
    ]);
    expect(await hintsOf(stages(`{name: a, ${RUN}, retry: {max: 1, strategies: identity rescue}}`))).toEqual([
      'it begins with a letter and holds letters, digits and "_", at most 63 of them; did you mean "IDENTITY_RESCUE"?',
    ]);
  });
});

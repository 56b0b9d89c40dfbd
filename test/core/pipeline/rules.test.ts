import { describe, expect, test } from 'vitest';
import { errorsOf, hintsOf, stages, told } from './reading.ts';

const RUN = 'run: x';

describe('the form of a file: refused is', () => {
  test.each([
    ['a file without a name', 'stages: [{name: a, run: x}]\n', ['1:1 "name" is missing <stages>']],
    ['a file without stages', 'name: p\n', ['1:1 "stages" is missing <name>']],
    ['an empty list of stages', 'name: p\nstages: []\n', ['2:1 "stages" is empty <stages>']],
    ['a list in place of a pipeline', '- name: p\n', ['1:3 a pipeline is a map, not a list <name>']],
    ['a text in place of a stage', stages('build'), ['3:5 a stage is a map, not "build" <build>']],
    ['an unknown key', `nme: x\n${stages(`{name: a, ${RUN}}`)}`, ['1:1 unknown key "nme" <nme>']],
    [
      'an unknown key of a stage',
      stages(`{name: a, ${RUN}, depend_on: b}`),
      ['3:23 unknown key "depend_on" <depend_on>'],
    ],
    ['a misspelt guard', stages(`{name: a, ${RUN}, whn: {branch: main}}`), ['3:23 unknown key "whn" <whn>']],
    [
      'a misspelt condition',
      stages(`{name: a, ${RUN}, when: {not: {brnch: main}}}`),
      ['3:36 unknown key "brnch" <brnch>'],
    ],
    ['an empty guard', stages(`{name: a, ${RUN}, when: }`), ['3:23 "when" is empty <when>']],
    [
      'a list that can never match',
      stages(`{name: a, ${RUN}, when: {branch: []}}`),
      ['3:30 "branch" is empty <branch>'],
    ],
    ['an empty alternative', stages(`{name: a, ${RUN}, when: {or: []}}`), ['3:30 "or" is empty <or>']],
    ['a name that is none', stages(`{name: One Two, ${RUN}}`), ['3:12 "One Two" cannot be a name <One Two>']],
    ['a name that is a number', stages(`{name: 1.0, ${RUN}}`), ['3:12 "name" is text, not 1 <1.0>']],
    [
      'a name that is a boolean',
      `name: true\n${stages(`{name: a, ${RUN}}`).slice(8)}`,
      ['1:7 "name" is text, not true <true>'],
    ],
    [
      'a name that is too long',
      stages(`{name: ${'a'.repeat(64)}, ${RUN}}`),
      [`3:12 "${'a'.repeat(59)}…" cannot be a name <${'a'.repeat(64)}>`],
    ],
    ['a number without a unit', stages(`{name: a, ${RUN}, timeout: 30}`), ['3:32 30 is no duration <30>']],
    [
      'a word for a time',
      stages(`{name: a, ${RUN}, retry: {max: 1, delay: banana}}`),
      ['3:46 "banana" is no duration <banana>'],
    ],
    [
      'too few retries',
      stages(`{name: a, ${RUN}, retries: -1}`),
      ['3:32 "retries" is at least 0, not -1 <-1>'],
    ],
    [
      'half a retry',
      stages(`{name: a, ${RUN}, retries: 1.5}`),
      ['3:32 "retries" is a whole number, not 1.5 <1.5>'],
    ],
    [
      'an unknown action',
      stages(`{name: a, ${RUN}, on_failure: stop}`),
      ['3:35 "on_failure" is one of halt, continue, rollback, not "stop" <stop>'],
    ],
    [
      'an unknown order',
      `order: graf\n${stages(`{name: a, ${RUN}}`)}`,
      ['1:8 "order" is one of sequence, graph, not "graf" <graf>'],
    ],
    [
      'a yes that is text in YAML 1.2',
      stages(`{name: a, ${RUN}, requires_approval: yes}`),
      ['3:42 "requires_approval" is true or false, not "yes" <yes>'],
    ],
    [
      'a number among names',
      stages(`{name: a, ${RUN}}`, `{name: b, ${RUN}, depends_on: [a, 7]}`),
      ['4:39 each of "depends_on" is text, not 7 <7>'],
    ],
    [
      'a map where text or a list stands',
      stages(`{name: a, ${RUN}, depends_on: {a: b}}`),
      ['3:36 "depends_on" is text or a list of texts, not a map <a>'],
    ],
    [
      'a variable without a value',
      `variables: {a: }\n${stages(`{name: a, ${RUN}}`)}`,
      ['1:13 "a" has no value <a>'],
    ],
    [
      'a variable that is a list',
      `variables: {a: [1]}\n${stages(`{name: a, ${RUN}}`)}`,
      ['1:17 "a" is text, not a list <1>'],
    ],
    [
      'a variable that no reference can name',
      `variables: {a b: c}\n${stages(`{name: a, ${RUN}}`)}`,
      ['1:13 "a b" cannot be the name of a variable <a b>'],
    ],
    [
      'an environment variable that is none',
      stages(`{name: a, ${RUN}, env: {A-B: c}}`),
      ['3:29 "A-B" cannot be the name of an environment variable <A-B>'],
    ],
    [
      'an environment variable of the engine',
      stages(`{name: a, ${RUN}, env: {MURMUR8_OUTPUT: c}}`),
      ['3:29 "MURMUR8_OUTPUT" is set by the engine <MURMUR8_OUTPUT>'],
    ],
    [
      'an output that no reference can name',
      stages(`{name: a, ${RUN}, outputs: [1a]}`),
      ['3:33 "1a" cannot be the name of an output <1a>'],
    ],
    [
      'an output declared twice',
      stages(`{name: a, ${RUN}, outputs: [v, v]}`),
      ['3:36 "v" is declared twice <v>'],
    ],
    [
      'a directory outside',
      stages(`{name: a, ${RUN}, working_directory: a/../../b}`),
      ['3:42 "working_directory" lies outside of the project <a/../../b>'],
    ],
    [
      'an absolute directory',
      stages(`{name: a, ${RUN}, working_directory: /tmp}`),
      ['3:42 "working_directory" is relative to the project </tmp>'],
    ],
    [
      'a group within a group',
      stages('parallel: [{name: a, run: x, parallel: []}]'),
      ['3:34 a group cannot stand within a group <parallel>'],
    ],
    ['an empty group', stages('parallel: []'), ['3:5 "parallel" is empty <parallel>']],
    [
      'a stage with a key of a group',
      stages('{parallel: [{name: a, run: x}], run: y}'),
      ['3:37 unknown key "run" <run>'],
    ],
    [
      'a quota above one',
      `limits: {retry_rate: 2}\n${stages(`{name: a, ${RUN}}`)}`,
      ['1:22 "retry_rate" is at most 1, not 2 <2>'],
    ],
    [
      'an unknown cause to retry',
      stages(`{name: a, ${RUN}, retry: {max: 1, on: agent_crashed}}`),
      ['3:43 "agent_crashed" is no cause to try again <agent_crashed>'],
    ],
    [
      'a success as a cause to retry',
      stages(`{name: a, ${RUN}, retry: {max: 1, on: [0]}}`),
      ['3:44 each of "on" is at least 1, not 0 <0>'],
    ],
  ])('%s', async (_name, text, expected) => {
    expect(await errorsOf(text)).toEqual(expected);
  });

  test.each([
    ['branch', 'branches'],
    ['path', 'paths'],
    ['label', 'labels'],
  ])('%s beside %s, in conditions and triggers', async (one, many) => {
    const message = `"${one}" and "${many}" are two names of one key <${many}>`;
    expect(
      await errorsOf(
        `name: p\nstages:\n  - name: a\n    run: x\n    when:\n      ${one}: x\n      ${many}: y\n`,
      ),
    ).toEqual([`7:7 ${message}`]);
    expect(
      await errorsOf(`triggers:\n- event: push\n  ${one}: x\n  ${many}: y\n${stages(`{name: a, ${RUN}}`)}`),
    ).toEqual([`4:3 ${message}`]);
  });

  test('one name for two keys of variables, limits', async () => {
    expect(
      await errorsOf(
        `variable: {a: b}\nvariables: {a: b}\n${stages(`{name: a, ${RUN}, limits: {max_attempts: 1}, frames: {max_attempts: 1}}`)}`,
      ),
    ).toEqual([
      '2:1 "variable" and "variables" are two names of one key <variables>',
      '5:23 "frames" and "limits" are two names of one key <limits>',
    ]);
  });
});

describe('what was meant is named:', () => {
  test.each([
    [`{name: a, ${RUN}, depend_on: b}`, 'did you mean "depends_on"?'],
    [`{name: a, ${RUN}, dependsOn: b}`, 'did you mean "depends_on"?'],
    [`{name: a, ${RUN}, needs: b}`, 'did you mean "depends_on"?'],
    [`{name: a, ${RUN}, if: b}`, 'did you mean "when"?'],
    [`{name: a, ${RUN}, order: graph}`, '"order" belongs to the pipeline, beside "stages"'],
    [`{name: a, ${RUN}, timeout: 30}`, 'add a unit: 30s, 30m, 30h or 30d'],
    [`{name: 1, ${RUN}}`, 'put it into quotes to make it text'],
    [`{name: a, ${RUN}, requires_approval: yes}`, 'write true'],
    [`{name: a, ${RUN}, on_failure: hlt}`, 'did you mean "halt"?'],
    [`{name: a, ${RUN}, <<: {x: y}}`, 'merge keys are no part of YAML 1.2; write the keys out'],
  ])('%s', async (stage, hint) => {
    expect(await hintsOf(stages(stage))).toContain(hint);
  });

  test('a key of a stage at the top', async () => {
    expect(await hintsOf(`timeout: 5m\nretry: {max: 1}\n${stages(`{name: a, ${RUN}}`)}`)).toEqual([
      '"timeout" belongs to a stage, or under "defaults"',
      '"retry" belongs to a stage',
    ]);
  });
});

describe('names and dependencies: refused is', () => {
  test.each([
    [
      'a name twice',
      stages(`{name: a, ${RUN}}`, `{name: a, ${RUN}}`),
      ['4:12 two stages or groups are named "a" <a>'],
    ],
    [
      'the name of a group for a stage',
      stages('{name: a, parallel: [{name: b, run: x}]}', `{name: a, ${RUN}}`),
      ['4:12 two stages or groups are named "a" <a>'],
    ],
    [
      'an unknown stage',
      stages(`{name: build, ${RUN}}`, `{name: b, ${RUN}, depends_on: biuld}`),
      ['4:35 "depends_on" names "biuld", which is no stage <biuld>'],
    ],
    [
      'an unknown stage beside',
      stages(`{name: b, ${RUN}, parallel_with: [z]}`),
      ['3:39 "parallel_with" names "z", which is no stage <z>'],
    ],
    [
      'waiting for itself',
      stages(`{name: a, ${RUN}, depends_on: [a]}`),
      ['3:36 "a" cannot wait for itself <a>'],
    ],
    [
      'being parallel with itself',
      stages(`{name: a, ${RUN}, parallel_with: a}`),
      ['3:38 "a" is named as parallel with itself <a>'],
    ],
    [
      'a group in parallel_with',
      stages('{name: g, parallel: [{name: a, run: x}]}', `{name: b, ${RUN}, parallel_with: g}`),
      ['4:38 "parallel_with" names the group "g"; it takes stages <g>'],
    ],
    [
      'its own group',
      stages('{name: g, parallel: [{name: a, run: x, depends_on: g}]}'),
      ['3:56 a stage cannot name its own group "g" <g>'],
    ],
    [
      'a cycle',
      stages(`{name: a, ${RUN}, depends_on: b}`, `{name: b, ${RUN}, depends_on: a}`),
      ['3:35 these stages wait for each other: a -> b -> a <b>'],
    ],
    [
      'a cycle by the order of the file',
      stages(`{name: a, ${RUN}, depends_on: b}`, `{name: b, ${RUN}}`),
      ['3:35 these stages wait for each other: a -> b -> a <b>'],
    ],
    [
      'a cycle through parallel_with',
      stages(
        `{name: a, ${RUN}, parallel_with: b}`,
        `{name: b, ${RUN}, depends_on: c}`,
        `{name: c, ${RUN}, depends_on: a}`,
      ),
      ['5:35 these stages wait for each other: a -> c -> a <a>'],
    ],
    [
      'a cycle through a group',
      stages('{name: g, depends_on: z, parallel: [{name: a, run: x}]}', `{name: z, ${RUN}, depends_on: g}`),
      ['4:35 these stages wait for each other: a -> z -> a <g>'],
    ],
    [
      'waiting for a stage that is parallel',
      stages(`{name: a, ${RUN}}`, `{name: b, ${RUN}, parallel_with: a, depends_on: a}`),
      ['4:53 "b" and "a" are to run in parallel, so "b" cannot wait for "a" <a>'],
    ],
    [
      'waiting within a group',
      stages('parallel: [{name: a, run: x}, {name: b, run: x, depends_on: a}]'),
      ['3:65 "b" and "a" are to run in parallel, so "b" cannot wait for "a" <a>'],
    ],
    [
      'being parallel with two of which one waits for the other',
      stages(`{name: a, ${RUN}}`, `{name: b, ${RUN}}`, `{name: c, ${RUN}, parallel_with: [a, b]}`),
      ['4:12 "b" waits for "a", which is to run in parallel with it <b>'],
    ],
    [
      'reviewing what was not waited for',
      stages(`{name: a, ${RUN}}`, `{name: b, ${RUN}, depends_on: [], reviews: a}`),
      ['4:48 "b" reviews "a" and does not wait for it <a>'],
    ],
    [
      'reviewing no stage',
      stages(`{name: a, ${RUN}, reviews: z}`),
      ['3:32 "reviews" names "z", which is no stage <z>'],
    ],
  ])('%s', async (_name, text, expected) => {
    expect(await errorsOf(text)).toEqual(expected);
  });

  test('and the way out is named', async () => {
    expect(await hintsOf(stages(`{name: a, ${RUN}, depends_on: b}`, `{name: b, ${RUN}}`))).toEqual([
      '"b" waits because of where it stands; give it a "depends_on" of its own, [] for none',
    ]);
    expect(await hintsOf(stages(`{name: a, ${RUN}}`, `{name: a, ${RUN}}`))).toEqual([
      'the first one is in line 3',
    ]);
  });

  test('two cycles are two problems', async () => {
    const ring = (x: string, y: string) => [
      `{name: ${x}, ${RUN}, depends_on: ${y}}`,
      `{name: ${y}, ${RUN}, depends_on: ${x}}`,
    ];
    expect(
      await errorsOf(stages(...ring('a', 'b'), ...ring('c', 'd'), `{name: e, ${RUN}, depends_on: d}`)),
    ).toEqual([
      '3:35 these stages wait for each other: a -> b -> a <b>',
      '5:35 these stages wait for each other: c -> d -> c <d>',
    ]);
  });
});

describe('who does a stage', () => {
  test('is said by the stage, by the defaults or by the configuration', async () => {
    const text = stages('{name: a, task: t}');
    expect(await errorsOf(text)).toEqual(['3:12 stage "a" names neither an agent nor a command <a>']);
    expect(await errorsOf(text, { defaultAgent: 'x' })).toEqual([]);
    expect(await errorsOf(`defaults: {agent: x}\n${text}`)).toEqual([]);
  });

  test.each(['agent', 'task', 'model'])('is either a command or has %s', async (key) => {
    expect(await errorsOf(stages(`{name: a, ${RUN}, ${key}: y}`))).toEqual([
      `3:23 "a" has both "run" and "${key}" <${key}>`,
    ]);
  });

  test('has a role file, else it is a warning that names what was meant', async () => {
    const context = { knownAgents: new Set(['deployer', 'tester']) };
    const text = stages(
      '{name: a, agent: deplyer, task: t, rollback: {agent: nobody, task: t}}',
      '{name: b, agent: tester, task: t}',
    );
    expect(await told(text, context)).toEqual([
      '3:22 warning: the agent "deplyer" has no role file <deplyer>',
      '3:58 warning: the agent "nobody" has no role file <nobody>',
    ]);
    expect((await hintsOf(text, context))[0]).toBe(
      'did you mean "deployer"? a run needs .blueprint/agents/deplyer.md',
    );
  });

  test('may be an agent without a task, which is a warning', async () => {
    expect(await told(stages('{name: a, agent: x}'))).toEqual(['3:12 warning: stage "a" has no task <a>']);
    expect(await told(stages('{name: a, agent: x, contract: c}'))).toEqual([]);
  });
});

describe('approvals: refused is', () => {
  test.each([
    'approvers: x',
    'quorum: 1',
    'approval_timeout: 1h',
    'approval_default: approve',
    'prevent_self_approval: true',
  ])('%s without requires_approval', async (body) => {
    const [key] = body.split(':');
    const message = `3:23 "${key}" without "requires_approval: true" asks nobody <${key}>`;
    expect(await errorsOf(stages(`{name: a, ${RUN}, ${body}}`))).toEqual([message]);
    expect(await errorsOf(stages(`{name: a, ${RUN}, ${body}, requires_approval: false}`))).toEqual([message]);
  });

  test.each([
    ['approvers: [x], quorum: 2', '3:72 2 votes are needed, but only 1 can vote <2>'],
    ['approvers: [x, y, x]', '3:66 "x" is an approver twice <x>'],
    ['approvers: [x], quorum: 0', '3:72 "quorum" is at least 1, not 0 <0>'],
    ['approvers: [x], quorum: most', '3:72 "quorum" is one of a number, all, any, not "most" <most>'],
    ['approvers: [x], approval_timeout: 0', '3:82 0 is no duration <0>'],
    [
      'approvers: [x], approval_default: aprove',
      '3:82 "approval_default" is one of reject, approve, not "aprove" <aprove>',
    ],
  ])('%s', async (body, expected) => {
    expect(await errorsOf(stages(`{name: a, ${RUN}, requires_approval: true, ${body}}`))).toEqual([expected]);
  });

  test('nothing but a warning where nobody is named, unless the configuration names people', async () => {
    const text = stages(`{name: a, ${RUN}, requires_approval: true}`);
    expect(await told(text)).toEqual([
      '3:23 warning: "a" requires an approval and names no approvers <requires_approval>',
    ]);
    expect(await told(text, { defaultApprovers: ['me'] })).toEqual([]);
    const two = stages(`{name: a, ${RUN}, requires_approval: true, quorum: 2}`);
    expect(await errorsOf(two, { defaultApprovers: ['me'] })).toEqual([
      '3:56 2 votes are needed, but only 1 can vote <2>',
    ]);
  });
});

describe('rollbacks: refused is', () => {
  const BUILD = '{name: build, agent: x, task: t}';
  test.each([
    [
      'a target without the action',
      stages(BUILD, `{name: b, ${RUN}, rollback_to: build}`),
      ['4:23 "rollback_to" without "on_failure: rollback" has no effect <rollback_to>'],
    ],
    [
      'an unknown target',
      stages(BUILD, `{name: b, ${RUN}, on_failure: rollback, rollback_to: biuld}`),
      ['4:58 "rollback_to" names "biuld", which is no stage <biuld>'],
    ],
    [
      'a group',
      stages(
        '{name: g, parallel: [{name: a, agent: x, task: t}]}',
        `{name: b, ${RUN}, on_failure: rollback, rollback_to: g}`,
      ),
      ['4:58 "rollback_to" names the group "g"; it takes stages <g>'],
    ],
    [
      'a stage that is no ancestor',
      stages(BUILD, `{name: b, ${RUN}, depends_on: [], on_failure: rollback, rollback_to: build}`),
      ['4:74 "b" does not wait for "build", so it cannot roll back to it <build>'],
    ],
    [
      'a stage further down',
      stages(`{name: b, ${RUN}, on_failure: rollback, rollback_to: c}`, '{name: c, agent: x, task: t}'),
      ['3:58 "b" does not wait for "c", so it cannot roll back to it <c>'],
    ],
    [
      'itself without a block',
      stages(BUILD, '{name: b, agent: x, task: t, on_failure: rollback, rollback_to: b}'),
      ['4:69 "b" is to undo itself, but has no "rollback" <b>'],
    ],
    [
      'a command that nothing can undo',
      stages(`{name: a, ${RUN}}`, `{name: b, ${RUN}, on_failure: rollback, rollback_to: a}`),
      ['4:58 nothing can undo "a": it is a command without a "rollback" <a>'],
    ],
    [
      'the same where it is the only dependency',
      stages(`{name: a, ${RUN}}`, `{name: b, ${RUN}, on_failure: rollback}`),
      ['4:35 nothing can undo "a": it is a command without a "rollback" <rollback>'],
    ],
    [
      'no target at a root',
      stages(`{name: a, ${RUN}, on_failure: rollback}`),
      ['3:35 "a" waits for no stage, so there is none to roll back to <rollback>'],
    ],
    [
      'no target among several',
      stages(
        BUILD,
        '{name: c, agent: x, task: t, depends_on: []}',
        `{name: b, ${RUN}, depends_on: [build, c], on_failure: rollback}`,
      ),
      ['5:59 "b" waits for several stages, so it has to say which one to roll back to <rollback>'],
    ],
    [
      'an empty block',
      stages(`{name: a, ${RUN}, rollback: {timeout: 1m}}`),
      ['3:23 "rollback" says neither with which agent nor with which command it is undone <rollback>'],
    ],
    [
      'a block with both',
      stages(`{name: a, ${RUN}, rollback: {run: y, agent: z}}`),
      ['3:42 "rollback" has both "run" and "agent" <agent>'],
    ],
  ])('%s', async (_name, text, expected) => {
    expect(await errorsOf(text)).toEqual(expected);
  });

  test.each([
    [
      'an ancestor, far up',
      stages(BUILD, `{name: m, ${RUN}}`, `{name: b, ${RUN}, on_failure: rollback, rollback_to: build}`),
    ],
    [
      'itself with a block',
      stages(`{name: b, ${RUN}, on_failure: rollback, rollback: {run: y}, rollback_to: b}`),
    ],
    [
      'a command with a block',
      stages(`{name: a, ${RUN}, rollback: {run: y}}`, `{name: b, ${RUN}, on_failure: rollback}`),
    ],
  ])('but not %s', async (_name, text) => {
    expect(await errorsOf(text)).toEqual([]);
  });
});

describe('references: refused is', () => {
  const BUILD = `{name: build, ${RUN}, outputs: [version]}`;
  const AGENT = 'agent: y';
  test.each([
    [
      'an undeclared variable',
      stages(`{name: a, ${AGENT}, task: "to \${tarket}"}`),
      ['3:35 "tarket" is not declared <${tarket}>'],
    ],
    [
      'an unknown stage',
      stages(BUILD, `{name: a, ${AGENT}, task: "\${stages.biuld.outputs.version}"}`),
      ['4:32 "biuld" is no stage <${stages.biuld.outputs.version}>'],
    ],
    [
      'an undeclared output',
      stages(BUILD, `{name: a, ${AGENT}, task: "\${stages.build.outputs.vresion}"}`),
      ['4:32 stage "build" declares no output "vresion" <${stages.build.outputs.vresion}>'],
    ],
    [
      'an output of a stage that may not have ended',
      stages(BUILD, `{name: a, ${AGENT}, depends_on: [], task: "\${stages.build.outputs.version}"}`),
      [
        '4:48 "a" does not wait for "build", so its outputs may not be there <${stages.build.outputs.version}>',
      ],
    ],
    [
      'its own output',
      stages(`{name: a, ${AGENT}, outputs: v, task: "\${stages.a.outputs.v}"}`),
      ['3:44 a stage has no outputs before it has ended <${stages.a.outputs.v}>'],
    ],
    [
      'an output for the whole pipeline',
      `concurrency: {group: "\${stages.build.outputs.version}"}\n${stages(BUILD)}`,
      ['1:23 outputs of stages are not known before the run starts <${stages.build.outputs.version}>'],
    ],
    [
      'an unknown namespace',
      stages(`{name: a, ${AGENT}, task: "\${secrets.x}"}`),
      ['3:32 ${secrets.x} is no reference: nothing is called "secrets" <${secrets.x}>'],
    ],
    [
      'the environment of a stage without one',
      stages(`{name: a, ${AGENT}, task: "\${stage.environment}"}`),
      ['3:32 stage "a" has no "environment" <${stage.environment}>'],
    ],
    [
      'the item of a stage that has none',
      stages(`{name: a, ${AGENT}, task: "\${item}"}`),
      ['3:32 ${item} has a value only in stages with "foreach" <${item}>'],
    ],
    [
      'a reference in single quotes',
      `variables: {t: x}\n${stages(`{name: a, run: "echo '\${t}'"}`)}`,
      ['4:27 ${t} stands in single quotes, where the shell expands nothing <${t}>'],
    ],
    [
      'an undeclared variable in the environment',
      stages(`{name: a, ${RUN}, env: {A: "\${b}"}}`),
      ['3:33 "b" is not declared <${b}>'],
    ],
    [
      'an undeclared variable in a directory',
      stages(`{name: a, ${RUN}, working_directory: "\${b}"}`),
      ['3:43 "b" is not declared <${b}>'],
    ],
    [
      'an undeclared variable in foreach',
      stages(`{name: a, ${RUN}, foreach: [x, "\${b}"]}`),
      ['3:37 "b" is not declared <${b}>'],
    ],
    [
      'an undeclared variable in a rollback',
      stages(`{name: a, ${RUN}, rollback: {run: "echo \${b}"}}`),
      ['3:45 "b" is not declared <${b}>'],
    ],
    [
      'an undeclared variable as a label',
      stages(`{name: a, ${RUN}, environment: "\${b}"}`),
      ['3:37 "b" is not declared <${b}>'],
    ],
    [
      'a guard on an undeclared variable',
      `variables: {deploy: "no"}\n${stages(`{name: a, ${RUN}, when: {or: [{variable: {deplyo: "yes"}}]}}`)}`,
      ['4:47 "deplyo" is not declared, so nothing can set it <deplyo>'],
    ],
  ])('%s', async (_name, text, expected) => {
    expect(await errorsOf(text)).toEqual(expected);
  });

  test('with its place in a text of many lines', async () => {
    expect(
      await errorsOf(
        'name: p\nstages:\n  - name: a\n    run: |\n      echo one\n      echo ${b} ${b}\n      echo ${c}\n',
      ),
    ).toEqual([
      '6:12 "b" is not declared <${b}>',
      '6:17 "b" is not declared <${b}>',
      '7:12 "c" is not declared <${c}>',
    ]);
  });

  test.each([
    [
      'an output of an ancestor',
      stages(BUILD, `{name: m, ${RUN}}`, `{name: a, ${RUN}, env: {V: "\${stages.build.outputs.version}"}}`),
    ],
    [
      'its own outputs where it is undone',
      stages(`{name: a, ${RUN}, outputs: v, rollback: {run: "echo \${stages.a.outputs.v}"}}`),
    ],
    [
      'facts that are always known by name',
      stages(`{name: a, run: "echo \${branch} \${event.number} \${run.id}"}`),
    ],
    ['the item of a frame', stages(`{name: a, run: "echo \${item}", foreach: [x]}`)],
    ['what belongs to the shell', stages('{name: a, run: "echo $HOME $$${HOME} $(date)"}')],
    ['a guard on an output by name', stages(BUILD, `{name: a, ${RUN}, when: {variable: {version: "1"}}}`)],
  ])('but not %s', async (_name, text) => {
    expect(await errorsOf(text)).toEqual([]);
  });
});

describe('triggers and retries: refused is', () => {
  const trigger = (body: string) => `name: p\ntriggers: [${body}]\nstages: [{name: a, run: x}]\n`;
  test.each([
    [
      'a trigger without a cause',
      trigger('{branches: main}'),
      ['2:13 this trigger names neither an event nor a schedule <branches>'],
    ],
    [
      'a trigger with two causes',
      trigger('{event: push, schedule: {cron: "@daily"}}'),
      ['2:26 one trigger cannot be both an event and a schedule <schedule>'],
    ],
    ['a misspelt filter', trigger('{event: push, brances: main}'), ['2:26 unknown key "brances" <brances>']],
    [
      'six fields',
      trigger('{schedule: {cron: "0 0 0 * * *"}}'),
      [
        '2:30 "0 0 0 * * *" is no schedule: write five fields, minute hour day month weekday, such as "30 4 * * 1-5" <"0 0 0 * * *">',
      ],
    ],
    [
      'two forms of retries',
      stages(`{name: a, ${RUN}, retries: 1, retry: {max: 2}}`),
      ['3:23 "retries" is the short form of "retry" <retries>'],
    ],
    [
      'a retry that never is',
      stages(`{name: a, ${RUN}, retry: {delay: 1s}}`),
      ['3:23 "retry" does not say how often <retry>'],
    ],
    [
      'a longest pause below the first',
      stages(`{name: a, ${RUN}, retry: {max: 1, delay: 1m, max_delay: 1s}}`),
      ['3:61 "max_delay" is shorter than "delay" <1s>'],
    ],
  ])('%s', async (_name, text, expected) => {
    expect(await errorsOf(text)).toEqual(expected);
  });

  test('a time zone that does not exist, at its place', async () => {
    const [only, ...more] = await errorsOf(trigger('{schedule: {cron: "@daily", timezone: Europe/Berln}}'));
    expect(more).toEqual([]);
    expect(only).toMatch(/^2:50 .*Europe\/Berln.* <Europe\/Berln>$/);
  });

  test('a filter of a schedule is a warning', async () => {
    expect(await told(trigger('{schedule: {cron: "@daily"}, branches: main}'))).toEqual([
      '2:13 warning: a schedule has no branch, paths or labels, so this never starts a run <schedule>',
    ]);
  });
});

test('everything wrong in a file is told at once, in its order', async () => {
  const text = `name: Bad Name
decription: x
triggers:
  - event: push
    branches: main
    branch: x
  - paths: [a]
variables:
  target: 1.0
  empty:
order: sequenc
name: twice
stages:
  - name: build
    run: make '\${target}' \${tarket}
    timeout: 30
  - name: test
    agent: tester
    agnet: foo
    depends_on: [biuld, test]
    task: |
      with \${stages.biuld.outputs.x}
  - name: b
    requires_approval: yes
    approvers: [x, x]
    run: x
  - just text
  - name: b
    run: y
    rollback_to: a
`;
  expect((await errorsOf(text)).map((line) => line.replace(/ <.*/, ''))).toEqual([
    '1:7 "Bad Name" cannot be a name',
    '2:1 unknown key "decription"',
    '5:5 "branch" and "branches" are two names of one key',
    '7:5 this trigger names neither an event nor a schedule',
    '10:3 "empty" has no value',
    '11:8 "order" is one of sequence, graph, not "sequenc"',
    '12:1 the key "name" stands twice in one map',
    '15:16 ${target} stands in single quotes, where the shell expands nothing',
    '15:27 "tarket" is not declared',
    '16:14 30 is no duration',
    '19:5 unknown key "agnet"',
    '20:18 "depends_on" names "biuld", which is no stage',
    '20:25 "test" cannot wait for itself',
    '22:12 "biuld" is no stage',
    '24:24 "requires_approval" is true or false, not "yes"',
    '27:5 a stage is a map, not "just text"',
    '28:11 two stages or groups are named "b"',
    '30:5 "rollback_to" without "on_failure: rollback" has no effect',
  ]);
});

describe('a guard that would be none', () => {
  test.each([
    ['an empty condition', '{name: a, run: x, when: {}}', '3:23 "when" asks for nothing <when>'],
    [
      'one that only holds a key of one’s own',
      '{name: a, run: x, when: {x-branch: main}}',
      '3:23 "when" asks for nothing <when>',
    ],
    ['an empty exclusion', '{name: a, run: x, when: {not: {}}}', '3:30 "not" asks for nothing <not>'],
    ['an empty alternative', '{name: a, run: x, when: {or: [{}]}}', '3:35 "or" asks for nothing <>'],
    [
      'a map of no variables',
      '{name: a, run: x, when: {variable: {}}}',
      '3:30 "variable" asks for nothing <variable>',
    ],
    [
      'a bracket that is never closed',
      '{name: a, run: x, when: {not: {branch: "[a"}}}',
      '3:44 "[a" is no pattern: "[" is never closed: write "[abc]", or \\[ <"[a">',
    ],
    [
      'a list that only excludes',
      '{name: a, run: x, when: {branch: ["!main"]}}',
      '3:30 "branch" never matches <branch>',
    ],
  ])('is refused: %s', async (_, stage, error) => {
    expect((await errorsOf(stages(stage))).map((line) => line.replace(/ <\{.*$/, ' <>'))).toEqual([error]);
  });

  test('is refused in a trigger as well', async () => {
    const triggers = 'triggers:\n  - {event: push, branches: ["!main"]}\n  - {event: "{push"}\n';
    expect(await errorsOf(`${triggers}${stages('{name: a, run: x}')}`)).toEqual([
      '2:19 "branches" never matches <branches>',
      '3:13 "{push" is no pattern: "{" is never closed: write "{a,b}", or \\{ <"{push">',
    ]);
  });
});

describe('a trigger that looks misspelt is a warning', () => {
  test.each([
    ['pull_request.mergd', 'did you mean "pull_request.merged"?'],
    ['pull-request.merged', 'did you mean "pull_request.merged"?'],
    ['Push', 'did you mean "push"?'],
    ['pull_request', 'write "pull_request.*" for all of them'],
  ])('%s', async (event, hint) => {
    const text = `triggers: [{event: ${event}}]\n${stages('{name: a, run: x}')}`;
    expect(await errorsOf(text)).toEqual([]);
    expect(await hintsOf(text)).toEqual([hint]);
  });

  test.each(['push', 'pull_request.*', 'release.requested', 'pull_request.assigned', 'deploy.asked-for'])(
    'but not %s',
    async (event) => {
      expect(await told(`triggers: [{event: "${event}"}]\n${stages('{name: a, run: x}')}`)).toEqual([]);
    },
  );
});

describe('everything wrong is told at once', () => {
  test('a cycle beside a name that is no stage', async () => {
    expect(
      await errorsOf(stages('{name: a, run: x, depends_on: b}', '{name: b, run: x, depends_on: [a, zzzz]}')),
    ).toEqual([
      '3:35 these stages wait for each other: a -> b -> a <b>',
      '4:39 "depends_on" names "zzzz", which is no stage <zzzz>',
    ]);
  });

  test('a group within a group is one mistake, and no name is made up', async () => {
    expect(await told(stages('parallel: [{parallel: [{name: e, run: x}]}]'))).toEqual([
      '3:17 error: a group cannot stand within a group <parallel>',
    ]);
    expect(await told(stages('{timeout: 5s}'))).toEqual([
      '3:6 error: "name" is missing in this stage <timeout>',
      '3:6 error: this stage names neither an agent nor a command <timeout>',
      '3:6 warning: this stage has no task <timeout>',
    ]);
  });

  test('no name that is none is offered', async () => {
    const text = stages('{name: "", run: x}', '{name: b, run: x, depends_on: zz}');
    expect((await hintsOf(text)).some((hint) => hint?.includes('did you mean ""'))).toBe(false);
  });
});

describe('a form that other programs take has a hint', () => {
  test.each([
    ['triggers: push', 'write "- event: push" under it'],
    ['triggers: [{schedule: "0 3 * * *"}]', 'write { cron: "0 3 * * *" }'],
    ['concurrency: deploy', 'write { group: deploy }'],
  ])('%s', async (line, hint) => {
    expect(await hintsOf(`${line}\n${stages('{name: a, run: x}')}`)).toEqual([hint]);
  });
});

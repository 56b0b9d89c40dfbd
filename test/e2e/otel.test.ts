import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Ended, murmur8, start } from '../rig/cli.ts';
import {
  answers,
  type OtlpBehaviour,
  type OtlpReceiver,
  type ReceivedSpan,
  startOtlpReceiver,
} from '../rig/otlp-receiver.ts';
import { createPipelineProject, type PipelineProject } from '../rig/pipeline-project.ts';
import { until } from '../rig/until.ts';

/** Long enough for any machine; a delivery that works ends it at once. */
const WAIT = { MURMUR8_TELEMETRY_WAIT_MS: '60000' };

const projects: PipelineProject[] = [];
const receivers: OtlpReceiver[] = [];
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.close();
  for (const project of projects.splice(0)) project.remove();
});

function aProject(): PipelineProject {
  const project = createPipelineProject();
  projects.push(project);
  return project;
}

async function collect(behaviour?: OtlpBehaviour): Promise<OtlpReceiver> {
  const receiver = await startOtlpReceiver(behaviour);
  receivers.push(receiver);
  return receiver;
}

async function pipelineProject(definition: string): Promise<PipelineProject> {
  const project = aProject();
  await project.register(definition);
  return project;
}

function run(project: PipelineProject, args: readonly string[], env: Record<string, string>): Promise<Ended> {
  return murmur8(args, { cwd: project.root, env });
}

function to(receiver: OtlpReceiver, env: Record<string, string> = WAIT): Record<string, string> {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env };
}

/** The lines of a run's `otel.log`, without their time. */
function log(project: PipelineProject, executionId = project.runs()[0] ?? ''): string[] {
  const file = join(project.stateDir, 'runs', executionId, 'otel.log');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(line.indexOf(' ') + 1));
}

function named(spans: readonly ReceivedSpan[], name: string): readonly ReceivedSpan[] {
  return spans.filter((span) => span.name === name);
}

function rootsOf(receiver: OtlpReceiver): readonly ReceivedSpan[] {
  return receiver.spans().filter(({ kind }) => kind === 2);
}

/** Every trace has one root, and every other span a parent within it. */
function checkWhole(receiver: OtlpReceiver): void {
  const spans = receiver.spans();
  const ids = new Map(spans.map((span) => [span.spanId, span]));
  expect(ids.size).toBe(spans.length);
  for (const span of spans) {
    expect(span.end >= span.start).toBe(true);
    if (span.kind === 2) expect(span.parentSpanId).toBeUndefined();
    else expect(ids.get(span.parentSpanId ?? '')?.traceId).toBe(span.traceId);
  }
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(rootsOf(receiver).length);
}

const FLAKY = `
name: flaky
stages:
  - {name: build, run: echo made}
  - {name: test, depends_on: build, retries: 2, run: 'test -e once || { touch once; exit 3; }'}
`;

const PLAIN = `
name: plain
stages:
  - {name: build, run: echo made}
`;

const BROKEN = `
name: broken
stages:
  - {name: build, run: exit 4}
  - {name: ship, depends_on: build, run: echo shipped}
`;

/** A stage that waits for a file. */
const HELD = `
name: held
stages:
  - {name: first, run: echo first >> ran}
  - {name: middle, run: "touch waiting; while [ ! -e go ]; do sleep 0.02; done"}
`;

describe('a run of a pipeline', () => {
  test('is one trace at the collector, with a span per stage and attempt', async () => {
    const receiver = await collect();
    const project = await pipelineProject(FLAKY);
    const ended = await run(project, ['pipeline', 'run', 'flaky'], {
      ...to(receiver),
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=k%20of%20mine',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,team=a%2Cb',
      TRACEPARENT: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    });
    expect(ended.code).toBe(0);
    expect(receiver.requests.map(({ path }) => path)).toEqual(['/v1/traces']);
    expect(receiver.requests[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'x-api-key': 'k of mine',
    });
    checkWhole(receiver);
    const spans = receiver.spans();
    expect(spans.map(({ name }) => name)).toEqual([
      'RUN flaky',
      'build',
      'command build',
      'test',
      'command test',
      'command test',
    ]);
    const [runId] = project.runs();
    expect(spans[0]).toMatchObject({
      kind: 2,
      status: 0,
      attributes: {
        'cicd.pipeline.name': 'flaky',
        'cicd.pipeline.run.id': runId,
        'cicd.pipeline.result': 'success',
        'murmur8.total_attempts': 3,
        'murmur8.retry_rate': 0.5,
        'vcs.ref.head.revision': project.git('rev-parse', 'HEAD').trim(),
      },
      resource: {
        'service.name': 'murmur8',
        'deployment.environment.name': 'test',
        team: 'a,b',
      },
      links: [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }],
    });
    expect(
      named(spans, 'command test').map(({ status, attributes }) => [status, attributes['murmur8.exit_code']]),
    ).toEqual([
      [2, 3],
      [0, 0],
    ]);
    expect(named(spans, 'test')[0]?.attributes).toMatchObject({
      'cicd.pipeline.task.name': 'test',
      'cicd.pipeline.task.run.id': `${runId}/test`,
      'cicd.pipeline.task.run.result': 'success',
    });
    expect(log(project)).toEqual([`${runId} delivered 6 spans`]);
  });

  test('that failed says why, and ends as it does without a collector', async () => {
    const receiver = await collect();
    const project = await pipelineProject(BROKEN);
    const ended = await run(project, ['pipeline', 'run', 'broken'], {
      ...to(receiver),
      OTEL_SERVICE_NAME: 'builds',
    });
    expect(ended.code).toBe(1);
    checkWhole(receiver);
    const [root] = rootsOf(receiver);
    expect(root).toMatchObject({
      status: 2,
      attributes: {
        'cicd.pipeline.result': 'failure',
        'error.type': 'STAGE_FAILED',
        'murmur8.failed_stage': 'build',
      },
      resource: { 'service.name': 'builds' },
    });
    expect(named(receiver.spans(), 'ship')).toMatchObject([
      {
        attributes: { 'cicd.pipeline.task.run.result': 'skip', 'murmur8.skip_reason': 'UPSTREAM_FAILED' },
      },
    ]);
  });

  test('that was interrupted and went on is two traces, of which the second is linked to the first', async () => {
    const receiver = await collect();
    const project = await pipelineProject(HELD);
    const first = start(['pipeline', 'run', 'held'], { cwd: project.root, env: to(receiver) });
    await until(() => expect(project.has('waiting')).toBe(true));
    first.child.kill('SIGINT');
    expect((await first.ended).code).toBe(130);
    project.write('go', '');
    const [runId = ''] = project.runs();
    expect((await run(project, ['pipeline', 'run', '--resume', runId], to(receiver))).code).toBe(0);
    checkWhole(receiver);
    const [before, after] = rootsOf(receiver);
    expect(rootsOf(receiver)).toHaveLength(2);
    expect(before?.attributes).toMatchObject({
      'cicd.pipeline.result': 'cancellation',
      'murmur8.reason_code': 'USER_INTERRUPT',
      'murmur8.segment': 1,
    });
    expect(after?.attributes).toMatchObject({ 'cicd.pipeline.result': 'success', 'murmur8.segment': 2 });
    expect(after?.attributes['murmur8.execution_id']).toBe(runId);
    expect(after?.links).toMatchObject([{ traceId: before?.traceId, spanId: before?.spanId }]);
    // What was finished before it was interrupted is in the first trace alone.
    expect(named(receiver.spans(), 'first').map(({ traceId }) => traceId)).toEqual([before?.traceId]);
  });

  test('that was killed and taken over under its id is one trace, with what was lost as abandoned', async () => {
    const receiver = await collect();
    const project = await pipelineProject(HELD);
    const first = start(['pipeline', 'run', 'held'], { cwd: project.root, env: to(receiver) });
    await until(() => expect(project.has('waiting')).toBe(true));
    first.child.kill('SIGKILL');
    await first.ended;
    expect(receiver.requests).toEqual([]);
    project.write('go', '');
    const [runId = ''] = project.runs();
    expect((await run(project, ['pipeline', 'run', '--resume', runId], to(receiver))).code).toBe(0);
    checkWhole(receiver);
    expect(rootsOf(receiver)).toHaveLength(1);
    expect(rootsOf(receiver)[0]?.links).toEqual([]);
    expect(
      named(receiver.spans(), 'command middle').map(({ attributes }) => attributes['murmur8.outcome']),
    ).toEqual(['abandoned', 'ok']);
  });

  test('that is cancelled while nobody drives it sends its end as well', async () => {
    const receiver = await collect();
    const project = await pipelineProject(HELD);
    const first = start(['pipeline', 'run', 'held'], { cwd: project.root, env: {} });
    await until(() => expect(project.has('waiting')).toBe(true));
    first.child.kill('SIGINT');
    await first.ended;
    const [runId = ''] = project.runs();
    expect((await run(project, ['pipeline', 'cancel', runId], to(receiver))).code).toBe(0);
    const [root] = rootsOf(receiver);
    expect(root?.attributes).toMatchObject({
      'cicd.pipeline.result': 'cancellation',
      'murmur8.reason_code': 'USER_CANCELLED',
      'murmur8.phase': 'cancelled',
    });
    expect(root?.links).toHaveLength(1);
  });
});

describe('a feature', () => {
  test('is a trace in which its agents were invoked, without a word that they wrote', async () => {
    const receiver = await collect();
    const project = aProject();
    const ended = await run(
      project,
      [
        'implement-feature',
        'greeting',
        '--brief',
        project.brief,
        '--runner',
        'offline',
        '--pause-after',
        'alex',
      ],
      to(receiver),
    );
    expect(ended.code).toBe(3);
    const [runId = ''] = project.runs();
    expect((await run(project, ['resume', runId], to(receiver))).code).toBe(0);
    checkWhole(receiver);
    const [before, after] = rootsOf(receiver);
    expect(before?.attributes).toMatchObject({
      'murmur8.feature': 'greeting',
      'murmur8.reason_code': 'PAUSED_AFTER_STAGE',
    });
    expect(after?.links).toMatchObject([{ traceId: before?.traceId, spanId: before?.spanId }]);
    expect(after?.attributes['cicd.pipeline.result']).toBe('success');
    const agents = receiver.spans().filter(({ attributes }) => 'gen_ai.agent.name' in attributes);
    expect(agents.length).toBeGreaterThan(4);
    for (const { name, attributes } of agents) {
      expect(name).toBe(`invoke_agent ${attributes['gen_ai.agent.name']}`);
      expect(attributes).toMatchObject({
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.provider.name': 'offline',
      });
    }
    expect(named(agents, 'invoke_agent alex').map(({ traceId }) => traceId)).toEqual([before?.traceId]);
    const sent = JSON.stringify(
      receiver.requests.map(({ spans }) => spans.map((span) => ({ ...span, start: 0, end: 0 }))),
    );
    expect(sent).not.toMatch(/hello|step 1|as a user/i);
  });
});

describe('a collector that does not do what it should', () => {
  test('and answers 503 at first gets the trace in the end, once', async () => {
    const receiver = await collect((response, index) =>
      answers(response, index === 0 ? 503 : 200, { 'Retry-After': '0' }),
    );
    const project = await pipelineProject(PLAIN);
    const ended = await run(project, ['pipeline', 'run', 'plain'], to(receiver));
    expect(ended).toMatchObject({ code: 0, stderr: expect.not.stringContaining('trace') });
    expect(receiver.requests).toHaveLength(2);
    expect(receiver.requests[1]?.spans).toEqual(receiver.requests[0]?.spans);
    checkWhole(receiver);
  });

  test('and hangs holds nobody up', async () => {
    const receiver = await collect(() => undefined);
    const project = await pipelineProject(PLAIN);
    const ended = await run(project, ['pipeline', 'run', 'plain'], to(receiver, {}));
    expect(ended.code).toBe(0);
    await until(() => expect(receiver.requests).toHaveLength(1));
    // The delivery still waits: the command had ended without it.
    expect(log(project)).toEqual([]);
    const directory = join(project.stateDir, 'runs', project.runs()[0] ?? '');
    const claim = readdirSync(directory).find((name) => /^otel\.[0-9]+$/.test(name)) ?? '';
    process.kill(JSON.parse(readFileSync(join(directory, claim), 'utf8')).pid);
  });

  test('and refuses changes nothing for the run, is told without secrets, and can be tried again', async () => {
    let status = 401;
    const receiver = await collect((response) => answers(response, status));
    const project = await pipelineProject(PLAIN);
    const secret = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20hunter2secret' };
    const ended = await run(project, ['pipeline', 'run', 'plain'], { ...to(receiver), ...secret });
    const [runId = ''] = project.runs();
    expect(ended.code).toBe(0);
    expect(receiver.requests).toHaveLength(1);
    expect(receiver.requests[0]?.headers.authorization).toBe('Bearer hunter2secret');
    expect(ended.stderr).toContain(`the trace of run ${runId} was not delivered: the endpoint answered 401`);
    expect(ended.stderr).toContain(`murmur8 otel-deliver ${runId} ${runId}`);
    expect(log(project)).toEqual([`${runId} not delivered: the endpoint answered 401`]);
    expect(ended.stderr + log(project).join()).not.toMatch(
      /hunter2secret|words of the endpoint|127\.0\.0\.1/,
    );
    status = 200;
    const again = await run(project, ['otel-deliver', runId, runId], to(receiver, {}));
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(again.stdout)).toEqual({
      run_id: runId,
      trace_id: rootsOf(receiver)[0]?.traceId,
      spans: 3,
    });
    expect(receiver.requests[1]?.spans).toEqual(receiver.requests[0]?.spans);
    checkWhole(receiver);
  });

  test('is told by the next run that ends here, where nobody waited, and only once', async () => {
    const receiver = await collect((response, index) => answers(response, index === 0 ? 400 : 200));
    const project = await pipelineProject(PLAIN);
    const first = await run(project, ['pipeline', 'run', 'plain'], to(receiver, {}));
    const [runId = ''] = project.runs();
    expect(first.stderr).not.toContain('trace');
    await until(() => expect(existsSync(join(project.stateDir, 'runs/.otel-undelivered.json'))).toBe(true));
    const second = await run(project, ['pipeline', 'run', 'plain'], to(receiver));
    expect(second.code).toBe(0);
    expect(second.stderr).toContain(`the trace of run ${runId} was not delivered: the endpoint answered 400`);
    const third = await run(project, ['pipeline', 'run', 'plain'], to(receiver));
    expect(third.stderr).not.toContain('trace');
  });

  test.each([
    ['an address that is none', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, 'is not an address'],
    [
      'gRPC',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      'over HTTP only',
    ],
  ])('%s is said to be no use, and the run is as it was', async (_title, env, said) => {
    const project = await pipelineProject(PLAIN);
    const ended = await run(project, ['pipeline', 'run', 'plain'], env);
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining(said) });
    expect(log(project)).toEqual([]);
  });
});

describe('the processes', () => {
  /** Notes of every process that runs it which modules were loaded and what was started, with its own arguments. */
  const directory = mkdtempSync(join(tmpdir(), 'murmur8-otel-'));
  const spy = join(directory, 'spy.cjs');
  writeFileSync(
    spy,
    `const { appendFileSync } = require('node:fs');
     const children = require('node:child_process');
     const started = [];
     const { spawn } = children;
     children.spawn = (program, args, options) => {
       started.push(args);
       return spawn(program, args, options);
     };
     process.on('exit', () => {
       const loaded = Object.keys(require.cache).some((path) => path.includes('@opentelemetry'));
       appendFileSync(${JSON.stringify(directory)} + '/seen-' + process.ppid + '-' + process.pid, JSON.stringify({ argv: process.argv.slice(2), loaded, started }));
     });`,
  );

  async function observed(project: PipelineProject, env: Record<string, string>) {
    const before = new Set(readdirSync(directory));
    const ended = await start(['pipeline', 'run', 'plain'], {
      cwd: project.root,
      env,
      node: ['--require', spy],
    }).ended;
    expect(ended.code).toBe(0);
    const seen = readdirSync(directory)
      .filter((name) => !before.has(name))
      .map((name): { argv: string[]; loaded: boolean; started: string[][] } =>
        JSON.parse(readFileSync(join(directory, name), 'utf8')),
      );
    return {
      runs: seen.filter(({ argv }) => argv[0] === 'pipeline'),
      deliveries: seen.filter(({ argv }) => argv[0] === 'otel-deliver'),
    };
  }

  test('of a run load nothing of OpenTelemetry: only the one that delivers does, without a secret in its arguments', async () => {
    const receiver = await collect();
    const project = await pipelineProject(PLAIN);
    const { runs, deliveries } = await observed(project, {
      ...to(receiver),
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hunter2secret',
    });
    expect(runs.map(({ loaded }) => loaded)).toEqual([false]);
    expect(runs[0]?.started.flat()).toContain('otel-deliver');
    expect(deliveries.map(({ loaded }) => loaded)).toEqual([true]);
    expect(JSON.stringify([runs, deliveries])).not.toMatch(/hunter2secret|127\.0\.0\.1/);
    checkWhole(receiver);
  });

  test.each([
    ['no variable is set', {}],
    ['the SDK is disabled', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_SDK_DISABLED: 'true' }],
    [
      'traces go nowhere',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_TRACES_EXPORTER: 'none' },
    ],
  ])('start none to deliver where %s', async (_title, env) => {
    const project = await pipelineProject(PLAIN);
    const { runs, deliveries } = await observed(project, { ...WAIT, ...env });
    expect(runs).toHaveLength(1);
    expect(runs[0]?.loaded).toBe(false);
    expect(runs[0]?.started.flat()).not.toContain('otel-deliver');
    expect(deliveries).toEqual([]);
    expect(log(project)).toEqual([]);
  });
});

describe('otel-deliver, by hand', () => {
  test.each([
    ['where nothing is set', ['an-id'], {}, 1, 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    [
      'of a run that is not there',
      ['an-id'],
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
      6,
      'an-id',
    ],
    ['without a run', [], {}, 2, 'otel-deliver --help'],
  ])('says what is wrong %s', async (_title, args, env, code, said) => {
    const ended = await run(aProject(), ['otel-deliver', ...args], env);
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(said) });
  });
});

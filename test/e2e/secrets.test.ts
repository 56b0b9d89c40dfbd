import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Ended, MACHINE, murmur8 } from '../rig/cli.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../rig/otlp-receiver.ts';
import { createPipelineProject, type PipelineProject } from '../rig/pipeline-project.ts';
import { type Receiver, startReceiver } from '../rig/receiver.ts';
import { scriptedAgent } from '../rig/scripted-agent.ts';

const AGENT = join(import.meta.dirname, '../rig/leaky-agent.mjs');

/** Where secrets are planted: our own environment, and files of the project. */
const OURS = 'cn-ours/9f"quote\\7Qz+x41';
const DOTENV = 'cn-dotenv&4kTq=9z Pw 7711';
const HARMLESS = 'cnHarmless7a9Kx2b8Q4zz5T1';
const NPM = 'cn-npm-3b1x9Zq8kk20';
const KEY_BODY = 'MIICnKeyBody0zX9qLw82kVbT5rYtUiOpAsDfGh+/jk';
const KEY = `-----BEGIN EC PRIVATE KEY-----\n${KEY_BODY}\n${KEY_BODY.split('').reverse().join('')}\n-----END EC PRIVATE KEY-----`;

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const hex = (text: string): string => Buffer.from(text).toString('hex');

/** What the agent says. */
const TEXTS = [OURS, DOTENV, HARMLESS, NPM].flatMap((secret) => [
  `x${secret}y`,
  base64(secret),
  base64(`user:${secret}`),
  hex(secret),
  encodeURIComponent(secret),
  JSON.stringify({ nested: JSON.stringify({ secret }) }),
]);

/** What is looked for everywhere. */
const NEEDLES = [
  ...[OURS, DOTENV, HARMLESS, NPM].flatMap((secret) => [
    secret,
    JSON.stringify(secret).slice(1, -1),
    base64(secret).replace(/=+$/, '').slice(0, -2),
    base64(`user:${secret}`).slice(8, -4),
    hex(secret),
    encodeURIComponent(secret),
    secret.replace(/[^\w-]/g, ''),
  ]),
  ...[OURS, DOTENV, NPM].map((secret) => secret.slice(0, 14)),
  KEY_BODY,
  KEY_BODY.slice(0, 30),
];

let project: PipelineProject;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  project.remove();
});

function aProject(): void {
  project = createPipelineProject();
  project.write('.gitignore', '.env*\n.npmrc\n.claude/\nmade/\n');
  project.write('.env', `DB_PASS='${DOTENV}'\nSIGNING_KEY="${KEY.replaceAll('\n', '\\n')}"\n`);
  project.write('.env.local', `SETTING=${HARMLESS}\n`);
  project.write('.npmrc', `//registry.example.org/:_authToken=${NPM}\n`);
}

async function receivers(): Promise<{
  telemetry: Receiver;
  otlp: OtlpReceiver;
  env: Record<string, string>;
}> {
  const telemetry = await startReceiver();
  const otlp = await startOtlpReceiver();
  closing.push(
    () => telemetry.close(),
    () => otlp.close(),
  );
  const env = {
    MY_SERVICE_TOKEN: OURS,
    ANTHROPIC_API_KEY: 'sk-ant-of-the-agent-itself',
    MURMUR8_TELEMETRY_URL: telemetry.url,
    MURMUR8_TELEMETRY_WAIT_MS: '30000',
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
  };
  return { telemetry, otlp, env };
}

/** Every place in which something of a run ends up, by name. */
function places(ended: Ended, { telemetry, otlp }: Awaited<ReturnType<typeof receivers>>) {
  const spans = JSON.stringify(otlp.requests, (_key, value) =>
    typeof value === 'bigint' ? `${value}` : value,
  );
  return [
    ['standard output', ended.stdout] as const,
    ['standard error', ended.stderr] as const,
    ['telemetry', telemetry.received.map(({ text }) => text).join('\n')] as const,
    ['traces', spans] as const,
    ...[project.stateDir, MACHINE['HOME'] ?? ''].flatMap((directory) =>
      readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [path, readFileSync(path, 'utf8')] as const),
    ),
  ];
}

function leaks(all: ReturnType<typeof places>): string[] {
  return all.flatMap(([name, text]) =>
    NEEDLES.filter((needle) => text.includes(needle) || name.includes(needle)).map(
      (needle) => `${name}: ${needle}`,
    ),
  );
}

const STAGES = `
name: leaky
stages:
  - {name: work, agent: builder, task: Work, outputs: [value0], depends_on: []}
  - {name: ask, agent: builder, task: Ask, depends_on: []}
  - {name: fail, agent: builder, task: Fail, depends_on: []}
`;

test.each(['stdout', 'acp', 'claude'])(
  'nothing of a secret that an agent tells by way of %s is kept, shown or sent',
  async (manner) => {
    aProject();
    await project.register(STAGES);
    const file = join(mkdtempSync(join(tmpdir(), 'murmur8-leaky-')), 'texts.json');
    writeFileSync(file, JSON.stringify([...TEXTS, KEY, JSON.stringify(KEY)]));
    const there = await receivers();
    const claude = { MURMUR8_CLAUDE_PROGRAM: AGENT, LEAKY_FILE: file, MURMUR8_PASS_ENV: 'LEAKY_FILE' };
    const runner = {
      stdout: `command:node ${AGENT} ${file} stdout`,
      acp: `acp:node ${AGENT} ${file} acp`,
      claude: 'claude',
    }[manner];
    const ended = await murmur8(['pipeline', 'run', 'leaky', '--runner', runner ?? '', '--events'], {
      cwd: project.root,
      env: { ...there.env, ...(manner === 'claude' ? claude : {}) },
    });
    const all = places(ended, there);
    expect(leaks(all)).toEqual([]);
    // It did speak, in every channel.
    const kept = all.map(([, text]) => text).join('\n');
    expect(kept.split('***').length).toBeGreaterThan(50);
    expect(
      project
        .journal()
        .some((event) => event.type === 'attempt.generated' && event.question?.includes('***')),
    ).toBe(true);
    expect(kept).toContain('holds what looks like a secret');
  },
  60_000,
);

test('a run of a feature tells no secret either, and commits nothing that holds one', async () => {
  aProject();
  const there = await receivers();
  const told = TEXTS.join('\n');
  const agent = scriptedAgent({
    acts: {
      alex: [[{ print: `${told}\n` }, 'work']],
      'cass:review': [[{ rate: { rating: 4, issues: TEXTS.slice(0, 6), recommendation: 'proceed' } }]],
      nigel: [[{ print: told }, { kill: 'SIGKILL' }], ['work']],
      'codey-implement': [
        [{ write: 'src/config.js', text: `// what\nexport const pass = '${DOTENV}';\n` }, 'work'],
      ],
    },
  });
  const run = { cwd: project.root, env: there.env };
  const args = ['implement-feature', 'greeting', '--brief', project.brief, '--runner', agent.runner, '--yes'];
  const ended = await murmur8([...args, '--events'], run);
  expect(ended).toMatchObject({ code: 3 });
  expect(ended.stderr).toContain('COMMIT_DECLINED');
  expect(ended.stdout).toContain('stands in src/config.js:2;');
  expect(leaks(places(ended, there))).toEqual([]);
  expect(there.telemetry.received.length).toBeGreaterThan(0);
  expect(there.otlp.requests.length).toBeGreaterThan(0);
  project.write('src/config.js', 'export const pass = process.env.DB_PASS;\n');
  expect(await murmur8(['resume', project.runs()[0] ?? ''], run)).toMatchObject({ code: 0 });
  expect(project.committed()).toContain('src/config.js');
}, 60_000);

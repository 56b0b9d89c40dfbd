import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createOfflineAgent } from '../../src/edges/agents/offline.ts';
import type { AgentOrder } from '../../src/engine/ports.ts';
import type { Act, AgentStart, Scenario } from './scripted-agent.ts';

const directory = process.argv[2] ?? '';
const scenario = JSON.parse(readFileSync(join(directory, 'scenario.json'), 'utf8')) as Scenario;
const given = (name: string): string => process.env[name] ?? '';
const prompt = readFileSync(0, 'utf8');
const key = given('MURMUR8_JOB') === 'review' ? `${given('MURMUR8_STAGE')}:review` : given('MURMUR8_STAGE');
const log = join(directory, 'starts.jsonl');
const before = readFileSync(log, 'utf8')
  .split('\n')
  .filter((line) => line.includes(`"key":${JSON.stringify(key)}`)).length;
const start: AgentStart = {
  key,
  pid: process.pid,
  attempt: given('MURMUR8_ATTEMPT'),
  prompt,
  ...(given('MURMUR8_STEP') === '' ? {} : { step: given('MURMUR8_STEP') }),
};
appendFileSync(log, `${JSON.stringify(start)}\n`);

void (async () => {
  for (const act of scenario.acts?.[key]?.[before] ?? ['work' as const]) await perform(act);
})();

async function perform(act: Act): Promise<void> {
  if (act === 'work') return work();
  if ('rate' in act) return writeFileSync(given('MURMUR8_ANSWER'), JSON.stringify(act.rate));
  if ('ask' in act)
    return writeFileSync(given('MURMUR8_ANSWER'), JSON.stringify({ question: { text: act.ask } }));
  if ('answer' in act) return writeFileSync(given('MURMUR8_ANSWER'), act.answer);
  if ('write' in act) {
    mkdirSync(dirname(act.write), { recursive: true });
    return writeFileSync(act.write, act.text);
  }
  if ('append' in act) return appendFileSync(act.append, act.text);
  if ('replace' in act)
    return writeFileSync(act.replace, readFileSync(act.replace, 'utf8').replaceAll(act.from, act.to));
  if ('remove' in act) return rmSync(act.remove, { recursive: true });
  if ('git' in act) {
    execFileSync('git', [...act.git], { stdio: 'ignore' });
    return;
  }
  if ('print' in act) return print(Buffer.from(act.print));
  if ('garbage' in act) return print(randomBytes(act.garbage));
  if ('flood' in act) {
    const line = Buffer.from(`${'x'.repeat(1 << 16)}\n`);
    for (let sent = 0; sent < act.flood; sent += line.length) print(line);
    return;
  }
  if ('orphan' in act) {
    const child = spawn('sleep', ['3600'], { detached: true, stdio: 'ignore' });
    child.unref();
    appendFileSync(join(directory, 'notes.txt'), `${child.pid}\n`);
    return;
  }
  if ('ignore' in act) {
    process.on(act.ignore, () => {});
    return;
  }
  if ('hang' in act) {
    appendFileSync(join(directory, 'notes.txt'), 'hanging\n');
    setInterval(() => {}, 1 << 30);
    return new Promise(() => {});
  }
  if ('kill' in act) {
    process.kill(process.pid, act.kill);
    return new Promise(() => {});
  }
  process.exit(act.exit);
}

async function work(): Promise<void> {
  const step = given('MURMUR8_STEP');
  const order: AgentOrder = {
    runId: given('MURMUR8_RUN_ID'),
    attempt: 1,
    agent: 'scripted',
    instructions: '',
    prompt,
    cwd: process.cwd(),
    timeoutMs: 60_000,
    stallTimeoutMs: 60_000,
    answerFile: given('MURMUR8_ANSWER'),
    logFile: join(directory, 'offline.log'),
    scratchDir: directory,
    homeDir: directory,
    job: {
      kind: given('MURMUR8_JOB') === 'review' ? 'review' : 'work',
      stage: given('MURMUR8_STAGE'),
      slug: given('MURMUR8_SLUG'),
      featureId: given('MURMUR8_FEATURE_ID'),
      briefPath: given('MURMUR8_BRIEF'),
      findings: [],
      withStories: scenario.withStories ?? true,
      ...(step === '' ? {} : { step: Number(step) }),
    },
  };
  const outcome = await createOfflineAgent().run(order, () => {}, new AbortController().signal);
  if (outcome.outcome !== 'ok') throw new Error(outcome.message);
}

function print(bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

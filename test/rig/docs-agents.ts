/**
 * For scripts/docs.mjs: somebody who has the agents that are named as arguments, with a scripted model behind each of
 * them. Prints one line of JSON, the environment of whatever they start and what stands for paths of this machine, and
 * ends when its standard input does. Names those that are not installed instead, and ends at once.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { USER_KEY, writeSettings } from './agent-user.ts';
import { AGENT_NAMES, agentProgram } from './agents.ts';
import { featureScript, USAGE } from './feature-script.ts';
import { startModelServer } from './model-server.ts';
import type { ModelRequest, ModelStep } from './model-server-step.ts';

const agents = AGENT_NAMES.filter((name) => process.argv.includes(name)).map((name) => ({
  name,
  program: agentProgram(name),
}));
const missing = agents.filter(({ program }) => program === undefined).map(({ name }) => name);
if (missing.length > 0) process.stdout.write(`${JSON.stringify({ missing })}\n`);
else await serve();

async function serve(): Promise<void> {
  const server = await startModelServer();
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'murmur8-docs-home-')));
  const programs = join(home, 'bin');
  mkdirSync(programs);
  const paths: Record<string, string> = { [programs]: '/usr/local/bin', [home]: '/home/ada' };
  const env: Record<string, string> = {};
  for (const { name, program = '' } of agents) {
    const { url } = server.session(modelOf);
    writeSettings(name, home, url, USER_KEY);
    // By its protocol it takes a key from nowhere else.
    if (name === 'gemini') Object.assign(env, { GEMINI_API_KEY: USER_KEY, GOOGLE_GEMINI_BASE_URL: url });
    symlinkSync(program, join(programs, name));
    paths[installationOf(program)] = '/usr/local/lib';
  }
  process.stdout.write(`${JSON.stringify({ home, programs, env, paths })}\n`);
  process.stdin.resume();
  process.stdin.on('end', () => {
    void server.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  });
}

/** Plays the feature pipeline, and writes the word that `agents test` asks for. */
function modelOf(request: ModelRequest): ModelStep | Promise<ModelStep> {
  const word = /murmur-[0-9a-f]{8}/.exec(request.prompt)?.[0];
  if (word === undefined) return feature(request);
  const step = request.turn === 0 ? { write: { path: 'word.txt', content: `${word}\n` } } : { text: 'done' };
  return { usage: USAGE, ...step };
}

function feature(request: ModelRequest): ModelStep | Promise<ModelStep> {
  const script = featureScript();
  return typeof script === 'function' ? script(request) : { text: '' };
}

/** The directory that holds `node_modules`. */
function installationOf(program: string): string {
  const real = realpathSync(program);
  const at = real.indexOf('/node_modules/');
  return at < 0 ? dirname(real) : real.slice(0, at);
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CliSession, Environment } from '../../../src/edges/agents/cli-agent-definition.ts';
import { codexEnvironment } from '../../../src/edges/agents/codex-environment.ts';
import { codexLogin } from '../../../src/edges/agents/codex-login.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'murmur8-codex-login-'));
  mkdirSync(join(home, '.codex'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const left = (name: string, text: string) => writeFileSync(join(home, '.codex', name), text);

function session(env: Environment, isolated = false): CliSession {
  return {
    order: {
      runId: 'run-1',
      attempt: 1,
      agent: 'alex',
      instructions: '',
      prompt: '',
      cwd: '/work',
      timeoutMs: 1,
      stallTimeoutMs: 1,
      answerFile: '/tmp/a/answer.json',
      logFile: '/state/log',
      scratchDir: '/state/scratch',
      homeDir: '/state/home',
      job: {
        kind: 'work',
        stage: 'alex',
        slug: 'demo',
        featureId: 'f-1',
        briefPath: 'BRIEF.md',
        findings: [],
        withStories: true,
      },
    },
    program: '/bin/codex',
    temporaryDir: '/tmp/a',
    env: { HOME: home, ...env },
    isolated,
  };
}

describe('the login of codex', () => {
  it('is there as a stored one or as a key, and missing without either', async () => {
    expect(await codexLogin({ HOME: home })).toBe('missing');
    expect(await codexLogin({ HOME: home, OPENAI_API_KEY: 'k' })).toBe('ok');
    expect(await codexLogin({ HOME: home, CODEX_API_KEY: 'k' })).toBe('ok');
    left('auth.json', '{}');
    expect(await codexLogin({ HOME: home })).toBe('ok');
    expect(await codexLogin({ HOME: home, CODEX_HOME: '/nowhere' })).toBe('missing');
  });

  it('is unknown with a service of the user’s own', async () => {
    expect(await codexLogin({ HOME: home, OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' })).toBe('unknown');
    left('config.toml', 'model_provider = "company"\n');
    expect(await codexLogin({ HOME: home })).toBe('unknown');
  });
});

describe('the environment of codex', () => {
  it('holds its own variables and no other service’s', () => {
    const env = codexEnvironment(
      session({
        OPENAI_BASE_URL: 'http://127.0.0.1:1/v1',
        OPENAI_ORGANIZATION: 'o',
        CODEX_CA_CERTIFICATE: '/ca.pem',
        ANTHROPIC_API_KEY: 'a',
        GEMINI_API_KEY: 'g',
        AWS_SECRET_ACCESS_KEY: 's',
      }),
    );
    expect(env).toMatchObject({
      OPENAI_ORGANIZATION: 'o',
      CODEX_CA_CERTIFICATE: '/ca.pem',
      TMPDIR: '/tmp/a',
      MURMUR8_ANSWER: '/tmp/a/answer.json',
    });
    expect(Object.keys(env).filter((name) => /^(?:ANTHROPIC|GEMINI|AWS)_/.test(name))).toEqual([]);
    expect(env).not.toHaveProperty('CODEX_HOME');
  });

  it('knows nothing of a codex around it', () => {
    const outer = { CODEX_THREAD_ID: 't', CODEX_SANDBOX: 'seatbelt', CODEX_CI: '1', CODEX_SESSION_ID: 's' };
    const names = Object.keys(codexEnvironment(session(outer)));
    expect(names.filter((name) => name.startsWith('CODEX_'))).toEqual([]);
  });

  it('gives the key of OpenAI to codex, unless the user logged codex in', () => {
    expect(codexEnvironment(session({ OPENAI_API_KEY: 'k' }))).toMatchObject({ CODEX_API_KEY: 'k' });
    expect(codexEnvironment(session({ OPENAI_API_KEY: 'k', CODEX_API_KEY: 'c' }))).toMatchObject({
      CODEX_API_KEY: 'c',
    });
    left('auth.json', '{}');
    expect(codexEnvironment(session({ OPENAI_API_KEY: 'k' }))).not.toHaveProperty('CODEX_API_KEY');
  });

  it('has its settings in the directory of the run when it is kept from the user’s', () => {
    expect(codexEnvironment(session({}, true))).toMatchObject({ CODEX_HOME: '/state/home/.codex' });
  });
});

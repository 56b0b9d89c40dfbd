import { describe, expect, it } from 'vitest';
import {
  gitConfigThatCounts,
  isOwnConfigName,
  isSecretFileName,
} from '../../../src/core/agent/protected-files.ts';
import { readsAtStart } from '../../../src/core/agent/startup-files.ts';

it.each(['.env', '.env.local', '.env.production', '.envrc'])('%s holds secrets', (name) => {
  expect(isSecretFileName(name)).toBe(true);
});

it.each(['.env.example', '.env.local.sample', 'env', 'x.env', '.env.dist'])('%s is shown around', (name) => {
  expect(isSecretFileName(name)).toBe(false);
});

it('its own configuration is known by its names', () => {
  expect(['retry-config.json', 'notify-config.json'].every(isOwnConfigName)).toBe(true);
  expect(['pipeline-history.json', 'settings.json', 'retry-config.json.1.tmp'].some(isOwnConfigName)).toBe(
    false,
  );
});

describe('of the configuration of git', () => {
  const plain = '[core]\n\tbare = false';
  it('what is noted about branches does not count', () => {
    const noted = '[branch "a/b"]\n\tremote = origin\n\tmerge = refs/heads/a/b\n\trebase = true\n';
    expect(gitConfigThatCounts(`${plain}\n${noted}`)).toBe(plain);
    expect(gitConfigThatCounts(`${noted}${plain}\n`)).toBe(plain);
  });

  it.each([
    '[branch "a"] [core] hooksPath = /evil',
    '[branch "a"]\n\tremote = ext::sh -c evil',
    '[branch "a"]\n\tmergeOptions = -s evil',
    '[branch "a"]\n\tmerge = refs/heads/a\\\n[core]\n\thooksPath = /evil',
    '[branch "a"]\n[core]\n\tfsmonitor = evil',
    '[branch "a\\"]\n[core]"]\n\tpager = evil',
  ])('whatever else stands there counts: %j', (more) => {
    expect(gitConfigThatCounts(`${plain}\n${more}`)).not.toBe(plain);
  });
});

it('a runner reads what its agent does, an unknown program all', () => {
  const read = (runner: string, path: string) => readsAtStart(runner, path);
  expect(read('opencode', 'packages/a/.opencode/plugin/x.js')).toBe(true);
  expect(read('opencode', 'opencode.jsonc')).toBe(true);
  expect(read('opencode', '.claude/settings.json')).toBe(false);
  expect(read('gemini', '.gemini/settings.json')).toBe(true);
  expect(read('claude', '.mcp.json') || read('codex', '.codex/config.toml')).toBe(false);
  expect(read('acp:some-agent', '.mcp.json') && read('command:x', '.claude/hooks/y')).toBe(true);
  expect(read('offline', '.mcp.json')).toBe(false);
});

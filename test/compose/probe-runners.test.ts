import { describe, expect, test } from 'vitest';
import { probeRunners } from '../../src/compose/probe-runners.ts';
import { fail, ok, type Result } from '../../src/core/result.ts';
import type { AgentRunner } from '../../src/engine/ports.ts';

const probed: string[] = [];

function runner(name: string): Result<AgentRunner> {
  if (name === 'nobody') return fail({ code: 'unknown-runner', message: 'there is no runner "nobody"' });
  return ok({
    name,
    probe: async () => {
      probed.push(name);
      if (name === 'absent')
        return fail({ code: 'DEP_RUNNER_FAIL', message: 'absent cannot be found', hint: 'install it' });
      return ok({ runner: name, login: name === 'logged-out' ? 'missing' : 'ok', reportsCost: true });
    },
    run: () => Promise.reject(new Error('nobody runs here')),
  });
}

const options = { runner, validate: true, hasCostLimit: false };

describe('runners before a run', () => {
  test('are looked at once each, also those that only take over', async () => {
    probed.length = 0;
    expect(await probeRunners([['claude', 'codex'], ['codex'], ['claude']], options)).toEqual(ok(undefined));
    expect(probed).toEqual(['claude', 'codex']);
  });

  test.each([
    [
      'absent',
      'absent, the fallback of claude: absent cannot be found',
      'install it; or take absent out of the runners',
    ],
    [
      'nobody',
      'nobody, the fallback of claude: there is no runner "nobody"',
      'take nobody out of the runners',
    ],
    [
      'logged-out',
      'logged-out, the fallback of claude: logged-out is not logged in',
      'take logged-out out of the runners',
    ],
  ])(
    'are refused with the name of the one that they would take over from: %s',
    async (name, message, hint) => {
      expect(await probeRunners([['claude', name]], options)).toMatchObject({
        ok: false,
        error: { message: expect.stringContaining(message), hint: expect.stringContaining(hint) },
      });
    },
  );

  test('are no fallback where they are the first of another agent', async () => {
    const wanted = [['claude', 'absent'], ['absent']] as const;
    expect(await probeRunners(wanted, options)).toMatchObject({
      error: { message: 'absent cannot be found' },
    });
  });
});

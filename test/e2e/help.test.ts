import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, FAMILIES } from '../../src/interfaces/cli/catalogue.ts';
import { BIN, MACHINE, murmur8 } from '../rig/cli.ts';

const COMMANDS = CATALOGUE.flatMap((group) => group.commands.map(([name, summary]) => ({ name, summary })));
const FAMILY_COMMANDS = Object.entries(FAMILIES).flatMap(([family, { commands }]) =>
  commands.map(([command, summary]) => ({ family, command, summary, name: `${family} ${command}` })),
);
/** No project, no state: help needs neither. */
const NOWHERE = { cwd: mkdtempSync(join(tmpdir(), 'murmur8-help-')) };

describe('help', () => {
  it.each([...COMMANDS, ...FAMILY_COMMANDS])(
    'of $name is printed with exit code 0 and nothing else',
    async ({ name }) => {
      const done = await murmur8([...name.split(' '), '--help'], NOWHERE);
      expect(done).toMatchObject({ code: 0, stderr: '' });
      expect(done.stdout).toMatch(new RegExp(`^Usage: murmur8 ${name} `));
      expect(done.stdout).toContain('--help');
    },
  );

  it.each([['--help'], ['-h'], ['help'], []])(
    'of the whole program names every command (%s)',
    async (...words) => {
      const done = await murmur8(words, NOWHERE);
      expect(done).toMatchObject({ code: 0, stderr: '' });
      for (const { name, summary } of COMMANDS) {
        expect(done.stdout).toContain(`  ${name}`);
        expect(done.stdout).toContain(summary);
      }
    },
  );
});

describe('a word that stands before other commands', () => {
  it.each(
    Object.keys(FAMILIES).flatMap((family) => [
      // Alone it is a command: see agents.test.ts.
      ...(family === 'agents' ? [] : [[family]]),
      [family, '--help'],
      [family, '-h'],
      [family, 'help'],
    ]),
  )('names every one of them with its summary (%s %s)', async (...words) => {
    const done = await murmur8(words, NOWHERE);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    for (const { family, command, summary } of FAMILY_COMMANDS) {
      if (family !== words[0]) continue;
      expect(done.stdout).toContain(`  ${command} `);
      expect(done.stdout).toContain(summary);
    }
  });

  it('takes a misspelt one for no other, says which was meant and ends with 2', async () => {
    const done = await murmur8(['pipeline', 'rum', '--resume', 'x'], NOWHERE);
    expect(done).toMatchObject({ code: 2, stdout: '' });
    expect(done.stderr).toBe(
      'murmur8: pipeline has no command "rum"\nhint: did you mean murmur8 pipeline run?\n',
    );
  });

  it.each(['constructor', '__proto__', '../run', '\x1b[31mx', ''])(
    'refuses what is none of them and shows it safely (%j)',
    async (word) => {
      const done = await murmur8(['pipeline', word], NOWHERE);
      expect(done).toMatchObject({ code: 2, stdout: '' });
      expect(done.stderr).toContain('hint: ');
      expect(done.stderr).not.toContain('\x1b');
    },
  );
});

describe('a slip', () => {
  it.each([...COMMANDS, ...FAMILY_COMMANDS])(
    'in an option of $name ends with 2 and says where help is',
    async ({ name }) => {
      const done = await murmur8([...name.split(' '), '--no-such-option'], NOWHERE);
      expect(done).toMatchObject({ code: 2, stdout: '' });
      expect(done.stderr).toMatch(/^murmur8: /);
      expect(done.stderr).toContain('--no-such-option');
      expect(done.stderr).toMatch(new RegExp(`^hint: murmur8 ${name}.* --help`, 'm'));
    },
  );

  it('in a command ends with 2 and names the one that was meant', async () => {
    const done = await murmur8(['implement-featur', 'x'], NOWHERE);
    expect(done).toMatchObject({ code: 2, stdout: '' });
    expect(done.stderr).toContain('murmur8: there is no command "implement-featur"');
    expect(done.stderr).toContain('hint: did you mean implement-feature');
  });

  it.each(['../package', '_drive', 'package.json', '\x1b[31mred', 'x'.repeat(5000)])(
    'that is no word for a command is refused and shown safely (%j)',
    async (word) => {
      const done = await murmur8([word], NOWHERE);
      expect(done).toMatchObject({ code: 2, stdout: '' });
      expect(done.stderr).toContain('hint: ');
      expect(done.stderr).not.toContain('\x1b');
      expect(done.stderr.length).toBeLessThan(500);
    },
  );
});

describe('a reader that leaves early', () => {
  it.each([['--help'], ['implement-feature', '--help'], ['history', '--json']])(
    'does not make the program crash (%s)',
    async (...words) => {
      const { code, signal, stderr } = await withClosedOutput(words);
      expect({ signal, stderr }).toEqual({ signal: null, stderr: '' });
      expect(code).toBe(0);
    },
  );
});

/** The pipe is closed before the program writes its first byte. */
function withClosedOutput(words: readonly string[]) {
  return new Promise<{ code: number | null; signal: string | null; stderr: string }>((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...words], {
      ...NOWHERE,
      env: MACHINE,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stderr }));
    child.stdout.destroy();
  });
}

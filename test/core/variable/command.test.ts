import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandErrors, commandWithVariables } from '../../../src/core/variable/command.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'murmur8-command-'));
  writeFileSync(join(directory, 'file-a'), '');
  writeFileSync(join(directory, 'file-b'), '');
});
afterAll(() => rmSync(directory, { recursive: true }));

function shell(run: string, value: string, program = '/bin/sh'): string {
  const prepared = commandWithVariables(run, () => value);
  if (!prepared.ok) throw new Error(prepared.error.message);
  const { commandLine, env } = prepared.value;
  const ended = spawnSync(program, ['-c', commandLine], {
    cwd: directory,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    encoding: 'utf8',
    // A bash whose input is a socket takes itself for a remote login and reads its start files.
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(ended.stderr).toBe('');
  return ended.stdout;
}

const HOSTILE = [
  '; echo pwned',
  '$(echo pwned)',
  '`echo pwned`',
  '" ; echo pwned ; "',
  "' ; echo pwned ; '",
  '*',
  'file-*',
  'two words  and   blanks ',
  'first\nEOF\necho pwned\n',
  '-n -e \\n %s',
  '${HOME} $PATH $(( 1 + 1 ))',
  '\\',
  '&& echo pwned || # !',
  '',
];

const PLACES: readonly (readonly [string, string, (value: string) => string])[] = [
  ['unquoted', "printf '[%s]' ${x}", (value) => `[${value}]`],
  ['in double quotes', 'printf "[%s]" "a${x}b"', (value) => `[a${value}b]`],
  ['amid a word', "printf '[%s]' a${x}b", (value) => `[a${value}b]`],
  ['in an assignment', 'y=${x}; printf \'[%s]\' "$y"', (value) => `[${value}]`],
  ['in a substitution', 'printf \'[%s]\' "$(printf %s. ${x})"', (value) => `[${value}.]`],
  ['in a here-document', 'cat <<EOF\n[${x}"]\nEOF', (value) => `[${value}"]\n`],
  ['after a comment with a quote', "# don't\nprintf '[%s]' ${x} # isn't ${x}", (value) => `[${value}]`],
  ['beside a shell expansion', "printf '[%s]' ${x}$${unset:-d}", (value) => `[${value}d]`],
  ['in a pattern', 'case ${x} in ${x}) printf yes;; esac', () => 'yes'],
];

describe.each(PLACES)('%s', (_place, run, expected) => {
  test.each(HOSTILE)('%j stays data', (value) => {
    expect(shell(run, value)).toBe(expected(value));
  });
});

test('any text arrives as it is, in every place', () => {
  const values = fc.string({ unit: 'binary', maxLength: 60 }).filter((text) => !text.includes('\0'));
  const run = 'printf \'%s|\' ${x} "${x}" "$(printf %s_ ${x})"; cat <<EOF\n${x}\nEOF\n';
  fc.assert(
    fc.property(values, (value) => {
      expect(shell(run, value)).toBe(`${value}|${value}|${value}_|${value}\n`);
    }),
    { numRuns: 40 },
  );
});

const hasBash = spawnSync('bash', ['-c', ':'], { stdio: 'ignore' }).status === 0;

test.runIf(hasBash)('pieces of shell arrive as they are, in another shell as well', () => {
  const pieces = fc.constantFrom(
    '$(',
    '${',
    '`',
    '"',
    "'",
    '\\',
    '\n',
    ';',
    ')',
    '}',
    '*',
    ' ',
    '#',
    '<<EOF',
    'id',
  );
  const values = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(values, (value) => {
      expect(shell('printf \'%s|\' a${x} "${x}"', value, 'bash')).toBe(`a${value}|${value}|`);
    }),
    { numRuns: 40 },
  );
});

test('whatever command is put together around it, a value is never run', () => {
  const mark = join(directory, 'run');
  const pieces = fc.constantFrom(
    ...[
      '${x}',
      '"',
      "'",
      '\\',
      ' ',
      '\n',
      '$(',
      ')',
      '$((',
      '))',
      '`',
      '#',
      '<<EOF\n',
      '\nEOF\n',
      "<<'EOF'\n",
    ],
    ...[
      '$${y:-',
      '}',
      ';',
      '(',
      '((',
      'a[',
      ']',
      'case a in a) ',
      ' esac',
      'echo ',
      "$'",
      '[[ ',
      ' -eq 1 ]]',
      '=',
    ],
  );
  const commands = fc
    .array(pieces, { minLength: 1, maxLength: 7 })
    .map((parts) => `echo ${parts.join('')}\${x}`);
  const attack = `:>${mark}`;
  const values = fc.constantFrom(
    ...[
      `$(${attack})`,
      `;${attack};`,
      `\`${attack}\``,
      `"\n${attack}\n"`,
      `a[$(${attack})]`,
      `';${attack};'`,
    ],
    ...[`\nEOF\n${attack}\n`, `)\n${attack}\n(`],
  );
  fc.assert(
    fc.property(commands, values, (command, value) => {
      const prepared = commandWithVariables(command, () => value);
      if (!prepared.ok) return;
      const env = { PATH: process.env['PATH'] ?? '', ...prepared.value.env };
      const options = { cwd: directory, env, stdio: 'ignore' } as const;
      spawnSync(hasBash ? 'bash' : '/bin/sh', ['-c', prepared.value.commandLine], options);
      expect(existsSync(mark)).toBe(false);
    }),
    { numRuns: 80 },
  );
});

test('the value is in the environment and not in the command', () => {
  const prepared = commandWithVariables(
    'deploy ${deploy-to} "${stages.b.outputs.v}" ${deploy-to}',
    (reference) => (reference.kind === 'output' ? 'one' : 'two'),
  );
  expect(prepared).toEqual({
    ok: true,
    value: {
      commandLine:
        'deploy "${MURMUR8_VAR_deploy_to}" "${MURMUR8_VAR_stages_b_outputs_v}" "${MURMUR8_VAR_deploy_to}"',
      env: { MURMUR8_VAR_deploy_to: 'two', MURMUR8_VAR_stages_b_outputs_v: 'one' },
    },
  });
});

test('two names that look alike in the environment stay apart', () => {
  const prepared = commandWithVariables('${a-b} ${a_b}', (reference) =>
    reference.kind === 'variable' ? reference.name : undefined,
  );
  expect(prepared).toMatchObject({
    ok: true,
    value: { env: { MURMUR8_VAR_a_b: 'a-b', MURMUR8_VAR_a_b_2: 'a_b' } },
  });
});

describe('what is refused', () => {
  test.each([
    ["echo '${x}'", 'unsafe-reference', /double quotes/],
    ['echo `cat ${x}`', 'unsafe-reference', /\$\(…\)/],
    ['echo \\${x}', 'unsafe-reference', /\$\$\{x\}/],
    ['echo $((${x}+1))', 'unsafe-reference', /value=\$\{x\}/],
    ['echo ${x:-y}', 'bad-reference', /\$\$\{x:-y\}/],
    ['echo ${nobody}', 'missing-value', /--var/],
  ])('%s', (run, code, hint) => {
    const result = commandWithVariables(run, (reference) =>
      reference.kind === 'variable' && reference.name === 'x' ? 'v' : undefined,
    );
    expect(result).toMatchObject({ ok: false, error: { code } });
    if (!result.ok) expect(result.error.hint).toMatch(hint);
  });

  test('the way out that is named for arithmetic works', () => {
    const run = "value=${x}; case $value in ''|*[!0-9]*) exit 1;; esac; echo $((value + 1))";
    expect(shell(run, '41')).toBe('42\n');
    expect(shell(run, 'a[$(echo pwned >&2)]')).toBe('');
  });

  test.each([['a\0b'], ['é'.repeat(80_000)]])('values that no environment holds', (value) => {
    expect(commandWithVariables('echo ${x}', () => value)).toMatchObject({
      ok: false,
      error: { code: 'unusable-value' },
    });
  });

  test('the longest value that is taken can be run', () => {
    const value = 'x'.repeat(127 * 1024);
    expect(shell("printf '%s' ${x}", value)).toBe(value);
  });

  test('all errors of a command are named with their places', () => {
    const errors = commandErrors("echo '${a}' ${} `${b}`");
    expect(errors.map(({ offset, length, unsafe }) => [offset, length, unsafe])).toEqual([
      [6, 4, true],
      [12, 3, false],
      [17, 4, true],
    ]);
  });
});

import { describe, expect, test } from 'vitest';
import { referencesIn } from '../../../src/core/variable/template.ts';

const kinds = (text: string) => referencesIn(text).references.map((one) => one.reference);
const quoting = (text: string) => referencesIn(text).references.map((one) => one.quoted);
const firstError = (text: string) => referencesIn(text).errors[0];

describe('references', () => {
  test('every form is read', () => {
    expect(
      kinds(
        '${a-b} ${stages.build.x.outputs.version} ${stage.environment} ${run.id} ${event.number} ${item}',
      ),
    ).toEqual([
      { kind: 'variable', name: 'a-b' },
      { kind: 'output', stage: 'build.x', key: 'version' },
      { kind: 'environment' },
      { kind: 'run', field: 'id' },
      { kind: 'event', field: 'number' },
      { kind: 'item' },
    ]);
  });

  test('the place covers the braces', () => {
    expect(referencesIn('say ${who}!').references[0]).toMatchObject({ offset: 4, length: 6 });
  });

  test('what is the shell’s without braces is left alone', () => {
    const read = referencesIn('echo $x $(date) $((1+1)) $$ $? "$@"');
    expect(read).toEqual({ references: [], errors: [], escapes: [] });
  });

  test('a doubled dollar makes it literal', () => {
    const read = referencesIn('$${x} ${y} $${z:-1}');
    expect(read.references.map((one) => one.offset)).toEqual([6]);
    expect(read.escapes).toEqual([0, 11]);
    expect(read.errors).toEqual([]);
  });

  test('names of the prototype are names like any other', () => {
    expect(kinds('${constructor} ${__proto__}')).toEqual([
      { kind: 'variable', name: 'constructor' },
      { kind: 'variable', name: '__proto__' },
    ]);
  });
});

describe('errors', () => {
  test.each([
    ['${x', /never closed/, /\$\$\{/],
    ['a ${x\n}', /never closed/, /write/],
    ['${}', /names nothing/, /write \$\{name\}/],
    ['${ x }', /holds blanks/, /\$\{x\}/],
    ['${{ x }}', /not known here/, /one pair/],
    ['${x:-default}', /shell expansion/, /\$\$\{x:-default\}/],
    ['${#x}', /shell expansion/, /\$\$\{#x\}/],
    ['${x:-${y}}', /shell expansion/, /\$\$\{x:-/],
    ['${stages.build.version}', /no reference/, /outputs\.<key>/],
    ['${stges.build.outputs.v}', /nothing is called "stges"/, /did you mean "stages"/],
    ['${stage.name}', /no reference/, /stage\.environment/],
    ['${run.name}', /no reference/, /run\.id/],
    ['${event.}', /no reference/, /event\.<field>/],
    ['${env.HOME}', /no reference/, /\$HOME/],
    ['${variables.x}', /no reference/, /write \$\{x\}/],
    ['${1x}', /no reference/, /names begin/],
  ])('%s', (text, message, hint) => {
    expect(firstError(text)?.message).toMatch(message);
    expect(firstError(text)?.hint).toMatch(hint);
  });

  test('all of them are reported, each with its place, and the references beside them as well', () => {
    const read = referencesIn('${a} ${} ${b} ${c');
    expect(read.errors.map(({ offset, length }) => [offset, length])).toEqual([
      [5, 3],
      [14, 3],
    ]);
    expect(read.references).toHaveLength(2);
  });

  test('a long hostile text is read in one go', () => {
    expect(referencesIn('${'.repeat(200_000)).errors).toHaveLength(200_000);
    expect(referencesIn('${a'.repeat(100_000)).errors).toHaveLength(100_000);
    expect(referencesIn('"`$(${a}'.repeat(50_000)).references).toHaveLength(50_000);
  });
});

describe('quoting', () => {
  test.each([
    ['echo ${x}', ['none']],
    ['echo a${x}b', ['none']],
    ['echo "${x}" ${y}', ['double', 'none']],
    ["echo '${x}' ${y}", ['single', 'none']],
    ['echo \\"${x}', ['none']],
    ["echo \\'${x}", ['none']],
    ['echo "\\"${x}"', ['double']],
    ['echo "it\'s ${x}"', ['double']],
    ['echo "$(cat ${x})" ${y}', ['none', 'none']],
    ['echo "$(cat "${x}" (${z})) ${y}"', ['double', 'none', 'double']],
    ["# don't\necho ${x}", ['none']],
    ["# don't ${x}\necho '${y}'", ['none', 'single']],
    ["echo a#'${x}'", ['single']],
    ["echo a \\\n# don't\n${x}", ['none']],
    ['echo $${y:-"d"} "${x}"', ['double']],
    ['echo "$${y:-d}" ${x}', ['none']],
    ["x=$'a' ${x}", ['none']],
    ['cat <<EOF\n"${x}" don\'t\nEOF\necho ${y}', ['double', 'none']],
    ['cat <<\'EOF\'\n${x}\nEOF\necho "${y}"', ['single', 'double']],
    ['cat <<\\EOF\n${x}\nEOF\n', ['single']],
    ['cat <<-EOF\n\t${x}\n\tEOF\n${y}', ['double', 'none']],
    ['cat <<A <<B\n${x}\nA\n"${y}"\nB\n"${z}"', ['double', 'double', 'double']],
    ['cat <<<"${x}" ${y}', ['double', 'none']],
    ['echo $((1 << 2)) ${x}', ['none']],
    ['[[ ${x} == a ]] && [[ $b -eq 1 ]] && echo ${y}', ['none', 'none']],
    ['echo a[[ ${x} -eq', ['none']],
    ['cat <<EOF\n\\\\${x}\nEOF\n', ['double']],
    ['cat <<EOF', []],
    ['cat <<EOF\n${x}', ['double']],
  ])('%s', (text, expected) => {
    expect(quoting(text)).toEqual(expected);
  });

  test.each([
    ['echo `cat ${x}`', /backquotes/],
    ['echo $((${x} + 1))', /arithmetic/],
    ['((${x} > 1)) && echo', /arithmetic/],
    ['a[${x}]=1', /subscript/],
    ['if [[ "${x}" -eq 1 ]]; then', /numbers/],
    ['cat <<EOF\na\\\n${x}\nEOF', /continued line/],
    ['echo \\${x}', /backslash/],
    ['cat <<EOF\n\\${x}\nEOF', /backslash/],
    ['cat <<EOF\n$(cat ${x})\nEOF', /here-document/],
    ['cat <<${x}\nEOF', /here-document/],
    ['cat <<EOF "$(\n${x}', /here-document/],
    ['x=$(cat <<EOF\nhi\nEOF)\n${x}', /here-document/],
    ['echo $${y:-${x}}', /shell expansion/],
    ['echo "$${y:-"d"}" ${x}', /shell expansion/],
    ["echo $'it\\'s' ${x}", /backslash/],
    ['echo "$(case a in a) ${x};; esac)"', /case/],
    ['echo $[${x}]', /\$\[/],
  ])('it is not known in %s', (text, obstacle) => {
    const [first] = referencesIn(text).references;
    expect(first?.quoted).toBe('unknown');
    expect(first?.obstacle).toMatch(obstacle);
  });
});

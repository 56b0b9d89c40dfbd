import { describe, expect, test } from 'vitest';
import { accepted, errorsOf, hintsOf, stages } from './reading.ts';

const STAGE = '{name: a, run: x, outputs: v}';

function exporting(body: string, head = ''): string {
  return `${head}export: ${body}\n${stages(STAGE)}`;
}

describe('an export', () => {
  test('has what was said, and defaults', async () => {
    expect((await accepted(exporting('{location: dist}'))).export).toEqual({
      location: 'dist',
      files: [],
      timeoutMs: 600_000,
    });
    expect(
      (
        await accepted(
          exporting(
            '{location: "runs/${run.id}", run: pack, files: "*.png", validate: look, timeout: 90s, dependency: texturepacker}',
          ),
        )
      ).export,
    ).toEqual({
      location: 'runs/${run.id}',
      run: 'pack',
      files: ['*.png'],
      validate: 'look',
      timeoutMs: 90_000,
      dependency: 'texturepacker',
    });
  });

  test('is absent where nothing is said', async () => {
    expect(await accepted(stages(STAGE))).not.toHaveProperty('export');
  });

  test('sees variables and the outputs of every stage, also of one that no other waits for', async () => {
    const reference = '${stages.a.outputs.v}';
    const text = exporting(
      `{location: "dist/\${t}/${reference}", run: 'pack "${reference}" "\${branch}" "\${event.number}"', validate: "look ${reference}"}`,
      'variables: {t: u}\norder: graph\n',
    );
    expect(await errorsOf(`${text}  - {name: z, run: x}\n`)).toEqual([]);
  });

  test.each([
    ['to nowhere', '{run: pack}', ['1:10 "location" is missing in "export" <run>']],
    ['that is a text', 'dist', ['1:9 "export" is a map, not "dist" <dist>']],
    ['that is empty', '', ['1:1 "export" is empty <export>']],
    ['to an absolute directory', '{location: /tmp}', ['1:20 "location" is relative to the project </tmp>']],
    ['to a drive', '{location: "C:/x"}', ['1:20 "location" is relative to the project <"C:/x">']],
    ['outside', '{location: a/../../b}', ['1:20 "location" lies outside of the project <a/../../b>']],
    ['of the whole project', '{location: ./}', ['1:20 "location" is the whole project <./>']],
    [
      'of files outside',
      '{location: d, files: [x, ../y]}',
      ['1:34 each of "files" lies outside of the location <../y>'],
    ],
    ['of absolute files', '{location: d, files: /y}', ['1:30 "files" is relative to the location </y>']],
    [
      'of files with values',
      '{location: d, files: "${branch}.png"}',
      ['1:31 no values are put into "files" <${>'],
    ],
    ['of no files', '{location: d, files: []}', ['1:23 "files" is empty <files>']],
    ['with an unknown key', '{location: d, fles: x}', ['1:23 unknown key "fles" <fles>']],
    ['with a bare number', '{location: d, timeout: 5}', ['1:32 5 is no duration <5>']],
    [
      'with a tool that is none',
      '{location: d, dependency: "texture packer"}',
      ['1:35 "texture packer" cannot be the name of a tool <"texture packer">'],
    ],
    ['with an undeclared variable', '{location: "d/${b}"}', ['1:23 "b" is not declared <${b}>']],
    ['with one in its command', '{location: d, run: "pack ${b}"}', ['1:34 "b" is not declared <${b}>']],
    ['with one in its check', '{location: d, validate: "look ${b}"}', ['1:39 "b" is not declared <${b}>']],
    [
      'with values in single quotes',
      `{location: d, run: "pack '\${run.id}'", validate: "look '\${run.id}'"}`,
      [
        '1:35 ${run.id} stands in single quotes, where the shell expands nothing <${run.id}>',
        '1:65 ${run.id} stands in single quotes, where the shell expands nothing <${run.id}>',
      ],
    ],
    [
      'with an unknown stage',
      '{location: d, run: "pack ${stages.b.outputs.v}"}',
      ['1:34 "b" is no stage <${stages.b.outputs.v}>'],
    ],
    [
      'with an undeclared output',
      '{location: d, run: "pack ${stages.a.outputs.w}"}',
      ['1:34 stage "a" declares no output "w" <${stages.a.outputs.w}>'],
    ],
    [
      'with an item',
      '{location: d, run: "pack ${item}"}',
      ['1:34 ${item} has a value only in stages with "foreach" <${item}>'],
    ],
    [
      'with the environment of a stage',
      '{location: d, run: "pack ${stage.environment}"}',
      ['1:34 ${stage.environment} has a value only in stages <${stage.environment}>'],
    ],
  ])('is refused: %s', async (_name, body, expected) => {
    expect(await errorsOf(exporting(body))).toEqual(expected);
  });

  test('stands not beside a commit', async () => {
    expect(await errorsOf(exporting('{location: d}', 'closing: commit\n'))).toEqual([
      '2:1 a run with "closing: commit" has no "export" <export>',
    ]);
    expect(await errorsOf(exporting('{location: d}', 'closing: none\n'))).toEqual([]);
  });

  test('of the whole project is one of named files', async () => {
    expect(await errorsOf(exporting('{location: ., files: report.md}'))).toEqual([]);
  });

  test('and the way out is named', async () => {
    expect(await hintsOf(exporting('dist/out'))).toEqual(['write { location: dist/out }']);
    expect(await hintsOf(exporting('{directory: d, location: e}'))).toEqual(['did you mean "location"?']);
    expect(await hintsOf(exporting('{run: pack}'))).toEqual([
      'name the directory that it fills: "location: dist"',
    ]);
    expect(await hintsOf(stages('{name: a, run: x, export: {location: d}}'))).toEqual([
      '"export" belongs to the pipeline, beside "stages"',
    ]);
    expect(await hintsOf(`audit: x\n${stages(STAGE)}`)).toEqual(['"audit" belongs to a stage']);
  });
});

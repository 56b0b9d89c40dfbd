import { describe, expect, test } from 'vitest';
import { readPipeline } from '../../../../src/core/pipeline/parse.ts';
import { formatPipelineProblem } from '../../../../src/interfaces/cli/report/pipeline-problems.ts';
import { PLAIN, type Style } from '../../../../src/interfaces/cli/report/style.ts';

async function printed(text: string, style: Style = PLAIN): Promise<string> {
  const { problems } = await readPipeline(text, 'ci.yaml');
  return problems.map((problem) => formatPipelineProblem(problem, style)).join('');
}

describe('a problem of a pipeline is printed', () => {
  test('with its place, its line underlined, and a hint', async () => {
    expect(await printed('name: p\nstages:\n  - name: build\n    run: make\n    whn: {branch: main}\n')).toBe(
      [
        'ci.yaml:5:5: error: unknown key "whn"',
        '5 |     whn: {branch: main}',
        '  |     ^^^',
        'hint: did you mean "when"?',
        '',
      ].join('\n'),
    );
  });

  test('in red or yellow, where there is colour', async () => {
    const marked: Style = { ...PLAIN, red: (text) => `<${text}>`, yellow: (text) => `(${text})` };
    const text = await printed('name: p\nstages:\n  - {name: a, agent: b}\n  - {name: c}\n', marked);
    expect(text).toContain('ci.yaml:3:12: (warning): stage "a" has no task\n');
    expect(text).toContain('  |            (^)\n');
    expect(text).toContain('ci.yaml:4:12: <error>: stage "c" names neither an agent nor a command\n');
  });

  test('with marks under what they mean, whatever width it has', async () => {
    expect(await printed('name: p\nstages:\n  - {name: "建设", run: x, rum: y}\n')).toContain(
      ['3 |   - {name: "建设", run: x, rum: y}', '  |            ^^^^^^', ''].join('\n'),
    );
    expect(await printed('name: p\nstages:\n  - {name: a, run: "x\ty", rum: y}\n')).toContain(
      ['3 |   - {name: a, run: "x y", rum: y}', '  |                           ^^^', ''].join('\n'),
    );
  });

  test('with the part of a long line that matters', async () => {
    const before = Array.from({ length: 60 }, (_, index) => `{name: s${index}, run: x}`).join(', ');
    const text = await printed(
      `name: p\nstages: [${before}, {name: z, rum: x}, ${before.replaceAll('s', 't')}]\n`,
    );
    const lines = text.split('\n').filter((line) => line.includes('rum: x'));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of text.split('\n').filter((one) => !one.startsWith('hint')))
      expect(line.length).toBeLessThan(130);
    const [source = '', marks = ''] = text.split('\n').slice(-4);
    expect(source.slice(marks.indexOf('^'), marks.lastIndexOf('^') + 1)).toBe('rum');
  });

  test('without letting the file speak to the terminal', async () => {
    const text = await printed(
      'name: p\nstages:\n  - {name: "\\e[2J\u202e", run: x}\n  - {name: b, "\u009b2J": x}\n',
    );
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(text).toContain('\\u001b[2J');
  });
});

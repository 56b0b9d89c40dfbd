import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { fillTemplate } from '../../../src/core/template/fill-template.ts';
import { yamlScalar } from '../../../src/core/template/yaml-scalar.ts';

describe('a template', () => {
  it('indents every line of a value as the line on which it stands', () => {
    expect(fillTemplate('a:\n  - n: x\n    {{work}}\n    end: 1\n', { work: 'p: 1\nq: 2' })).toEqual({
      ok: true,
      value: 'a:\n  - n: x\n    p: 1\n    q: 2\n    end: 1\n',
    });
  });

  it('fills nothing in that stands in a value', () => {
    expect(fillTemplate('a: {{one}}\nb: {{two}}\n', { one: '"{{two}} $& $1"', two: '2' })).toEqual({
      ok: true,
      value: 'a: "{{two}} $& $1"\nb: 2\n',
    });
  });

  it('names the placeholders that nothing fills', () => {
    expect(fillTemplate('a: {{one}}', { two: '2' })).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('{{one}}') },
    });
  });
});

describe('a scalar', () => {
  const HOSTILE = [
    '"quoted" and \'single\'',
    'a\nnewline: and more',
    'stages: [',
    '${x} $${y} {{editor}}',
    '# no comment',
    'a # b',
    '- item',
    '&anchor *alias !tag',
    'true',
    'No',
    'null',
    '~',
    '1.5',
    '0x10',
    '2024-01-01',
    '<<',
    '',
    ' padded ',
    'tab\tand\\backslash',
    'DEL\u007f NEL\u0085 LS\u2028 BOM\ufeff',
    'emoji 🙂 and ü',
    'ada@example.com',
    'a, b]',
    '%YAML 1.2',
    '@at',
    '`tick',
    '---',
    '...',
  ];
  it.each(HOSTILE)('brings %j back as it was, as a value and within a list', (text) => {
    expect(load(`key: ${yamlScalar(text)}\n`)).toEqual({ key: text });
    expect(load(`key: [${yamlScalar(text)}, b]\n`)).toEqual({ key: [text, 'b'] });
    expect(yamlScalar(text)).not.toMatch(/[\n\u0085\u2028\ufeff]/);
  });

  it('leaves plain words bare', () => {
    expect(['npm run lint', 'go build ./...', 'ada'].map(yamlScalar)).toEqual([
      'npm run lint',
      'go build ./...',
      'ada',
    ]);
  });
});

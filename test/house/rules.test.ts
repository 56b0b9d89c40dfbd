import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { CATALOGUE, FAMILIES, HIDDEN } from '../../src/interfaces/cli/catalogue.ts';
import { AGENT_NAMES } from '../rig/agents.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(ROOT, 'src', file), 'utf8') }));

function filesWith(pattern: RegExp): string[] {
  return sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file);
}

describe('the sources', () => {
  test.each([
    [
      'import zod as a whole, because by name it cannot be left out of a bundle',
      /import \{[^}]*\} from 'zod/,
    ],
    ['have no default export', /^export default /m],
    ['do not switch off a check', /@ts-(ignore|expect-error|nocheck)|biome-ignore/],
    ['have no work left for later', /(\/\/|^\s*\*) ?.*\b(FIXME|TODO:)/im],
    ['have no enum and no namespace', /^(export )?(const )?(enum|namespace) /m],
  ])('%s', (_name, pattern) => {
    expect(filesWith(pattern)).toEqual([]);
  });

  test.each([
    ['no any', ts.SyntaxKind.AnyKeyword],
    ['no assertion with !', ts.SyntaxKind.NonNullExpression],
  ])('have %s', (_name, kind) => {
    expect(sources.filter(({ file, text }) => has(file, text, kind)).map(({ file }) => file)).toEqual([]);
    expect(has('x.ts', 'const a: any = b!;', kind)).toBe(true);
  });

  test('of the core use no clock, no chance, no process and no console', () => {
    const core = sources.filter(({ file }) => file.startsWith('core/'));
    const impure =
      /\bDate\.now\(|new Date\(\)|Math\.random\(|\bprocess\.|\bconsole\.|\bsetTimeout\(|\bBuffer\b|\brandomUUID\b/;
    const isImpure = ({ file, text }: (typeof core)[number]): boolean =>
      impure.test(withoutComments(text)) && impure.test(withoutComments(withoutTexts(file, text)));
    expect(core.filter(isImpure).map(({ file }) => file)).toEqual([]);
    expect(withoutTexts('x.ts', 'const a = `Date.now() ${Date.now()}`;')).toBe('const a = ${Date.now()};');
    expect(core.length).toBeGreaterThan(50);
  });

  test('are small: none is longer than 450 lines', () => {
    expect(sources.filter(({ text }) => text.split('\n').length > 450).map(({ file }) => file)).toEqual([]);
  });
});

describe('the package', () => {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));

  test('cannot be published by accident, and one program has both names', () => {
    expect(read('package.json')).toMatchObject({
      private: true,
      bin: { murmur8: 'bin/murmur8.cjs', orchestrate: 'bin/murmur8.cjs' },
    });
  });

  const locks = AGENT_NAMES.map((name) => `test/agents/${name}/package-lock.json`);

  test.each(['package-lock.json', ...locks])('%s records no download address', (file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    expect(text).not.toContain('"resolved"');
    expect(text).toContain('"integrity"');
  });
});

describe('commands', () => {
  const files = readdirSync(join(ROOT, 'src/interfaces/cli/commands'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3));
  const listed = [
    ...CATALOGUE.flatMap(({ commands }) => commands.map(([name]) => name)),
    ...Object.entries(FAMILIES).flatMap(([family, { commands }]) =>
      commands.map(([name]) => `${family}/${name}`),
    ),
  ];

  test('are all in the help or known as hidden, and every one named there exists', () => {
    expect([...listed, ...HIDDEN].sort()).toEqual(files.sort());
  });

  test.each(files)('%s exports main', (name) => {
    const text = readFileSync(join(ROOT, 'src/interfaces/cli/commands', `${name}.ts`), 'utf8');
    expect(text).toMatch(/^export (async function main\(|(const|function) main\b|\{[^}]*\bmain\b)/m);
  });

  test('are summed up in a few words', () => {
    for (const { commands } of [...CATALOGUE, ...Object.values(FAMILIES)])
      for (const [name, summary] of commands) expect(summary.length, name).toBeLessThan(70);
  });
});

function has(file: string, text: string, kind: ts.SyntaxKind): boolean {
  const find = (node: ts.Node): boolean => node.kind === kind || (ts.forEachChild(node, find) ?? false);
  return find(ts.createSourceFile(file, text, ts.ScriptTarget.ES2023));
}

/** Without what stands in quotes, such as the source of a program for others. */
function withoutTexts(file: string, text: string): string {
  const spans: ts.Node[] = [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023);
  const find = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node)) spans.push(node);
    ts.forEachChild(node, find);
  };
  find(source);
  return spans.reduceRight((rest, node) => {
    const kept = ts.isTemplateHead(node)
      ? '${'
      : ts.isTemplateTail(node)
        ? '}'
        : ts.isTemplateMiddle(node)
          ? '}${'
          : '';
    return rest.slice(0, node.getStart(source)) + kept + rest.slice(node.end);
  }, text);
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}

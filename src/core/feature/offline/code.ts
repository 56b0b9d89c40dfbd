import { featurePaths } from '../paths.ts';
import { criteriaOf, type Derivation, type DerivedCriterion, functionNameFor } from './derivation.ts';
import { count, type DerivedFiles } from './documents.ts';
import { inComment, type JavaScriptDialect, literal } from './javascript.ts';
import { DERIVED_MARK, derivedNote } from './mark.ts';

/** What codey plans: one module, because the offline runner can make nothing else. */
export function planFiles(derivation: Derivation, moduleFile: string, exists: boolean): DerivedFiles {
  const criteria = criteriaOf(derivation);
  const open = criteria.filter((criterion) => criterion.check === undefined);
  const ids = criteria.map((criterion) => criterion.testId).join(', ');
  const text = `# Implementation Plan — ${derivation.slug}

${derivedNote(derivation.briefPath)}

## Summary

One module that holds the brief's examples as a table and refuses every other input. ${count(open.length, 'test stays', 'tests stay')} pending.

## Steps

1. \`${moduleFile}\` ${exists ? 'MODIFY' : 'CREATE'} — table of the ${count(criteria.length - open.length, 'example', 'examples')} in the brief | Tests: ${ids}

## Risks

- The module passes its tests and does nothing beyond them; real code has to take its place.
`;
  return new Map([[featurePaths(derivation.slug).plan, text]]);
}

/** What codey implements: an explicit table of examples that throws on anything else. */
export function moduleFiles(
  derivation: Derivation,
  moduleFile: string,
  dialect: JavaScriptDialect,
): DerivedFiles {
  const byFunction = new Map<string, DerivedCriterion[]>();
  for (const criterion of criteriaOf(derivation)) {
    if (criterion.check === undefined) continue;
    const { functionName } = criterion.check;
    byFunction.set(functionName, [...(byFunction.get(functionName) ?? []), criterion]);
  }
  if (byFunction.size === 0) byFunction.set(functionNameFor(derivation.slug), []);
  const functions = [...byFunction].map(([name, criteria]) => functionSource(name, criteria, dialect));
  const text = `/**
 * ${inComment(derivation.brief.title)}: ${DERIVED_MARK}, from the brief ${inComment(derivation.briefPath)}.
 *
 * Each function is a table of the brief's examples and nothing more: any other input throws. It is a stand-in for
 * real code, which can take its place as long as the tests pass.
 */
${functions.join('\n\n')}

${lookUpSource(dialect)}
${exportsSource([...byFunction.keys()], dialect)}`;
  return new Map([[moduleFile, text]]);
}

function functionSource(
  name: string,
  criteria: readonly DerivedCriterion[],
  { typed, modules }: JavaScriptDialect,
): string {
  const rows = new Set(criteria.map(rowSource));
  const table = rows.size === 0 ? '[]' : `[\n${[...rows].map((row) => `      ${row},`).join('\n')}\n    ]`;
  const exported = typed || modules === 'esm' ? 'export ' : '';
  return `/**
 * The result of the brief's example with this input.
 * @throws {RangeError} for every other input
 */
${exported}function ${name}(...input${typed ? ': unknown[]' : ''})${typed ? ': unknown' : ''} {
  return lookUp(
    ${literal(name)},
    ${table},
    input,
  );
}`;
}

function rowSource({ check }: DerivedCriterion): string {
  if (check === undefined) return '';
  const { input, expected } = check.example;
  const outcome =
    'throws' in expected ? `throws: ${literal(expected.throws)}` : `output: ${literal(expected.output)}`;
  return `{ input: ${literal(input)}, ${outcome} }`;
}

function lookUpSource({ typed }: JavaScriptDialect): string {
  const types = typed ? 'type Example = { input: unknown; output?: unknown; throws?: string };\n\n' : '';
  const signature = typed
    ? '(name: string, examples: Example[], input: unknown[]): unknown'
    : '(name, examples, input)';
  return `${types}function lookUp${signature} {
  const wanted = JSON.stringify(input);
  const example = examples.find((candidate) => JSON.stringify(candidate.input) === wanted);
  if (example === undefined) {
    throw new RangeError(name + ' knows only the examples of its brief, and ' + wanted + ' is none of them');
  }
  if (example.throws !== undefined) throw new Error(example.throws);
  return structuredClone(example.output);
}
`;
}

function exportsSource(names: readonly string[], { typed, modules }: JavaScriptDialect): string {
  return typed || modules === 'esm' ? '' : `\nmodule.exports = { ${names.join(', ')} };\n`;
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lookupFrom, mergeVariables } from '../../../src/core/variable/context.ts';
import { substitute } from '../../../src/core/variable/substitute.ts';

const context = {
  variables: { name: 'Ada', 'deploy-to': 'eu', item: 'declared' },
  facts: { branch: 'main', event: { number: '7', title: '${name}' } },
  outputsOf: (stage: string) => (stage === 'build' ? { version: '1.2' } : undefined),
  runId: 'run-1',
};

describe('substitution', () => {
  test('every kind of reference gets its value', () => {
    const lookup = lookupFrom({ ...context, environment: 'staging', item: 'frame 3' });
    const text =
      '${name} ${deploy-to} ${stages.build.outputs.version} ${stage.environment} ${run.id} ${event.number} ${item}';
    expect(substitute(text, lookup)).toEqual({ ok: true, value: 'Ada eu 1.2 staging run-1 7 frame 3' });
  });

  test('a value is never read again', () => {
    expect(substitute('${event.title}', lookupFrom(context))).toEqual({ ok: true, value: '${name}' });
  });

  test('an escape becomes the characters themselves, and "$&" in a value is nothing special', () => {
    const lookup = () => '$& $1';
    expect(substitute('$${name} is ${name}', lookup)).toEqual({ ok: true, value: '${name} is $& $1' });
  });

  test.each([
    ['${nobody}', '--var nobody='],
    ['${stages.test.outputs.report}', 'stage "test"'],
    ['${stage.environment}', '"environment"'],
    ['${event.label}', 'label='],
    ['${constructor}', 'constructor'],
  ])('a missing %s is named, with where it comes from', (text, hint) => {
    const result = substitute(`say ${text}`, lookupFrom(context));
    expect(result).toMatchObject({ ok: false, error: { code: 'missing-value' } });
    if (result.ok) return;
    expect(result.error.message).toContain(text);
    expect(result.error.hint).toContain(hint);
  });

  test('a malformed reference is a problem', () => {
    expect(substitute('${name', lookupFrom(context))).toMatchObject({
      ok: false,
      error: { code: 'bad-reference' },
    });
  });

  test('a stage without items falls back to a variable called "item"', () => {
    expect(substitute('${item}', lookupFrom(context))).toEqual({ ok: true, value: 'declared' });
  });

  test('any value comes out as it went in', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, value) => {
        const text = before.replaceAll('$', '');
        expect(substitute(`${text}\${x}${text}`, () => value)).toEqual({
          ok: true,
          value: text + value + text,
        });
      }),
    );
  });
});

describe('precedence', () => {
  test('given values stand above facts of the event, and these above those of the pipeline', () => {
    const declared = { a: 'pipeline', b: 'pipeline', c: 'pipeline' };
    const facts = { event: { b: 'event', c: 'event' } };
    expect(mergeVariables(declared, facts, { c: 'given' })).toEqual({
      a: 'pipeline',
      b: 'event',
      c: 'given',
    });
  });

  test('the branch is a variable as well', () => {
    expect(mergeVariables({}, { branch: 'main' }, {})).toEqual({ branch: 'main' });
  });

  test('a variable called __proto__ is only that', () => {
    const merged = mergeVariables({}, {}, JSON.parse('{"__proto__": "x"}'));
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect(substitute('${__proto__}', lookupFrom({ ...context, variables: merged }))).toEqual({
      ok: true,
      value: 'x',
    });
  });
});

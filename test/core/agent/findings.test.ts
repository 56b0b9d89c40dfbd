import { describe, expect, test } from 'vitest';
import { boundedFindings, findingsVariable } from '../../../src/core/agent/findings.ts';
import { createMasker } from '../../../src/core/agent/mask.ts';

const mask = createMasker(['hunter2-hunter2']);

describe('findings that are kept', () => {
  test('are one line each, without terminal sequences, control characters and secrets', () => {
    const findings = [
      'one\r\n  two',
      '\u001b[31mred\u001b[0m\u0007',
      'hunter2\u001b[0m-hunter2',
      ' ',
      '\u202eright',
    ];
    expect(boundedFindings(findings, mask)).toEqual(['one two', 'red', '***', 'right']);
  });

  test('are at most fifty, and the last one says how many there were', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => `finding ${index + 1}`);
    expect(boundedFindings(many.slice(0, 50), mask)).toEqual(many.slice(0, 50));
    const kept = boundedFindings(many, mask);
    expect(kept).toHaveLength(50);
    expect(kept.slice(48)).toEqual(['finding 49', '… and 951 more findings']);
  });

  test('have at most a thousand characters each, with a mark where one was cut', () => {
    const [whole, cut] = boundedFindings(['x'.repeat(1_000), 'y'.repeat(1 << 20)], mask);
    expect(whole).toBe('x'.repeat(1_000));
    expect(cut?.length).toBeLessThanOrEqual(1_000);
    expect(cut).toMatch(/^y+… \[\d+ more characters\]$/);
  });

  test('hide a secret that stands where one is cut', () => {
    const [finding] = boundedFindings([`${'x'.repeat(955)}hunter2-hunter2${'x'.repeat(100)}`], mask);
    expect(finding).not.toContain('hunter2');
  });
});

describe('findings in an environment variable', () => {
  test('stand one per line, without those that have none', () => {
    expect(findingsVariable(['a\nb', '', 'c\0d'])).toBe('a b\ncd');
    expect(findingsVariable([])).toBe('');
  });

  test('end with the last one that fits', () => {
    const value = findingsVariable(['first', 'x'.repeat(29_000), 'y'.repeat(2_000)]);
    expect(value).toBe(`first\n${'x'.repeat(29_000)}`);
  });
});

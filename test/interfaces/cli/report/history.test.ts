import { describe, expect, it } from 'vitest';
import { costsOf } from '../../../../src/core/history/cost.ts';
import { formatDuration, formatInstant } from '../../../../src/interfaces/cli/report/duration.ts';
import { formatHistoryEntry, formatHistoryList } from '../../../../src/interfaces/cli/report/history.ts';
import { formatCosts } from '../../../../src/interfaces/cli/report/history-figures.ts';
import { formatCount, formatMoney, formatPercent } from '../../../../src/interfaces/cli/report/money.ts';
import { harmless, PLAIN, wantsColour } from '../../../../src/interfaces/cli/report/style.ts';
import { displayWidth, formatTable } from '../../../../src/interfaces/cli/report/table.ts';

const plain = PLAIN;

describe('what history prints', () => {
  it('durations grow into larger units and never show sixty of one', () => {
    expect([0, 999, 1000, 59_940, 59_990, 125_000, 3_599_600, 3_840_000].map(formatDuration)).toEqual([
      '0ms',
      '999ms',
      '1.0s',
      '59.9s',
      '1m 00s',
      '2m 05s',
      '1h 00m',
      '1h 04m',
    ]);
    expect(formatDuration(undefined)).toBe('-');
    expect(formatInstant('2026-02-24T10:00:00.123Z')).toBe('2026-02-24 10:00:00Z');
    expect(formatInstant('yesterday')).toBe('yesterday');
  });

  it('money does not round a small sum to nothing', () => {
    expect([0, 3, 420, 61_500, 1_230_000].map(formatMoney)).toEqual([
      '$0.00',
      '$0.000003',
      '$0.0004',
      '$0.06',
      '$1.23',
    ]);
    expect([
      formatMoney(undefined),
      formatCount(1_234_567),
      formatPercent(0.875),
      formatPercent(undefined),
    ]).toEqual(['-', '1,234,567', '87.5%', '-']);
  });

  it('a cost that not all agents told is at least that much', () => {
    const stages = { alex: { cost: 0.5, costIncomplete: true }, cass: { cost: 0.25 } };
    const entry = { slug: 'x', status: 'paused', totalCost: 0.75, costIncomplete: true, stages };
    expect(formatHistoryList([entry], plain)).toContain('at least $0.75');
    const shown = formatHistoryEntry(entry, plain);
    expect(shown).toContain('at least $0.50');
    expect(shown).toMatch(/ \$0\.25/);
    expect(formatCosts(costsOf([entry, { ...entry, costIncomplete: false, stages: {} }]), plain)).toMatch(
      /^Total: +at least \$1\.50$/m,
    );
  });

  it('escape sequences, line ends and direction marks in the data are shown, not obeyed', () => {
    expect(harmless('a\u001b[31mb\nc\u202e\u009b')).toBe('a\\u001b[31mb\\u000ac\\u202e\\u009b');
    const list = formatHistoryList(
      [{ slug: 'x\u001b]0;title\u0007\r\ny', status: 'su\u001b[2Jccess' }],
      plain,
    );
    expect(list).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(list.split('\n')).toHaveLength(3);
  });

  it('columns stay aligned with wide and joining characters', () => {
    expect([displayWidth('abc'), displayWidth('日本'), displayWidth('e\u0301'), displayWidth('😀')]).toEqual([
      3, 4, 1, 2,
    ]);
    expect([...'✅❌⏸⏳✓✗·…│▸'].map(displayWidth)).toEqual([2, 2, 2, 2, 1, 1, 1, 1, 1, 1]);
    const table = formatTable(
      [{ title: 'A' }, { title: 'B', align: 'right' }],
      [
        ['日本', '1'],
        ['x', '22'],
      ],
      plain,
    );
    expect(table).toBe('A      B\n日本   1\nx     22\n');
  });

  it('colour depends on NO_COLOR, FORCE_COLOR, the terminal and nothing else', () => {
    expect(wantsColour({}, true)).toBe(true);
    expect(wantsColour({}, false)).toBe(false);
    expect(wantsColour({ NO_COLOR: '1' }, true)).toBe(false);
    expect(wantsColour({ NO_COLOR: '' }, true)).toBe(true);
    expect(wantsColour({ NO_COLOR: '1', FORCE_COLOR: '1' }, false)).toBe(true);
    expect(wantsColour({ FORCE_COLOR: '0' }, true)).toBe(false);
    expect(wantsColour({ TERM: 'dumb' }, true)).toBe(false);
  });
});

import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Schedule } from '../../../src/core/pipeline/definition.ts';
import { checkSchedule, dueTimes, nextTimes, timesBetween } from '../../../src/core/schedule/times.ts';

const schedule = (cron: string, timezone = 'UTC', catchUp: Schedule['catchUp'] = 'skip'): Schedule => ({
  cron,
  timezone,
  catchUp,
});
const at = (iso: string) => Date.parse(iso);

describe('what is taken', () => {
  test.each([
    '* * * * *',
    '*/15 8-18/2 1,15 JAN-mar Mon-FRI',
    ' 0  4\t* * 7 ',
    '0 0 29 2 *',
    '@hourly',
    '@daily',
    '@weekly',
    '@monthly',
    '@yearly',
  ])('%s', (cron) => {
    expect(checkSchedule(schedule(cron))).toBeUndefined();
  });

  test.each([
    ['', /five fields/],
    ['* * * *', /five fields/],
    ['0 * * * * *', /five fields/],
    ['banana', /five fields/],
    ['60 * * * *', /minute/],
    ['* * * * 8', /dayOfWeek|weekday/i],
    ['0 0 0 1 *', /day/],
    ['*/0 * * * *', /step/],
    ['5-1 * * * *', /larger/],
    ['? * * * *', /"\?"/],
    ['0 0 L * *', /"L"/],
    ['0 0 * * monday', /"monday"/],
    ['0 0 30 2 *', /never comes/],
    ['@dayly', /did you mean "@daily"/],
    ['@reboot', /did you mean/],
    ['@constructor', /did you mean/],
  ])('%j is refused', (cron, message) => {
    expect(checkSchedule(schedule(cron))).toMatch(message);
    expect(nextTimes(schedule(cron), 0, 3)).toEqual([]);
  });

  test.each([
    ['Europe/Berln', /did you mean "Europe\/Berlin"/],
    ['Mars/Olympus', /no time zone/],
    ['+02:00', /no time zone/],
    ['', /no time zone/],
  ])('the zone %j is refused', (timezone, message) => {
    expect(checkSchedule(schedule('0 0 * * *', timezone))).toMatch(message);
  });
});

describe('next times', () => {
  test('are those after the instant, in UTC', () => {
    expect(nextTimes(schedule('30 4 * * 1-5', 'Europe/Berlin'), at('2026-01-02T03:30:00Z'), 2)).toEqual([
      '2026-01-05T03:30:00.000Z',
      '2026-01-06T03:30:00.000Z',
    ]);
  });

  test('a day of the month and a day of the week are either', () => {
    expect(nextTimes(schedule('0 0 13 * 5'), at('2026-01-01T00:00:00Z'), 3)).toEqual([
      '2026-01-02T00:00:00.000Z',
      '2026-01-09T00:00:00.000Z',
      '2026-01-13T00:00:00.000Z',
    ]);
  });

  test('between two instants the first is left out, the second counts, and the limit holds', () => {
    const [from, to] = [at('2026-01-01T00:00:00Z'), at('2026-01-01T03:00:00Z')];
    const hours = ['2026-01-01T01:00:00.000Z', '2026-01-01T02:00:00.000Z', '2026-01-01T03:00:00.000Z'];
    expect(timesBetween(schedule('@hourly'), from, to, 10)).toEqual(hours);
    expect(timesBetween(schedule('@hourly'), from, to, 2)).toEqual(hours.slice(0, 2));
    expect(timesBetween(schedule('@hourly'), from, to, 0)).toEqual([]);
  });
});

describe('when clocks change', () => {
  test.each([
    ['Europe/Berlin', '30 2 * * *', '2026-03-28T12:00Z', ['03-30T00:30', '03-31T00:30']],
    ['Europe/Berlin', '0 2,3 * * *', '2026-03-28T12:00Z', ['03-29T01:00', '03-30T00:00']],
    ['Europe/Berlin', '30 2 * * *', '2026-10-24T12:00Z', ['10-25T00:30', '10-26T01:30']],
    ['Europe/Berlin', '0,30 2 * * *', '2026-10-24T12:00Z', ['10-25T00:00', '10-25T00:30', '10-26T01:00']],
    ['Europe/Berlin', '*/30 2 * * *', '2026-10-24T12:00Z', ['10-25T00:00', '10-25T00:30', '10-26T01:00']],
    ['Europe/Berlin', '0 3 * * *', '2026-10-24T12:00Z', ['10-25T02:00', '10-26T02:00']],
    ['America/New_York', '30 2 * * *', '2026-03-07T12:00Z', ['03-09T06:30', '03-10T06:30']],
    ['America/New_York', '30 1 * * *', '2026-10-31T12:00Z', ['11-01T05:30', '11-02T06:30']],
    ['Australia/Lord_Howe', '45 1 * * *', '2026-04-04T00:00Z', ['04-04T14:45', '04-05T15:15']],
  ])('%s: %s after %s', (timezone, cron, from, expected) => {
    const times = nextTimes(schedule(cron, timezone), at(from), expected.length);
    expect(times.map((time) => time.slice(5, 16))).toEqual(expected);
  });

  test('a second look within the repeated hour does not start it again', () => {
    const berlin = schedule('30 2 * * *', 'Europe/Berlin', 'once');
    expect(dueTimes(berlin, at('2026-10-25T00:31Z'), at('2026-10-25T02:00Z'))).toEqual([]);
  });

  test('a schedule of every hour follows the hours that pass', () => {
    const berlin = schedule('0 * * * *', 'Europe/Berlin');
    expect(timesBetween(berlin, at('2026-10-24T22:00Z'), at('2026-10-25T23:00Z'), 100)).toHaveLength(25);
    expect(timesBetween(berlin, at('2026-03-28T23:00Z'), at('2026-03-29T22:00Z'), 100)).toHaveLength(23);
  });

  test('every other time is exactly what the clock on the wall shows', () => {
    const days = fc.constantFrom(
      '2026-03-28T12:00Z',
      '2026-10-24T12:00Z',
      '2026-03-07T12:00Z',
      '2026-10-31T12:00Z',
    );
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York');
    const list = (max: number) => fc.uniqueArray(fc.nat(max), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(days, zones, list(59), list(5), (day, zone, minutes, hours) => {
        const from = at(day);
        const until = from + 36 * 3_600_000;
        const clock = new Intl.DateTimeFormat('en', {
          timeZone: zone,
          hourCycle: 'h23',
          day: 'numeric',
          hour: 'numeric',
          minute: 'numeric',
        });
        const shown = new Set<string>();
        const expected: string[] = [];
        for (let time = from + 60_000; time <= until; time += 60_000) {
          const parts = clock.formatToParts(time);
          const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
          if (!minutes.includes(part('minute')) || !hours.includes(part('hour'))) continue;
          const wall = clock.format(time);
          if (!shown.has(wall)) expected.push(new Date(time).toISOString());
          shown.add(wall);
        }
        const cron = schedule(`${minutes.join(',')} ${hours.join(',')} * * *`, zone);
        expect(timesBetween(cron, from, until, 1000)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });
});

describe('times that passed while nobody looked', () => {
  const last = at('2026-01-01T00:00:00Z');

  test('skip runs only what is due this minute', () => {
    const hourly = schedule('@hourly');
    expect(dueTimes(hourly, last, at('2026-01-01T05:30:00Z'))).toEqual([]);
    expect(dueTimes(hourly, last, at('2026-01-01T05:00:59Z'))).toEqual(['2026-01-01T05:00:00.000Z']);
    expect(dueTimes(hourly, at('2026-01-01T05:00:10Z'), at('2026-01-01T05:00:59Z'))).toEqual([]);
  });

  test('once runs the latest in place of all', () => {
    const once = (cron: string) => schedule(cron, 'UTC', 'once');
    expect(dueTimes(once('@hourly'), last, at('2026-01-01T05:30:00Z'))).toEqual(['2026-01-01T05:00:00.000Z']);
    expect(dueTimes(once('@monthly'), last, at('2026-08-20T00:00:00Z'))).toEqual([
      '2026-08-01T00:00:00.000Z',
    ]);
    expect(dueTimes(once('@yearly'), last, at('2029-08-20T00:00:00Z'))).toEqual(['2029-01-01T00:00:00.000Z']);
    expect(dueTimes(once('@hourly'), last, at('2026-01-01T00:30:00Z'))).toEqual([]);
    expect(dueTimes(once('* * * * *'), 0, at('2026-01-01T00:00:30Z'))).toEqual(['2026-01-01T00:00:00.000Z']);
  });

  test('all runs each, oldest first, a bounded number at a time', () => {
    const all = (cron: string) => schedule(cron, 'UTC', 'all');
    expect(dueTimes(all('@daily'), last, at('2026-01-03T12:00:00Z'))).toEqual([
      '2026-01-02T00:00:00.000Z',
      '2026-01-03T00:00:00.000Z',
    ]);
    const many = dueTimes(all('* * * * *'), last, at('2026-02-01T00:00:00Z'));
    expect(many).toHaveLength(1000);
    expect(many[0]).toBe('2026-01-01T00:01:00.000Z');
  });

  test('a clock that went backwards makes nothing due', () => {
    for (const catchUp of ['skip', 'once', 'all'] as const)
      expect(dueTimes(schedule('* * * * *', 'UTC', catchUp), last, last - 3_600_000)).toEqual([]);
  });
});

describe('the clock of the machine', () => {
  afterEach(() => vi.useRealTimers());

  test('does not matter', () => {
    const ask = () => [
      checkSchedule(schedule('0 0 29 2 *')),
      nextTimes(schedule('15 3 * * 1', 'Europe/Berlin'), at('2026-01-01T00:00:00Z'), 5),
      dueTimes(schedule('@daily', 'UTC', 'once'), at('2026-01-01T00:00:00Z'), at('2026-05-01T00:00:00Z')),
    ];
    vi.useFakeTimers({ now: at('1999-12-31T23:59:59Z') });
    const then = ask();
    vi.setSystemTime(at('2040-06-01T00:00:00Z'));
    expect(ask()).toEqual(then);
  });
});

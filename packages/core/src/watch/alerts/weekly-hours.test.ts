import { describe, expect, it } from 'vitest';
import { matches, matchesAll } from './match-rules.ts';
import { isInHours, nextInHours, type WeeklyHours } from './weekly-hours.ts';

const every = [0, 1, 2, 3, 4, 5, 6];
const hours = (timeZone: string, fromMinute: number, toMinute: number, weekdays = every): WeeklyHours => ({
  timeZone,
  weekdays,
  fromMinute,
  toMinute,
});
const at = (text: string) => Date.parse(text);

describe('hours of a week', () => {
  it.each([
    ['begin inside', '2026-01-05T09:00:00+09:00', true],
    ['end outside', '2026-01-05T18:00:00+09:00', false],
    ['hold until the last millisecond', '2026-01-05T17:59:59.999+09:00', true],
    ['are of their zone', '2026-01-05T10:00:00Z', false],
    ['are of their weekdays', '2026-01-04T10:00:00+09:00', false],
  ])('%s', (_, instant, inside) => {
    const working = hours('Asia/Seoul', 9 * 60, 18 * 60, [1, 2, 3, 4, 5]);
    expect(isInHours(working, at(instant))).toBe(inside);
  });

  it.each([
    ['2026-01-10T01:00:00Z', true],
    ['2026-01-09T23:00:00Z', true],
    ['2026-01-09T01:00:00Z', false],
    ['2026-01-11T01:00:00Z', false],
  ])('over midnight belong to the day they begin on (%s)', (instant, inside) => {
    expect(isInHours(hours('UTC', 22 * 60, 6 * 60, [5]), at(instant))).toBe(inside);
  });

  it('that begin in an hour the clock jumps over begin with the jump', () => {
    const jumped = hours('Europe/Berlin', 150, 240);
    expect(nextInHours(jumped, at('2026-03-29T00:00:00+01:00'))).toBe(at('2026-03-29T03:00:00+02:00'));
  });

  it('that lie wholly in an hour the clock jumps over do not come that day', () => {
    const gone = hours('Europe/Berlin', 130, 170);
    expect(nextInHours(gone, at('2026-03-29T00:00:00+01:00'))).toBe(at('2026-03-30T02:10:00+02:00'));
  });

  it('that the clock shows twice begin with the first showing and count twice', () => {
    const twice = hours('Europe/Berlin', 120, 180);
    expect(nextInHours(twice, at('2026-10-25T00:00:00+02:00'))).toBe(at('2026-10-25T02:00:00+02:00'));
    expect(isInHours(twice, at('2026-10-25T02:30:00+02:00'))).toBe(true);
    expect(isInHours(twice, at('2026-10-25T02:30:00+01:00'))).toBe(true);
  });

  it('agree with themselves: the next instant is inside, and nothing before it is', () => {
    for (const zone of ['Asia/Seoul', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu']) {
      const some = hours(zone, 8 * 60 + 15, 7 * 60, [2, 6]);
      for (
        let fromMs = at('2026-01-01T00:00:00Z');
        fromMs < at('2026-12-31T00:00:00Z');
        fromMs += 97_000_000
      ) {
        const next = nextInHours(some, fromMs) ?? Number.NaN;
        expect(isInHours(some, next)).toBe(true);
        for (let before = fromMs; before < next; before += 1_800_000)
          expect(isInHours(some, before)).toBe(false);
      }
    }
    expect(nextInHours(hours('UTC', 0, 60, []), 0)).toBeUndefined();
  });
});

describe('a matcher', () => {
  it.each([
    ['prices', 'prices', true],
    ['prices', 'price', false],
    ['price*', 'prices', true],
    ['*es', 'prices', true],
    ['p*c*s', 'prices', true],
    ['p*x*s', 'prices', false],
    ['ab*ba', 'aba', false],
    ['*', '', true],
    ['a*a*a*a*b', 'a'.repeat(5000), false],
  ])('%s compared with %s is %s', (value, label, fits) => {
    expect(matches({ label: 'job', value }, { job: label })).toBe(fits);
    expect(matches({ label: 'job', value, not: true }, { job: label })).toBe(!fits);
  });

  it('sees a label that is missing as empty, and needs all of several to fit', () => {
    expect(matches({ label: 'job', value: 'x' }, {})).toBe(false);
    expect(matches({ label: 'toString', value: '*function*' }, {})).toBe(false);
    const both = [
      { label: 'job', value: 'a' },
      { label: 'host', value: 'b' },
    ];
    expect(matchesAll(both, { job: 'a', host: 'b' })).toBe(true);
    expect(matchesAll(both, { job: 'a' })).toBe(false);
    expect(matchesAll([], { job: 'a' })).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { formatDuration, formatExactDuration, parseDurationMs } from './duration.ts';

describe('parseDurationMs', () => {
  it.each([
    ['250ms', 250],
    ['1s', 1_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['1d2h3m4s5ms', 93_784_005],
    [' 1 h 30 m ', 5_400_000],
    ['90s', 90_000],
    ['0s', 0],
    [1500, 1_500],
    [0, 0],
  ])('reads %j as %i ms', (value, expectedMs) => {
    expect(parseDurationMs(value)).toBe(expectedMs);
  });

  it.each([
    '',
    ' ',
    '5',
    's',
    '1.5h',
    '-1s',
    '30m1h',
    '1s1s',
    '1 week',
    '5M',
    '1h30',
    'PT5M',
    '9'.repeat(30),
  ])('refuses %j', (value) => {
    expect(() => parseDurationMs(value)).toThrow(RangeError);
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses the number %d', (value) => {
    expect(() => parseDurationMs(value)).toThrow(RangeError);
  });

  it('names the value and what is allowed', () => {
    expect(() => parseDurationMs('1.5h')).toThrow("'1.5h' is not a duration; allowed is a whole number");
  });

  it('refuses more milliseconds than a number can count', () => {
    expect(() => parseDurationMs('999999999999d')).toThrow(RangeError);
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1 s'],
    [4_290, '4.2 s'],
    [9_999, '9.9 s'],
    [31_000, '31 s'],
    [59_999, '59 s'],
    [60_000, '1m00'],
    [124_000, '2m04'],
    [3_599_999, '59m59'],
    [3_780_000, '1h03'],
    [86_399_999, '23h59'],
    [273_600_000, '3d04h'],
    [-31_000, '-31 s'],
  ])('shows %i ms as %s', (durationMs, expected) => {
    expect(formatDuration(durationMs)).toBe(expected);
  });

  it('refuses a value that is not a number', () => {
    expect(() => formatDuration(Number.NaN)).toThrow(RangeError);
  });
});

describe('formatExactDuration', () => {
  it.each([
    [1_000, '1 s'],
    [1_500, '1500 ms'],
    [90_000, '90 s'],
    [300_000, '5 m'],
    [5_400_000, '90 m'],
    [86_400_000, '1 d'],
    [250, '250 ms'],
    [0, '0 ms'],
  ])('shows %i ms as %s', (durationMs, expected) => {
    expect(formatExactDuration(durationMs)).toBe(expected);
  });

  it('is read back as the same duration', () => {
    for (const durationMs of [250, 1_500, 90_000, 5_400_000, 86_400_000]) {
      expect(parseDurationMs(formatExactDuration(durationMs))).toBe(durationMs);
    }
  });
});

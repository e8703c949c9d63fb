import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenThresholds, isBroken, parseThreshold, type ThresholdInput } from './threshold-rules.ts';

describe('ranges of Nagios', () => {
  it.each<[string, readonly number[], readonly number[]]>([
    ['10', [-1, 10.1], [0, 5, 10]],
    ['10:', [9.9, -5], [10, 1e9]],
    ['~:10', [10.5], [-1e9, 10]],
    ['10:20', [9, 21], [10, 15, 20]],
    ['@10:20', [10, 15, 20], [9, 21]],
    ['-5:5', [-6, 6], [-5, 0, 5]],
    ['.5:1.5', [0.4, 1.6], [0.5, 1.5]],
  ])('%s', (range, broken, good) => {
    const threshold = parseThreshold('crit', range);
    for (const value of broken) expect([value, isBroken(threshold, value, false)]).toEqual([value, true]);
    for (const value of good) expect([value, isBroken(threshold, value, false)]).toEqual([value, false]);
  });

  it.each(['', ':', '@', '20:10', 'ten', '1:2:3', '~', '10%', '-5'])('%s is refused', (range) => {
    expect(() => parseThreshold('warn', range)).toThrow(expect.objectContaining({ code: 'INP-0902' }));
  });
});

describe('limits', () => {
  it('a number is broken above it', () => {
    const threshold = parseThreshold('warn', 80);
    expect([79, 80, 80.1].map((value) => isBroken(threshold, value, false))).toEqual([false, false, true]);
  });

  it('a broken one stays so until clear is passed', () => {
    const above = parseThreshold('warn', { above: 80, clear: 70 });
    expect([79, 71, 70].map((value) => isBroken(above, value, true))).toEqual([true, true, false]);
    const below = parseThreshold('warn', { below: 10, clear: 20 });
    expect([11, 19, 20].map((value) => isBroken(below, value, true))).toEqual([true, true, false]);
    expect(isBroken(below, 15, false)).toBe(false);
  });

  it.each<[ThresholdInput, string]>([
    [{}, 'at least one of above and below'],
    [{ above: Number.NaN }, 'a finite number'],
    [{ above: 1, below: 0, clear: 0.5 }, 'clear with exactly one'],
    [{ above: 1, below: 2 }, 'below at most as large as above'],
    [{ above: 80, clear: 90 }, 'good side'],
    [{ below: 10, clear: 5 }, 'good side'],
  ])('%o is refused', (input, allowed) => {
    expect(() => parseThreshold('crit', input)).toThrow(allowed);
  });

  it('both are judged, each with its own memory', () => {
    const thresholds = {
      warn: parseThreshold('warn', { above: 80, clear: 70 }),
      crit: parseThreshold('crit', { above: 95, clear: 90 }),
    };
    const walk = [50, 85, 96, 92, 89, 75, 69];
    let broken = { warn: false, crit: false };
    const seen = walk.map((value) => {
      broken = brokenThresholds(thresholds, value, broken);
      return broken.crit ? 'crit' : broken.warn ? 'warn' : 'good';
    });
    expect(seen).toEqual(['good', 'warn', 'crit', 'crit', 'warn', 'warn', 'good']);
  });

  it('hysteresis only ever keeps broken what was broken', () => {
    const number = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(number, fc.nat(500), number, (above, gap, value) => {
        const threshold = parseThreshold('warn', { above, clear: above - gap });
        if (isBroken(threshold, value, false)) expect(isBroken(threshold, value, true)).toBe(true);
        if (value <= above - gap) expect(isBroken(threshold, value, true)).toBe(false);
      }),
    );
  });
});

import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { DEFAULT_FLAPPING, flappingPercent, isFlapping } from './flapping-rules.ts';

/** A ring with changes at the given places, 0 the oldest of 20. */
function changesAt(...places: readonly number[]): string {
  return Array.from({ length: 20 }, (_, place) => (places.includes(place) ? '1' : '0')).join('');
}

it('the documented example sums to 7.82 and is 39.1 percent', () => {
  expect(flappingPercent(changesAt(2, 3, 4, 5, 9, 13, 16, 19))).toBe(39.1);
});

it('the oldest place weighs 0.80, the newest 1.18, all together 99 percent', () => {
  expect(flappingPercent(changesAt(0))).toBe(4);
  expect(flappingPercent(changesAt(19))).toBe(5.9);
  expect(flappingPercent('1'.repeat(20))).toBe(99);
  expect(flappingPercent('')).toBe(0);
});

it('few looks fill the newest places', () => {
  expect(flappingPercent('1')).toBe(5.9);
  expect(flappingPercent('101')).toBe(flappingPercent(changesAt(17, 19)));
});

it.each([
  ['29.9 percent do not begin it', changesAt(4, 8, 9, 10, 13, 15), false, false],
  ['39.1 percent begin it', changesAt(2, 3, 4, 5, 9, 13, 16, 19), false, true],
  ['between the limits it goes on', changesAt(0, 1, 2, 3, 4, 5), true, true],
  ['at 25 percent it ends', changesAt(0, 1, 2, 3, 19), true, false],
])('%s', (_, changes, was, is) => {
  expect(isFlapping(changes, was, DEFAULT_FLAPPING)).toBe(is);
});

it('a change that ages never weighs more', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[01]{20}$/), (changes) => {
      expect(flappingPercent(`${changes.slice(1)}0`)).toBeLessThanOrEqual(flappingPercent(changes));
    }),
  );
});

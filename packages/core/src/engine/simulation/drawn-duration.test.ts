import { expect, it } from 'vitest';
import { drawnDuration } from './drawn-duration.ts';

const taken = [1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 60_000];
const slots = Array.from({ length: 5000 }, (_, n) => Date.UTC(2026, 0, 1) + n * 60_000);

it('draws slow runs about as often as they were, and the same one for the same slot', () => {
  const drawn = slots.map((slotMs) => drawnDuration(taken, 'prices', slotMs));
  const slow = drawn.filter((ms) => ms === 60_000).length / slots.length;
  expect(slow).toBeGreaterThan(0.08);
  expect(slow).toBeLessThan(0.12);
  expect(slots.map((slotMs) => drawnDuration(taken, 'prices', slotMs))).toEqual(drawn);
});

it('draws another one for another target, and nothing from nothing', () => {
  const drawn = (id: string) => slots.map((slotMs) => drawnDuration(taken, id, slotMs));
  expect(drawn('prices')).not.toEqual(drawn('orders'));
  expect(drawnDuration([], 'prices', 0)).toBe(0);
});

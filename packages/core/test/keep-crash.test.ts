import { describe, expect, it } from 'vitest';
import { crashAlong, DYING_WORK } from '../sim/keep-crash-points.ts';

/** A slice of `sim/keep-properties.ts --crashes`, which takes every call with every loss; no divisor of the losses. */
const STRIDE = 13;

describe('a process that dies, with what a loss of power leaves', () => {
  it.each(Object.entries(DYING_WORK))(
    'during %s loses nothing, leaves no broken backup with a final name, and the next run is clean',
    async (_, work) => {
      const { points, findings } = await crashAlong(work, { stride: STRIDE });
      expect(findings).toEqual([]);
      expect(points * STRIDE).toBeGreaterThan(30);
    },
  );
});

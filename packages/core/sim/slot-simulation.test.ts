import { expect, it } from 'vitest';
import { simulateSlots } from './slot-simulation.ts';

const SEEDS = Array.from({ length: 30 }, (_, index) => 1 + index);

/** Scripts that once found a mistake in how targets after others are told. */
const FOUND_BY = [
  // Two parents concluded the same slot in one decision.
  14, 57,
  // A waiting run of a delay was ended, and nobody looked at its target again.
  4, 36,
  // An hour of slots, of which one parent skipped some and another one the others.
  68, 146,
  // A start was refused in the decision that skipped the slot for another parent.
  103,
  // A row of skipped slots spanned one that was still open when the engine died.
  90, 107, 5941,
];

it.each([...SEEDS, ...FOUND_BY.filter((seed) => !SEEDS.includes(seed))])(
  'every slot is accounted for once, whatever happens (script %d)',
  async (seed) => {
    const { findings, executions } = await simulateSlots(seed);
    expect(findings).toEqual([]);
    expect(executions).toBeGreaterThan(0);
  },
);

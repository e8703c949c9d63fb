import { expect, it } from 'vitest';
import { simulateSlots } from './slot-simulation.ts';

const SEEDS = Array.from({ length: 12 }, (_, index) => 1 + index);

it.each(SEEDS)('every slot is accounted for once, whatever happens (script %d)', async (seed) => {
  const { findings, executions } = await simulateSlots(seed);
  expect(findings).toEqual([]);
  expect(executions).toBeGreaterThan(0);
});

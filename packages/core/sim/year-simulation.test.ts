import { expect, it } from 'vitest';
import { simulateYear } from './year-simulation.ts';

it.each([1, 2])('in a year with restarts and clock steps every slot is a run or a skip (seed %d)', (seed) => {
  const { findings, slots, executions, skips, restarts, clockSteps } = simulateYear(seed);
  expect(findings).toEqual([]);
  expect(executions + skips).toBe(slots);
  expect(slots).toBeGreaterThan(130_000);
  expect(restarts).toBeGreaterThan(10);
  expect(clockSteps).toBeGreaterThan(20);
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keepSchedules } from '../../sim/keep-schedule.ts';
import { runKeepSchedule } from '../../sim/keep-simulation.ts';

/** A slice of `sim/keep-properties.ts`, which runs as many as one likes. */
const SCHEDULES = 150;

it(`every byte ever deleted is restorable from a verified backup, whatever fails, dies or is edited meanwhile`, async () => {
  let [deletions, deaths] = [0, 0];
  await fc.assert(
    fc.asyncProperty(keepSchedules, async (schedule) => {
      const result = await runKeepSchedule(schedule);
      deletions += result.deletions;
      deaths += result.deaths;
      expect(result.findings).toEqual([]);
    }),
    { numRuns: SCHEDULES, seed: 20_261_120 },
  );
  expect(deletions).toBeGreaterThan(SCHEDULES / 2);
  expect(deaths).toBeGreaterThan(SCHEDULES / 20);
});

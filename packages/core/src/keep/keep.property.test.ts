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

it('a file that was only read and fails to close changes nothing of a restore', async () => {
  const file = (path: number, bytes: number) => ({ path, ageDays: 0, bytes, content: 0 });
  const trouble = (at: number) => ({ kind: 'error' as const, at, code: 'EIO', applied: false });
  const restore = { kind: 'restore' as const, backup: 0, inPlace: false };
  for (let at = 130; at < 150; at++) {
    const { findings } = await runKeepSchedule({
      files: [file(3, 600), file(7, 20), file(0, 20), file(1, 0)],
      steps: [
        { work: { kind: 'backup', strategy: 0 }, trouble: { kind: 'none' }, edits: [] },
        { work: restore, trouble: trouble(at), edits: [] },
      ],
    });
    expect({ at, findings }).toEqual({ at, findings: [] });
  }
});

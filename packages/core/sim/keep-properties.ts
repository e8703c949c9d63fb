import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { crashAlong, DYING_WORK } from './keep-crash-points.ts';
import { keepSchedules } from './keep-schedule.ts';
import { runKeepSchedule } from './keep-simulation.ts';

/*
 * Runs many schedules of backups, clean-ups, pruning, restores, edits, faults, deaths and damage, and ends with the
 * smallest one in which a promise was broken:
 * node --conditions=@qts-ops/source packages/core/sim/keep-properties.ts --runs 10000 [--seed 1] [--path P]
 * With --crashes: every kind of work dies before every of its calls, with every loss of power.
 */

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    path: { type: 'string' },
    crashes: { type: 'boolean', default: false },
  },
});
if (values.crashes) {
  for (const [name, work] of Object.entries(DYING_WORK)) {
    const { points, findings } = await crashAlong(work, { everyLoss: true });
    process.stdout.write(`${name}: ${points} deaths, ${findings.length} findings\n${findings.join('\n')}`);
    if (findings.length > 0) process.exitCode = 1;
  }
  process.exit();
}
let [schedules, deletions, calls, deaths] = [0, 0, 0, 0];
const begun = performance.now();
const details = await fc.check(
  fc.asyncProperty(keepSchedules, async (schedule) => {
    const result = await runKeepSchedule(schedule);
    schedules += 1;
    deletions += result.deletions;
    calls += result.calls;
    deaths += result.deaths;
    if (result.findings.length > 0) throw new Error(result.findings.join('\n'));
  }),
  {
    numRuns: Number(values.runs),
    seed: Number(values.seed),
    ...(values.path === undefined ? {} : { path: values.path }),
  },
);
const seconds = Math.round((performance.now() - begun) / 1000);
process.stdout.write(
  `${schedules} schedules, ${calls} calls of the files port, ${deaths} deaths, ${deletions} deletions, ${seconds} s\n`,
);
if (details.failed) {
  process.stdout.write(
    `seed ${details.seed}, path ${details.counterexamplePath}:\n${JSON.stringify(details.counterexample?.[0], undefined, 1)}\n` +
      `${String(details.errorInstance)}\n`,
  );
  process.exitCode = 1;
}

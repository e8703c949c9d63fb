import { parseArgs } from 'node:util';
import { alertKillRounds } from '../test/alert-kill-rounds.ts';

/*
 * Kills a sender of alerts at many seeded steps; each 20 of them share a file:
 * node --conditions=@qts-ops/source packages/core/sim/alert-torture.ts --points 200 [--seed 1]
 */

const ROUNDS_MAX = 20;
const { values } = parseArgs({
  options: { points: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const points = Number(values.points);
let [kills, alerts, messages, repeats, broken] = [0, 0, 0, 0, 0];
for (let done = 0, seed = Number(values.seed); done < points; done += ROUNDS_MAX, seed++) {
  const report = await alertKillRounds(Math.min(ROUNDS_MAX, points - done), seed);
  kills += report.kills;
  alerts += report.alerts;
  messages += report.messages;
  repeats += report.repeats;
  broken += report.findings.length;
  for (const finding of report.findings) process.stdout.write(`seed ${seed}: ${finding}\n`);
}
process.stdout.write(
  `${kills} kills, ${alerts} alerts, ${messages} messages, ${repeats} repeats, ${broken} findings\n`,
);
process.exitCode = broken === 0 ? 0 : 1;

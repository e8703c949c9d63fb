import { parseArgs } from 'node:util';
import { killRounds } from '../test/kill-rounds.ts';

/*
 * Kills a real engine at many seeded points; each 20 of them share a state folder:
 * node --conditions=@qts-ops/source packages/core/sim/kill-torture.ts --points 200 [--seed 1]
 */

const ROUNDS_MAX = 20;
const { values } = parseArgs({
  options: { points: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const points = Number(values.points);
let [executions, interrupted, broken] = [0, 0, 0];
for (let done = 0, seed = Number(values.seed); done < points; done += ROUNDS_MAX, seed++) {
  const report = await killRounds(Math.min(ROUNDS_MAX, points - done), seed);
  executions += report.executions;
  interrupted += report.interrupted;
  broken += report.findings.length;
  for (const finding of report.findings) process.stdout.write(`seed ${seed}: ${finding}\n`);
}
process.stdout.write(
  `${points} kills, ${executions} executions, ${interrupted} interrupted, ${broken} findings\n`,
);
process.exitCode = broken === 0 ? 0 : 1;

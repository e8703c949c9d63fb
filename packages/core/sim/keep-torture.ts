import { parseArgs } from 'node:util';
import { keepKillRounds } from '../test/keep-kill-rounds.ts';

/*
 * Kills processes that back up, verify, clean up and restore on a real disk; each 20 of them share a folder:
 * node --conditions=@qts-ops/source packages/core/sim/keep-torture.ts --points 200 [--seed 1]
 */

const ROUNDS_MAX = 20;
const { values } = parseArgs({
  options: { points: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const points = Number(values.points);
const killed = { backup: 0, verify: 0, cleanup: 0, restore: 0 };
let [total, deleted, broken] = [0, 0, 0];
for (let done = 0, seed = Number(values.seed); done < points; done += ROUNDS_MAX, seed++) {
  const report = await keepKillRounds(Math.min(ROUNDS_MAX, points - done), seed);
  for (const kind of ['backup', 'verify', 'cleanup', 'restore'] as const) {
    killed[kind] += report.killed[kind];
    total += report.killed[kind];
  }
  deleted += report.deleted;
  broken += report.findings.length;
  for (const finding of report.findings) process.stdout.write(`seed ${seed}: ${finding}\n`);
}
process.stdout.write(
  `${points} points, ${total} kills (${JSON.stringify(killed)}), ${deleted} files deleted, ${broken} findings\n`,
);
process.exitCode = broken === 0 ? 0 : 1;

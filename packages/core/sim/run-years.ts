import { parseArgs } from 'node:util';
import { simulateYear } from './year-simulation.ts';

/*
 * Simulates many years and prints those in which a slot is lost or counted twice:
 * node --conditions=@qts-ops/source packages/core/sim/run-years.ts --seeds 100 [--from 1000] [--days 365]
 */

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    from: { type: 'string', default: '1000' },
    days: { type: 'string', default: '365' },
  },
});
const [count, from, days] = [Number(values.seeds), Number(values.from), Number(values.days)];
let slots = 0;
let broken = 0;
for (let seed = from; seed < from + count; seed++) {
  const result = simulateYear(seed, days);
  slots += result.slots;
  if (result.findings.length === 0) continue;
  broken += 1;
  process.stdout.write(`seed ${seed}:\n${result.findings.map((finding) => `  ${finding}\n`).join('')}`);
}
process.stdout.write(`${count} years of ${days} days, ${slots} slots, ${broken} did not add up\n`);
process.exitCode = broken === 0 ? 0 : 1;

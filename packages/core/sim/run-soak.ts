import { parseArgs } from 'node:util';
import { simulateSlots } from './slot-simulation.ts';

/*
 * Runs many scripts and prints those that break a rule:
 * node --conditions=@qts-ops/source packages/core/sim/run-soak.ts --seeds 500 [--from 1000]
 */

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '100' }, from: { type: 'string', default: '1000' } },
});
const [count, from] = [Number(values.seeds), Number(values.from)];
let executions = 0;
let broken = 0;
for (let seed = from; seed < from + count; seed++) {
  const result = await simulateSlots(seed);
  executions += result.executions;
  if (result.findings.length === 0) continue;
  broken += 1;
  process.stdout.write(
    `seed ${seed}:\n${result.findings
      .slice(0, 10)
      .map((finding) => `  ${finding}\n`)
      .join('')}`,
  );
}
process.stdout.write(`${count} scripts, ${executions} executions, ${broken} scripts broke a rule\n`);
process.exitCode = broken === 0 ? 0 : 1;

/**
 * The long form of the neighbours test:
 * `node --conditions=@qts-ops/source tests/journey/neighbours.ts --seconds 60`. Exit code 1 when a slot was lost.
 */
import { parseArgs } from 'node:util';
import { type NeighbourReport, runNeighbours } from './neighbours-run.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
const report = await runNeighbours(Number(values.seconds));

for (const target of report.targets) process.stdout.write(`${lineOf(target)}\n`);
process.stdout.write(`engine: exit code ${report.exitCode}, ${report.leftProcesses.length} processes left\n`);

const healthy = report.targets.find(({ id }) => id === 'healthy');
const kept = healthy !== undefined && healthy.succeeded === healthy.account.slots;
process.exitCode = kept && report.exitCode === 0 && report.leftProcesses.length === 0 ? 0 : 1;

function lineOf({ id, account, succeeded, failures, longestDelayMs }: NeighbourReport): string {
  const failed = Object.entries(failures).map(([code, count]) => `${code} x ${count}`);
  const { slots, executed, skipped, missing, repeated } = account;
  return `${id.padEnd(16)} slots ${slots}, executions ${executed} (${succeeded} SUCCESS${failed.length === 0 ? '' : `, ${failed.join(', ')}`}), skipped ${skipped}, missing ${missing.length}, repeated ${repeated.length}, longest delay ${longestDelayMs} ms`;
}

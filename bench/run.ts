import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import type { Bench, Effort } from './bench-row.ts';
import { describeRow } from './bench-text.ts';
import { dayJump } from './day-jump.ts';
import { dueToRunning } from './due-to-running.ts';
import { durableExecutions } from './durable-executions.ts';
import { engineFootprint } from './engine-footprint.ts';
import { keepCreate } from './keep-create.ts';
import { keepFiles } from './keep-files.ts';
import { keepRead } from './keep-read.ts';
import { keepRow, type Machine } from './results.ts';
import { scheduleCore } from './schedule-core.ts';
import { terminal } from './terminal.ts';
import { watchAlerts } from './watch-alerts.ts';
import { watchChecks } from './watch-checks.ts';

/*
 * npm run bench                      takes every measurement and keeps it in results.jsonl
 * npm run bench -- NAME…             takes only these
 * npm run bench -- --dry NAME…       keeps nothing; --short also takes less time
 *
 * Afterwards `npm run docs` writes the page of the benchmarks anew.
 */

/** Every measurement, in the order in which it is taken. */
const benches: readonly Bench[] = [
  durableExecutions,
  dueToRunning,
  dayJump,
  scheduleCore,
  engineFootprint,
  terminal,
  watchAlerts,
  watchChecks,
  keepCreate,
  keepRead,
  keepFiles,
];

const effort: Effort = process.argv.includes('--short') ? 'short' : 'full';
const dry = effort === 'short' || process.argv.includes('--dry');
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = wanted.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `unknown: ${unknown.join(', ')}; allowed: ${benches.map((bench) => bench.name).join(', ')}\n`,
  );
  process.exit(2);
}
const commit = commitName();
for (const bench of benches) {
  if (wanted.length > 0 && !wanted.includes(bench.name)) continue;
  process.stdout.write(`\n${bench.name}: ${bench.about}\n`);
  const machine = describeMachine();
  const begun = performance.now();
  for (const row of await bench.run(effort)) {
    process.stdout.write(`${describeRow(row)}\n`);
    if (!dry) keepRow({ at: new Date().toISOString(), bench: bench.name, commit, machine, ...row });
  }
  process.stdout.write(
    `  (took ${Math.round((performance.now() - begun) / 1000)} s, load ${machine.load})\n`,
  );
}

function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 1048576),
    system: `${process.platform} ${release()}`,
    node: process.version,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

function commitName(): string {
  const git = (...options: readonly string[]) => execFileSync('git', options, { encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--', 'packages', 'bench', ':!bench/results.jsonl');
  return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : '+'}`;
}

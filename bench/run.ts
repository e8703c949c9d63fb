import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import type { Bench, BenchRow } from './bench-row.ts';
import { durableExecutions } from './durable-executions.ts';

/** Every measurement, in the order in which it is taken. */
const benches: readonly Bench[] = [durableExecutions];

const RESULTS = new URL('./results.jsonl', import.meta.url);

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = wanted.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  process.stderr.write(`unknown: ${unknown.join(', ')}; allowed: ${benches.map((bench) => bench.name).join(', ')}\n`);
  process.exit(2);
}
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryMb: Math.round(totalmem() / 1048576),
  system: `${process.platform} ${release()}`,
  node: process.version,
};
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
for (const bench of benches) {
  if (wanted.length > 0 && !wanted.includes(bench.name)) continue;
  process.stdout.write(`\n${bench.name}: ${bench.about}\n`);
  for (const row of await bench.run()) {
    process.stdout.write(`${describe(row)}\n`);
    if (!process.argv.includes('--dry')) {
      const line = { at: new Date().toISOString(), bench: bench.name, commit, machine, ...row };
      appendFileSync(RESULTS, `${JSON.stringify(line)}\n`);
    }
  }
}

/** One row as a reader wants it: the number, the ratio to its peer, the share of the limit. */
function describe(row: BenchRow): string {
  const parts = [`  ${row.name}: ${round(row.value)} ${row.unit}`];
  if (row.peer !== undefined) parts.push(`${round(row.value / row.peer.value)} x ${row.peer.name}`);
  if (row.limit !== undefined) parts.push(`${round((100 * row.value) / row.limit.value)} % of ${row.limit.name}`);
  if (row.goal !== undefined) parts.push(`goal ${row.goal}: ${row.met === true ? 'met' : 'missed'}`);
  if (row.note !== undefined) parts.push(row.note);
  return parts.join('\n    ');
}

function round(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

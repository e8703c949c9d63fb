import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { BenchRow } from './bench-row.ts';

/** Every row that was ever kept, one JSON object a line, oldest first. */
const RESULTS = new URL('./results.jsonl', import.meta.url);

/** What a row was measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMb: number;
  readonly system: string;
  readonly node: string;
  /** Mean number of processes that wanted to run during the minute before: others were busy when it is high. */
  readonly load: number;
}

/** A row as it is kept. */
export interface KeptRow extends BenchRow {
  /** When it was measured, ISO 8601 in UTC. */
  readonly at: string;
  readonly bench: string;
  /** Short hash; `+` stands behind it when sources had been changed since. */
  readonly commit: string;
  readonly machine: Machine;
}

/** Keeps a row. */
export function keepRow(row: KeptRow): void {
  appendFileSync(RESULTS, `${JSON.stringify(row)}\n`);
}

/** Every kept row, oldest first. */
export function keptRows(): readonly KeptRow[] {
  if (!existsSync(RESULTS)) return [];
  const lines = readFileSync(RESULTS, 'utf8').trim().split('\n');
  // Only `keepRow` writes the file.
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as KeptRow);
}

/** What is known of one measured thing: its newest row, and the newest one of another commit. */
export interface RowHistory {
  readonly newest: KeptRow;
  readonly before?: KeptRow;
}

/** One history per measured thing, in the order in which the things were first measured. */
export function rowHistories(rows: readonly KeptRow[]): readonly RowHistory[] {
  const histories = new Map<string, RowHistory>();
  for (const row of rows) {
    const key = `${row.bench}/${row.id}`;
    const known = histories.get(key);
    const before = known?.newest.commit === row.commit ? known.before : known?.newest;
    histories.set(key, { newest: row, ...(before === undefined ? {} : { before }) });
  }
  return [...histories.values()];
}

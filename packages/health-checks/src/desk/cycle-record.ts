import { valueAt } from '../look/dotted-path.ts';
import { openFile } from '../look/open-file.ts';

/** At most so much of the end of a record is read. */
export const TAIL_MAX_BYTES = 4_194_304;

/** One cycle of a loop. */
export interface Cycle {
  readonly durationMs: number;
  /** When it ended, ms UTC; absent where the record does not tell. */
  readonly atMs?: number | undefined;
}

/** The newest cycles of a record, oldest first. */
export interface CycleRecord {
  readonly cycles: readonly Cycle[];
  /** Lines that are no JSON or hold no duration. */
  readonly unreadable: number;
}

/** Where a line of JSON holds what is needed. */
export interface CycleFields {
  readonly durationField: string;
  readonly timeField: string;
  /** Only so many of the newest cycles. */
  readonly samples: number;
}

/** Reads the newest cycles from the end of a file of JSON lines. */
export async function readCycles(path: string, fields: CycleFields): Promise<CycleRecord> {
  const lines = await tailOf(path);
  const cycles: Cycle[] = [];
  let unreadable = 0;
  for (let index = lines.length - 1; index >= 0 && cycles.length < fields.samples; index--) {
    const line = lines[index] ?? '';
    if (line.trim() === '') continue;
    const cycle = cycleIn(line, fields);
    if (cycle === undefined) unreadable += 1;
    else cycles.push(cycle);
  }
  return { cycles: cycles.reverse(), unreadable };
}

/** Whole lines only: the first may be cut by the bound, the last may still be written. */
async function tailOf(path: string): Promise<readonly string[]> {
  await using file = await openFile(path);
  const { size } = await file.stat();
  const startAt = Math.max(0, size - TAIL_MAX_BYTES);
  const bytes = Buffer.alloc(size - startAt);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, startAt);
  const lines = bytes.toString('utf8', 0, bytesRead).split('\n');
  return lines.slice(startAt === 0 ? 0 : 1, -1);
}

function cycleIn(line: string, { durationField, timeField }: CycleFields): Cycle | undefined {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return undefined;
  }
  const durationMs = valueAt(record, durationField);
  if (typeof durationMs !== 'number' || !Number.isFinite(durationMs) || durationMs < 0) return undefined;
  const atMs = instantOf(valueAt(record, timeField));
  return atMs === undefined ? { durationMs } : { durationMs, atMs };
}

/** A number of milliseconds, or a text with a date and a zone. */
function instantOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value > 0 ? value : undefined;
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$/.test(value)) return undefined;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? undefined : atMs;
}

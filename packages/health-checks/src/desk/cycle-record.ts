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

/** At most so many lines that tell nothing are passed over: reading what cannot be read takes time too. */
const USELESS_LINES_MAX = 1_000;

/** Reads the newest cycles from the end of a file of JSON lines. */
export async function readCycles(path: string, fields: CycleFields): Promise<CycleRecord> {
  const cycles: Cycle[] = [];
  let useless = 0;
  let unreadable = 0;
  for (const line of linesFromEnd(await tailOf(path))) {
    if (cycles.length >= fields.samples || useless >= USELESS_LINES_MAX) break;
    const cycle = line.trim() === '' ? undefined : cycleIn(line, fields);
    if (cycle !== undefined) {
      cycles.push(cycle);
      continue;
    }
    useless += 1;
    if (line.trim() !== '') unreadable += 1;
  }
  return { cycles: cycles.reverse(), unreadable };
}

/** The end of a file; the first line may be cut by the bound and is left out then. */
async function tailOf(path: string): Promise<string> {
  await using file = await openFile(path);
  const { size } = await file.stat();
  const startAt = Math.max(0, size - TAIL_MAX_BYTES);
  const bytes = Buffer.alloc(size - startAt);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, startAt);
  const text = bytes.toString('utf8', 0, bytesRead);
  return startAt === 0 ? text : text.slice(text.indexOf('\n') + 1);
}

/** Whole lines only, the newest first: the last may still be written. */
function* linesFromEnd(text: string): Generator<string> {
  let end = text.lastIndexOf('\n');
  while (end >= 0) {
    const before = end === 0 ? -1 : text.lastIndexOf('\n', end - 1);
    yield text.slice(before + 1, end);
    end = before;
  }
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

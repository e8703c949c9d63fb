import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readState } from './desk-state.ts';
import { RECORD_KINDS, type RecordKind } from './record-shapes.ts';

/** Rows of one kind compared with the bars consumed. */
export interface KindCount {
  /** Committed rows found, each bar counted once. */
  readonly rows: number;
  /** Bars without a row; also what retention has removed. */
  readonly missing: number;
  readonly duplicates: number;
  /** Lines that are not a row, such as the torn end of an interrupted write. */
  readonly unreadable: number;
  /** Rows of a batch that is being written right now, or that the next start will take back. */
  readonly uncommitted: number;
}

/** The comparison for a whole data folder; `complete` means every bar has exactly one row of every kind. */
export interface RowReport {
  readonly sourceId: string;
  readonly bars: number;
  readonly rejectedRows: number;
  readonly kinds: Readonly<Record<RecordKind, KindCount>>;
  readonly complete: boolean;
}

/** Reads every row of a data folder and compares with the bars consumed; throws when the folder has no state. */
export async function countRows(dataDir: string): Promise<RowReport> {
  const state = readState(dataDir);
  if (state === undefined) throw new Error(`${dataDir} holds no desk-state.json; run the pipeline first`);
  const { cursor, sourceId, rejectedRows } = state;
  const [raw, pattern, decision] = RECORD_KINDS;
  const kinds = {
    [raw]: await countKind(join(dataDir, raw), cursor),
    [pattern]: await countKind(join(dataDir, pattern), cursor),
    [decision]: await countKind(join(dataDir, decision), cursor),
  };
  const complete = Object.values(kinds).every((kind) => kind.rows === cursor && kind.duplicates === 0);
  return { sourceId, bars: cursor, rejectedRows, kinds, complete };
}

async function countKind(folder: string, cursor: number): Promise<KindCount> {
  const seen = new Uint8Array(cursor);
  let rows = 0;
  let duplicates = 0;
  let unreadable = 0;
  let uncommitted = 0;
  for await (const line of linesOf(folder)) {
    const seq = seqOf(line);
    if (seq === undefined) unreadable++;
    else if (seq >= cursor) uncommitted++;
    else if (seen[seq] === 1) duplicates++;
    else {
      seen[seq] = 1;
      rows++;
    }
  }
  return { rows, missing: cursor - rows, duplicates, unreadable, uncommitted };
}

async function* linesOf(folder: string): AsyncGenerator<string> {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jsonl')) : [];
  for (const name of names.sort()) {
    const input = createReadStream(join(folder, name));
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  }
}

function seqOf(line: string): number | undefined {
  try {
    const row: unknown = JSON.parse(line);
    if (typeof row !== 'object' || row === null || !('seq' in row)) return undefined;
    return typeof row.seq === 'number' && Number.isSafeInteger(row.seq) && row.seq >= 0 ? row.seq : undefined;
  } catch {
    return undefined;
  }
}

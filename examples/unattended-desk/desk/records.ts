import { dirname, join } from 'node:path';
import { type DeskState, readState, writeState } from './desk-state.ts';
import { deskDayStamp } from './desk-time.ts';
import {
  appendToFile,
  cutFile,
  type Disk,
  ensureFolder,
  fileBytes,
  nodeDisk,
  removeLeftovers,
  syncFolder,
} from './durable-files.ts';
import type { Cycle } from './eteda.ts';
import { RECORD_KINDS, toRecords } from './record-shapes.ts';

/** Rows of a batch by file, each file's text ready to be appended with one write. */
export type RecordBatch = ReadonlyMap<string, string>;

/** A state change with the rows that belong to it. */
export interface BatchCommit {
  readonly before: DeskState;
  readonly after: DeskState;
  readonly rows: RecordBatch;
}

/** Sorts the rows of cycles into `kind/YYYYMMDD.jsonl` by the day of the bar on the desk. */
export function toBatch(cycles: readonly Cycle[]): RecordBatch {
  const lines = new Map<string, string[]>();
  for (const cycle of cycles) {
    const records = toRecords(cycle);
    const day = deskDayStamp(cycle.snapshot.bar.timeMs);
    for (const kind of RECORD_KINDS) {
      const path = join(kind, `${day}.jsonl`);
      const known = lines.get(path);
      const line = `${JSON.stringify(records[kind])}\n`;
      if (known === undefined) lines.set(path, [line]);
      else known.push(line);
    }
  }
  return new Map([...lines].map(([path, texts]) => [path, texts.join('')]));
}

/**
 * Writes rows and state as one: the old state first notes the length of every file that will grow, then the rows
 * follow, and replacing the state is the moment of truth. A kill before it is undone by `recover`, after it nothing
 * is missing.
 */
export function commitBatch(
  dataDir: string,
  { before, after, rows }: BatchCommit,
  disk: Disk = nodeDisk,
): void {
  const pending = [...rows.keys()].map((path) => ({ path, bytes: fileBytes(join(dataDir, path)) }));
  const folders = new Set(pending.map(({ path }) => join(dataDir, dirname(path))));
  for (const folder of folders) ensureFolder(disk, folder);
  writeState(disk, dataDir, { ...before, pending });
  for (const [path, text] of rows) appendToFile(disk, join(dataDir, path), text);
  for (const folder of folders) syncFolder(disk, folder);
  writeState(disk, dataDir, after);
}

/** Reads the state and takes back what an interrupted commit left in the files; absent for a new folder. */
export function recover(dataDir: string, disk: Disk = nodeDisk): DeskState | undefined {
  removeLeftovers(dataDir);
  const found = readState(dataDir);
  if (found?.pending === undefined) return found;
  const { pending, ...state } = found;
  for (const { path, bytes } of pending) cutFile(disk, join(dataDir, path), bytes);
  writeState(disk, dataDir, state);
  return state;
}

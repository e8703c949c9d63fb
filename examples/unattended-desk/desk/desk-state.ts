import { join } from 'node:path';
import { type Disk, readIfPresent, replaceFile } from './durable-files.ts';
import type { Desk } from './eteda.ts';
import { openLedger } from './ledger.ts';
import { NORMAL_SAFETY } from './safety.ts';

/** A record file that a commit is about to grow, with its length before. */
export interface PendingFile {
  /** Path inside the data folder, such as `raw_snapshot/20260105.jsonl`. */
  readonly path: string;
  readonly bytes: number;
}

/** All that the desk remembers; written whole and replaced at once, so it is always the truth of one moment. */
export interface DeskState extends Desk {
  readonly version: 1;
  /** The stream this folder belongs to. */
  readonly sourceId: string;
  /** Number of bars consumed; equals the number of committed rows of each kind. */
  readonly cursor: number;
  /** Number of committed batches. */
  readonly batches: number;
  /** Rows of the bar file that could not be used. */
  readonly rejectedRows: number;
  /** Start of the last consumed bar; absent before the first. */
  readonly lastBarMs?: number;
  /** Files that a commit in progress grows; still present at the start means that the commit never ended. */
  readonly pending?: readonly PendingFile[];
}

const START_CASH = 100_000_000;

/** State of a desk that has seen nothing yet. */
export function freshState(sourceId: string): DeskState {
  const desk: Desk = { ledger: openLedger(START_CASH), closes: {}, safety: NORMAL_SAFETY };
  return { version: 1, sourceId, cursor: 0, batches: 0, rejectedRows: 0, ...desk };
}

/** Reads the state of a data folder; absent for a new folder, an error naming the remedy for a damaged file. */
export function readState(dataDir: string): DeskState | undefined {
  const path = statePath(dataDir);
  const text = readIfPresent(path);
  if (text === undefined) return undefined;
  const value = parse(text);
  if (!isDeskState(value)) {
    throw new Error(
      `${path} is not a desk state of version 1; restore it from a backup, or start with an empty data folder`,
    );
  }
  return value;
}

/** Replaces the state of a data folder; when this returns, the new state survives a power cut. */
export function writeState(disk: Disk, dataDir: string, state: DeskState): void {
  replaceFile(disk, statePath(dataDir), `${JSON.stringify(state, null, 1)}\n`);
}

function statePath(dataDir: string): string {
  return join(dataDir, 'desk-state.json');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Looks at the fields without which nothing can go on; the file has one writer, this program. */
function isDeskState(value: unknown): value is DeskState {
  if (typeof value !== 'object' || value === null) return false;
  const state: Partial<Record<keyof DeskState, unknown>> = value;
  return (
    state.version === 1 &&
    typeof state.sourceId === 'string' &&
    Number.isSafeInteger(state.cursor) &&
    [state.ledger, state.closes, state.safety].every((part) => typeof part === 'object' && part !== null)
  );
}

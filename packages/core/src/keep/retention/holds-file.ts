import { posix } from 'node:path';
import { opsException } from '../../kernel/ops-exception.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { problemText } from '../backup/backup-errors.ts';
import type { Hold, HoldLine, HoldRequest } from './hold.ts';
import {
  type HeldPaths,
  heldPaths,
  makeHold,
  parseHoldLines,
  releaseHold,
  standingHolds,
} from './hold-rules.ts';
import './retention-errors.ts';
import { appendOwnLines, readOwnText } from './state-lines.ts';

/** Where holds are kept, below the state folder; lines are only ever added. */
export const HOLDS_FILE = 'maintenance/holds.jsonl';

/** Every line ever written. @throws SYS-0161 when one cannot be read: an overlooked hold would let a file be deleted. */
export function readHoldLines(files: KeepFiles, stateFolder: string): readonly HoldLine[] {
  const path = posix.join(stateFolder, HOLDS_FILE);
  try {
    return parseHoldLines(readOwnText(files, path) ?? '');
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw opsException('SYS-0161', `${path}: ${problemText(error)}; restore the file from a backup`, {
      cause: error,
    });
  }
}

/** What is held at an instant. @throws SYS-0161. */
export function readHeld(files: KeepFiles, stateFolder: string, nowMs: number): HeldPaths {
  return heldPaths(standingHolds(readHoldLines(files, stateFolder), nowMs));
}

/** Holds files from now on. @throws INP-0822, SYS-0161. */
export function addHold(
  files: KeepFiles,
  stateFolder: string,
  { request, nowMs }: { readonly request: HoldRequest; readonly nowMs: number },
): Hold {
  const hold = makeHold(request, nowMs);
  append(files, stateFolder, { act: 'hold', ...hold });
  return hold;
}

/** Ends a hold; it stays on record. @throws INP-0822, INP-0823, SYS-0161. */
export function endHold(
  files: KeepFiles,
  stateFolder: string,
  {
    nowMs,
    ...release
  }: { readonly id: string; readonly reason: string; readonly operator: string; readonly nowMs: number },
): void {
  append(files, stateFolder, releaseHold(readHoldLines(files, stateFolder), release, nowMs));
}

function append(files: KeepFiles, stateFolder: string, line: HoldLine): void {
  appendOwnLines(files, posix.join(stateFolder, HOLDS_FILE), [JSON.stringify(line)]);
}

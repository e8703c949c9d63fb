import { posix } from 'node:path';
import { opsException } from '../../kernel/ops-exception.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { problemText } from '../backup/backup-errors.ts';
import type { HoldLine } from './hold.ts';
import { parseHoldLines } from './hold-rules.ts';
import { HOLDS_FILE } from './holds-file.ts';
import './retention-errors.ts';
import { appendOwnLines, readOwnText } from './state-lines.ts';

/** Two files of holds of which one learns from the other. */
export interface HoldsPlace {
  readonly stateFolder: string;
  readonly backupRoot: string;
  /** Set of the source: desks that share a root do not take over each other's holds. */
  readonly set: string;
}

/** Where a backup root keeps the holds of a source's desk. */
export function holdsCopyOf({ backupRoot, set }: Omit<HoldsPlace, 'stateFolder'>): string {
  return posix.join(backupRoot, `.qts-ops-holds-${set}.jsonl`);
}

/**
 * Takes over what a backup root knows of holds and their ends and the state folder does not: it was lost, or is older
 * than the backups. Reads the root, never changes it.
 * @returns how many lines were missing.
 * @throws SYS-0161 when either cannot be read: an overlooked hold would let a file be deleted.
 */
export function gatherHolds(files: KeepFiles, place: HoldsPlace): number {
  return addMissing(files, holdsCopyOf(place), posix.join(place.stateFolder, HOLDS_FILE));
}

/** Leaves every hold and every end of one in a backup root as well. The caller holds its lock. @throws SYS-0161. */
export function copyHolds(files: KeepFiles, place: HoldsPlace): number {
  return addMissing(files, posix.join(place.stateFolder, HOLDS_FILE), holdsCopyOf(place));
}

/**
 * Every line that the state folder or one of the copies knows, as a run that learns them would have it. Writes nothing.
 * @throws SYS-0161.
 */
export function knownHoldLines(
  files: KeepFiles,
  { stateFolder, copies }: { readonly stateFolder: string; readonly copies: readonly string[] },
): readonly HoldLine[] {
  const known = new Map<string, HoldLine>();
  for (const path of [posix.join(stateFolder, HOLDS_FILE), ...copies])
    for (const line of linesOf(path, readOwnText(files, path) ?? '')) known.set(JSON.stringify(line), line);
  return [...known.values()];
}

/** Lines are only ever added and an end follows its hold, so the order in which both files learned does not matter. */
function addMissing(files: KeepFiles, from: string, to: string): number {
  const known = readOwnText(files, from);
  const there = readOwnText(files, to);
  if (known === undefined || known === there) return 0;
  const present = new Set(linesOf(to, there ?? '').map((line) => JSON.stringify(line)));
  const lines = linesOf(from, known).map((line) => JSON.stringify(line));
  const missing = lines.filter((line) => !present.has(line));
  appendOwnLines(files, to, missing);
  return missing.length;
}

function linesOf(path: string, text: string): readonly HoldLine[] {
  try {
    return parseHoldLines(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const remedy = 'mend the line, or take the file from a backup (.qts-ops/holds.jsonl)';
    throw opsException('SYS-0161', `${path}: ${problemText(error)}; ${remedy}`, { cause: error });
  }
}

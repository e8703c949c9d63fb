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

/** The holds at one instant, read again whenever the file is not as it was: a run looks before each batch. */
export class HoldsWatch {
  readonly #files: KeepFiles;
  readonly #stateFolder: string;
  readonly #nowMs: number;
  #seen = '';
  #held: HeldPaths | undefined;

  constructor(
    files: KeepFiles,
    { stateFolder, nowMs }: { readonly stateFolder: string; readonly nowMs: number },
  ) {
    this.#files = files;
    this.#stateFolder = stateFolder;
    this.#nowMs = nowMs;
  }

  /** @throws SYS-0161. */
  look(): HeldPaths {
    // Taken before the reading: what is added meanwhile is seen by the next look.
    const seen = this.#looksLike();
    if (this.#held === undefined || seen !== this.#seen) {
      this.#held = readHeld(this.#files, this.#stateFolder, this.#nowMs);
      this.#seen = seen;
    }
    return this.#held;
  }

  /** Lines are only ever added, so that the length alone would do; a file in its place is another one. */
  #looksLike(): string {
    const path = posix.join(this.#stateFolder, HOLDS_FILE);
    try {
      const facts = this.#files.facts(path);
      return facts === undefined ? 'none' : `${facts.dev} ${facts.ino} ${facts.size} ${facts.ctimeNs}`;
    } catch (error) {
      throw opsException('SYS-0161', `${path}: ${problemText(error)}`, { data: { path }, cause: error });
    }
  }
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

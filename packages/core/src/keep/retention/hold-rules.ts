import { posix } from 'node:path';
import { opsException } from '../../kernel/ops-exception.ts';
import { compileGlobs } from '../backup/path-glob.ts';
import type { Hold, HoldLine, HoldRequest } from './hold.ts';
import './retention-errors.ts';
import { CUT_MARK } from './state-lines.ts';

const REASON_MAX = 500;
const EXACT_PATHS_MAX = 1_000_000;

/** What is held at one instant. */
export interface HeldPaths {
  readonly holds: readonly Hold[];
  /** The hold that names a path, in words; undefined when none does. */
  heldBy(path: string): string | undefined;
}

/** @throws INP-0822 naming the field. */
export function makeHold(request: HoldRequest, atMs: number): Hold {
  const { id, globs, reason, owner, untilMs, kind = 'legal' } = request;
  if (globs.length === 0 || globs.length > EXACT_PATHS_MAX)
    throw refuse('globs', globs.length, 'at least one');
  if (kind === 'legal') compileGlobs(globs);
  if (reason.trim() === '' || reason.length > REASON_MAX) {
    throw refuse('reason', reason.slice(0, 40), `1 to ${REASON_MAX} characters`);
  }
  if (owner.trim() === '') throw refuse('owner', owner, 'the name of who answers for it');
  if (untilMs !== undefined && !(Number.isFinite(untilMs) && untilMs > atMs)) {
    throw refuse('until', untilMs, 'an instant in the future, or nothing');
  }
  return { id, kind, globs, reason, owner, atMs, ...(untilMs === undefined ? {} : { untilMs }) };
}

/** Lines that end a hold. @throws INP-0823 when no hold that stands has the id. */
export function releaseHold(
  lines: readonly HoldLine[],
  release: { readonly id: string; readonly reason: string; readonly operator: string },
  atMs: number,
): HoldLine {
  const { id, reason, operator } = release;
  if (reason.trim() === '' || operator.trim() === '') {
    throw refuse('release', `${operator}: ${reason}`, 'an operator and a reason');
  }
  if (!standingHolds(lines, atMs).some((hold) => hold.id === id)) {
    throw opsException('INP-0823', `hold: '${id}'; allowed: the id of a hold that stands`, { data: { id } });
  }
  return { act: 'release', id, reason, operator, atMs };
}

/** The holds that stand at an instant, from all lines in order. */
export function standingHolds(lines: readonly HoldLine[], nowMs: number): readonly Hold[] {
  const standing = new Map<string, Hold>();
  for (const line of lines) {
    if (line.act === 'release') standing.delete(line.id);
    else {
      const { act: _, ...hold } = line;
      standing.set(line.id, hold);
    }
  }
  return [...standing.values()].filter((hold) => hold.untilMs === undefined || hold.untilMs > nowMs);
}

/** How another source calls files of this one. */
export interface PathAlias {
  /** Beginning of the paths that the other source has too, '' or with '/' at its end. */
  readonly from: string;
  /** What stands there instead. */
  readonly to: string;
}

/** What is held under any of the names of a file: a hold does not ask by which of two sources a file is reached. */
export function underAliases(held: HeldPaths, aliases: readonly PathAlias[]): HeldPaths {
  if (aliases.length === 0) return held;
  return {
    holds: held.holds,
    heldBy(path) {
      const names = aliases.flatMap(({ from, to }) =>
        path.startsWith(from) ? [to + path.slice(from.length)] : [],
      );
      return [path, ...names].map((name) => held.heldBy(name)).find((hold) => hold !== undefined);
    },
  };
}

/**
 * Answers for paths, whatever the number of holds; exact paths of restored files are looked up at once. A glob that
 * names a folder holds everything in it.
 */
export function heldPaths(holds: readonly Hold[]): HeldPaths {
  const exact = new Map<string, Hold>();
  for (const hold of holds.filter((candidate) => candidate.kind === 'restored')) {
    for (const path of hold.globs) exact.set(path, hold);
  }
  const globbed = holds
    .filter((hold) => hold.kind === 'legal')
    .map((hold) => ({ hold, names: namesOf(hold.globs) }));
  return {
    holds,
    heldBy(path) {
      const hold = exact.get(path) ?? globbed.find(({ names }) => names(path))?.hold;
      return hold === undefined ? undefined : `${hold.reason} (${hold.owner}, hold ${hold.id})`;
    },
  };
}

/**
 * Says of paths whether a hold names them. Whoever takes files out with `!` has said what of a folder is meant.
 * @throws INP-0802 naming the glob that cannot be read.
 */
export function namesOf(globs: readonly string[]): (path: string) => boolean {
  const { matches } = compileGlobs(globs);
  if (globs.some((glob) => glob.startsWith('!'))) return matches;
  let folder = '';
  let isHeld = false;
  return (path) => {
    if (matches(path)) return true;
    const parent = posix.dirname(path);
    // Files of one folder come one after the other.
    if (parent !== folder) {
      folder = parent;
      isHeld = foldersOf(parent).some(matches);
    }
    return isHeld;
  };
}

function foldersOf(folder: string): readonly string[] {
  if (folder === '.') return [];
  const names = folder.split('/');
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}

/**
 * Reads the lines of the holds file. A last line without its end, and one that is marked as cut short, is what a crash
 * left of a hold that was never confirmed. Any other line that cannot be read is an error: a hold that is overlooked deletes what must be kept.
 * @throws RangeError naming the line.
 */
export function parseHoldLines(text: string): readonly HoldLine[] {
  const lines = text.split('\n');
  lines.pop();
  return lines.flatMap((line, index) => {
    if (line === '' || line.endsWith(CUT_MARK)) return [];
    const parsed = parseLine(line);
    if (parsed === undefined) throw new RangeError(`line ${index + 1} of the holds is not readable`);
    return [parsed];
  });
}

function parseLine(line: string): HoldLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isHoldLine(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isHoldLine(value: unknown): value is HoldLine {
  if (typeof value !== 'object' || value === null || !('act' in value) || !('id' in value)) return false;
  if (typeof value.id !== 'string') return false;
  if (value.act === 'release') return true;
  return (
    value.act === 'hold' &&
    'globs' in value &&
    Array.isArray(value.globs) &&
    value.globs.every((glob) => typeof glob === 'string') &&
    (!('untilMs' in value) || typeof value.untilMs === 'number')
  );
}

function refuse(field: string, seen: string | number, allowed: string): Error {
  return opsException('INP-0822', `${field}: ${seen}; allowed: ${allowed}`, { data: { field } });
}

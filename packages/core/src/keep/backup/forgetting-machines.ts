import type { CatalogueEntry } from './backup-catalogue.ts';
import { writersOf } from './backup-writers.ts';
import type { DeletedContent } from './coverage-index.ts';

/** So long a machine must have been silent before the one that took its place forgets what it deleted, ms. */
export const SILENT_MS = 35 * 86_400_000;

/** Who prunes, and when. */
export interface ForgettingMachine {
  readonly host: string;
  readonly nowMs: number;
}

/**
 * Says whose deletions the rules of one machine may forget: its own, and those of machines whose place it took. What
 * another one deleted that still writes into the same root has rules of its own, even where folder and name are the same.
 * @param entries every backup of one source path in a root, whoever made it, newest first.
 */
export function forgettingMachines(
  entries: readonly CatalogueEntry[],
  { host, nowMs }: ForgettingMachine,
): (content: Pick<DeletedContent, 'host'>) => boolean {
  const { lines } = writersOf(entries);
  const lastSignMs = new Map<string, number>();
  for (const { manifest, madeAtMs } of entries) {
    const maker = manifest?.host;
    if (maker !== undefined) lastSignMs.set(maker, Math.max(madeAtMs, lastSignMs.get(maker) ?? madeAtMs));
  }
  const makers = lines.map((line) => new Set(line.map(({ manifest }) => manifest?.host ?? '')));
  const own = makers.find((line) => line.has(host)) ?? (makers.length === 1 ? makers[0] : undefined);
  const isOver = (other: string) => other === host || nowMs - (lastSignMs.get(other) ?? 0) >= SILENT_MS;
  const isAlone = makers.length <= 1 && [...lastSignMs.keys()].every(isOver);
  return ({ host: deletedBy }) => {
    if (deletedBy === host) return true;
    // Nobody knows who it was, or none of its backups is left.
    if (deletedBy === undefined || !lastSignMs.has(deletedBy)) return isAlone;
    return own?.has(deletedBy) === true && isOver(deletedBy);
  };
}

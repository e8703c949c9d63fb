import type { CatalogueEntry } from './backup-catalogue.ts';

/** So long the newest backup of a machine stays after another began: one that backs up weekly shows itself in time, ms. */
export const WRITER_SETTLES_MS = 8 * 86_400_000;

/** Backups of one set, by who makes them. */
export interface BackupWriters {
  /** Those of one machine and of those it followed, newest first; more than one: machines write at the same time. */
  readonly lines: readonly (readonly CatalogueEntry[])[];
  /** Ids of the newest verified backup of each machine. */
  readonly newestOf: ReadonlyMap<string, string>;
}

interface Span {
  readonly host: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * Tells machines apart that write the same set into one root. A machine whose first backup is younger than the last of
 * another has taken its place, as after a disaster or in a new container; machines whose times overlap are two.
 * @param entries newest first.
 */
export function writersOf(entries: readonly CatalogueEntry[]): BackupWriters {
  const byHost = Map.groupBy(entries, ({ manifest }) => manifest?.host ?? '');
  const lines: { untilMs: number; readonly hosts: Set<string> }[] = [];
  for (const { host, fromMs, untilMs } of spansOf(byHost)) {
    // The line that ended last goes on, so that as few remain as machines ever wrote at once.
    const followed = lines
      .filter((line) => line.untilMs < fromMs)
      .toSorted((a, b) => b.untilMs - a.untilMs)[0];
    if (followed === undefined) lines.push({ untilMs, hosts: new Set([host]) });
    else {
      followed.hosts.add(host);
      followed.untilMs = untilMs;
    }
  }
  // A backup whose manifest is gone tells nobody's name; it goes with the first.
  lines[0]?.hosts.add('');
  if (lines.length === 0) lines.push({ untilMs: 0, hosts: new Set(['']) });
  const newestOf = new Map<string, string>();
  for (const [host, own] of byHost) {
    const newest = own.find(({ state }) => state === 'verified');
    if (newest !== undefined) newestOf.set(host, newest.id);
  }
  return {
    lines: lines.map(({ hosts }) => entries.filter(({ manifest }) => hosts.has(manifest?.host ?? ''))),
    newestOf,
  };
}

function spansOf(byHost: ReadonlyMap<string, readonly CatalogueEntry[]>): readonly Span[] {
  const spans = [...byHost].flatMap(([host, own]) => {
    const [newest, oldest] = [own[0], own.at(-1)];
    if (host === '' || newest === undefined || oldest === undefined) return [];
    return [{ host, fromMs: oldest.madeAtMs, untilMs: newest.madeAtMs }];
  });
  return spans.toSorted((a, b) => a.fromMs - b.fromMs || (a.host < b.host ? -1 : 1));
}

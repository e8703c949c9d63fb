import { type Catalogue, type CatalogueEntry, readCatalogue } from './backup-catalogue.ts';
import { isHeld } from './backup-hold.ts';
import { guardRoot } from './backup-root.ts';
import type { BackupServices } from './backup-services.ts';
import { WRITER_SETTLES_MS, writersOf } from './backup-writers.ts';
import { ContentSet, type DeletedContent } from './coverage-index.ts';
import { readDeleted } from './deleted-content.ts';
import { forgettingMachines } from './forgetting-machines.ts';
import { loadManifest } from './manifest-file.ts';
import {
  decidePrune,
  type KeepPolicy,
  keepAfterAll,
  type PrunableBackup,
  type PruneDecision,
} from './prune-rules.ts';
import { removeOwn } from './remove-own.ts';

/** Reason to keep a backup that somebody else makes. */
export const NOT_OURS = 'made by no source that is asked for';

/** Which backups of a root to prune. */
export interface PruneRequest {
  readonly backupRoot: string;
  readonly policy: KeepPolicy;
  /**
   * True for content that was deleted from a source and may be forgotten for good; default: none may. It is not asked
   * about what another machine deleted.
   */
  readonly mayForget?: ((deleted: DeletedContent) => boolean) | undefined;
  /** False for a backup that somebody else makes in the same root: it stays, whatever the policy says. Default: all are ours. */
  readonly isOurs?: ((backup: CatalogueEntry) => boolean) | undefined;
  /** True: decide only. */
  readonly dryRun?: boolean | undefined;
}

/** Why each backup stays or goes. */
export interface PruneReport {
  readonly decisions: readonly (PruneDecision & { readonly backup: CatalogueEntry })[];
  /** Ids of what was removed, or would be. */
  readonly removed: readonly string[];
  readonly freedBytes: number;
  /** Machines that write backups of one name into this root at the same time, by name; mostly empty. */
  readonly machines: readonly string[];
}

/**
 * Prunes the backups of a root, each set of a source for itself, by the policy and by the sole-copy rule: what was deleted from
 * a source stays restorable from a verified backup that stays, or else the newest backup that still holds it stays
 * too. The caller holds the lock of the root.
 * @throws INP-0803 for a policy out of range, SYS-0142 when the root cannot be read or changed.
 */
export function pruneBackups(services: BackupServices, request: PruneRequest): PruneReport {
  const { files, clock } = services;
  const { backupRoot, policy } = request;
  const catalogue = readCatalogue(files, backupRoot);
  const decisions = guardRoot(backupRoot, () =>
    decideAll(services, request, { catalogue, nowMs: clock.now(), policy }),
  );
  const known = new Map(catalogue.backups.map((backup) => [backup.id, backup]));
  const listed = decisions.flatMap((decision) => {
    const backup = known.get(decision.id);
    return backup === undefined ? [] : [{ ...decision, backup }];
  });
  // Oldest last: what builds on another goes before it, so that no listed backup ever lacks its base.
  const going = listed.filter(({ keep }) => !keep);
  if (request.dryRun !== true) {
    guardRoot(backupRoot, () => {
      for (const { backup } of going) removeBackup(services, backupRoot, backup);
    });
  }
  return {
    decisions: listed,
    removed: going.map(({ id }) => id),
    freedBytes: going.reduce((sum, { backup }) => sum + backup.bytes, 0),
    machines: machinesIn(catalogue.backups.filter((entry) => request.isOurs?.(entry) ?? true)),
  };
}

interface Deciding {
  readonly catalogue: Catalogue;
  readonly nowMs: number;
  readonly policy: KeepPolicy;
}

function decideAll(
  services: BackupServices,
  { backupRoot, mayForget = () => false, isOurs = () => true }: PruneRequest,
  { catalogue, nowMs, policy }: Deciding,
): readonly PruneDecision[] {
  const decided = new Map<string, PruneDecision>();
  const groups = Map.groupBy(
    catalogue.backups,
    ({ manifest, names }) => manifest?.source ?? `unknown ${names.stem}`,
  );
  for (const [source, entries] of groups) {
    const backups = entries.map((entry) => toPrunable(entry, nowMs));
    const first = [
      ...decideSets(entries.filter(isOurs), { policy, nowMs }),
      ...entries.filter((entry) => !isOurs(entry)).map(keptForOthers),
    ];
    const isOwn = forgettingMachines(entries, { host: services.host, nowMs });
    const kept = soleCopies(services, {
      ...{ backupRoot, source, entries, decisions: first },
      mayForget: (content) => isOwn(content) && mayForget(content),
    });
    for (const decision of keepAfterAll(backups, first, kept)) decided.set(decision.id, decision);
  }
  return catalogue.backups.flatMap(({ id }) => decided.get(id) ?? []);
}

function keptForOthers({ id }: CatalogueEntry): PruneDecision {
  return { id, keep: true, reasons: [NOT_OURS] };
}

function setsOf(entries: readonly CatalogueEntry[]): ReadonlyMap<string, readonly CatalogueEntry[]> {
  return Map.groupBy(entries, ({ id, names }) => names.stem.slice(0, -id.length));
}

/** Machines that write the same set at the same time; empty when there is one at most, or one after the other. */
function machinesIn(entries: readonly CatalogueEntry[]): readonly string[] {
  const hosts = [...setsOf(entries).values()].flatMap((set) => {
    const { lines } = writersOf(set);
    return lines.length < 2 ? [] : lines.map(([newest]) => newest?.manifest?.host ?? '');
  });
  return [...new Set(hosts)].toSorted();
}

/**
 * Every set of a source for itself, and every machine: a backup of what expired never takes the place of one of the
 * whole source, nor one of another machine with the same path.
 */
function decideSets(
  entries: readonly CatalogueEntry[],
  { policy, nowMs }: Omit<Deciding, 'catalogue'>,
): readonly PruneDecision[] {
  const decisions = [...setsOf(entries).values()].flatMap((set) => {
    const { lines, newestOf } = writersOf(set);
    const decided = lines.flatMap((line) =>
      decidePrune(
        line.map((entry) => toPrunable(entry, nowMs)),
        policy,
        nowMs,
      ),
    );
    const young = set.filter(({ madeAtMs }) => nowMs - madeAtMs < WRITER_SETTLES_MS);
    const newest = young.flatMap(({ id, manifest }) => {
      const host = manifest?.host ?? '';
      return newestOf.get(host) === id ? [[id, `the newest of ${host}`] as const] : [];
    });
    return keepAfterAll(
      set.map((entry) => toPrunable(entry, nowMs)),
      decided,
      new Map(newest),
    );
  });
  const byId = new Map(decisions.map((decision) => [decision.id, decision]));
  return entries.flatMap(({ id }) => byId.get(id) ?? []);
}

function toPrunable(
  { id, madeAtMs, state, bytes, manifest, hold }: CatalogueEntry,
  nowMs: number,
): PrunableBackup {
  return { id, madeAtMs, state, bytes, holders: manifest?.holders ?? [], held: isHeld(hold, nowMs) };
}

interface SoleCopyQuestion {
  readonly backupRoot: string;
  readonly source: string;
  readonly entries: readonly CatalogueEntry[];
  readonly decisions: readonly PruneDecision[];
  readonly mayForget: (deleted: DeletedContent) => boolean;
}

/** Backups that would go and hold content that nothing that stays holds, with the reason to keep them. */
function soleCopies(services: BackupServices, question: SoleCopyQuestion): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  const byId = new Map(question.entries.map((entry) => [entry.id, entry]));
  const entriesOf = (keep: boolean) =>
    question.decisions.flatMap((decision) => (decision.keep === keep ? (byId.get(decision.id) ?? []) : []));
  const going = entriesOf(false);
  if (going.length === 0) return kept;
  const owed = new ContentSet();
  for (const content of readDeleted(services.files, question.backupRoot)) {
    if (content.source !== question.source || question.mayForget(content)) continue;
    owed.add(content.path, content.sha256);
  }
  const staying = entriesOf(true).filter(({ state }) => state === 'verified');
  const reliable = new Set(staying.map(({ id }) => id));
  for (const entry of staying) {
    if (owed.size > 0) visitContent(services, question.backupRoot, { entry, owed, reliable });
  }
  // A verified one before one that is not, and the newest first: it holds most of what is owed.
  const candidates = [...going].sort(
    (a, b) => Number(b.state === 'verified') - Number(a.state === 'verified'),
  );
  for (const entry of candidates) {
    if (owed.size === 0) break;
    const held = visitContent(services, question.backupRoot, { entry, owed });
    if (held === 'unreadable')
      kept.set(entry.id, 'its manifest cannot be read and deleted files may be in it');
    else if (held > 0) kept.set(entry.id, `holds the only copy of ${held} deleted files`);
  }
  return kept;
}

interface ContentVisit {
  readonly entry: CatalogueEntry;
  readonly owed: ContentSet;
  /** Ids of backups that count as holders; absent: every holder counts. */
  readonly reliable?: ReadonlySet<string>;
}

function isElsewhere(heldBy: string | undefined, reliable: ReadonlySet<string> | undefined): boolean {
  return heldBy !== undefined && reliable !== undefined && !reliable.has(heldBy);
}

/** Takes what a backup holds out of what is owed; how much it was. */
function visitContent(
  { files }: BackupServices,
  backupRoot: string,
  { entry, owed, reliable }: ContentVisit,
): number | 'unreadable' {
  let held = 0;
  const found: (readonly [string, string])[] = [];
  try {
    loadManifest(files, `${backupRoot}/${entry.names.manifest}`, ({ line }) => {
      if (line.kind !== 'entry' || isElsewhere(line.entry.heldBy, reliable)) return;
      const { path, sha256 } = line.entry;
      if (owed.has(path, sha256)) found.push([path, sha256]);
    });
  } catch {
    return 'unreadable';
  }
  for (const [path, sha256] of found) if (owed.delete(path, sha256)) held++;
  return held;
}

/**
 * Removes one backup: the manifest becomes a mark of removal first, so that a list never shows a backup that is not
 * whole, and a removal that is cut short is finished by the next run.
 */
export function removeBackup({ files }: BackupServices, backupRoot: string, { names }: CatalogueEntry): void {
  const mark = `${names.stem}.removing`;
  if (files.facts(`${backupRoot}/${names.manifest}`) !== undefined) {
    files.rename(`${backupRoot}/${names.manifest}`, `${backupRoot}/${mark}`);
    files.syncFolder(backupRoot);
  }
  for (const name of [names.archive, names.verified, names.hold, mark]) removeOwn(files, backupRoot, name);
  files.syncFolder(backupRoot);
}

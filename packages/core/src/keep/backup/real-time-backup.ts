import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { readCatalogue } from './backup-catalogue.ts';
import type { ManifestEntry } from './backup-manifest.ts';
import { REALTIME_FOLDER } from './backup-names.ts';
import { type BackupPlan, type PlanRequest, planBackup } from './backup-plan.ts';
import { makeBackup } from './backup-run.ts';
import type { BackupServices } from './backup-services.ts';
import { fileStrategy } from './file-strategy.ts';
import { loadManifest } from './manifest-file.ts';
import { type PlannedFile, PlannedFiles } from './planned-files.ts';
import { removeBackup } from './prune-backups.ts';
import type { VerifiedBackup } from './verify-backup.ts';

/** What is copied as it comes in, and when. */
export interface RealTimeOptions extends PlanRequest {
  /** A file that nobody has written to for this long is complete, ms; default 2 s. */
  readonly quietMs?: number | undefined;
  /** A file that never rests is copied this long after its last copy as far as it has come, ms; default 1 minute. */
  readonly partialAfterMs?: number | undefined;
}

/** What one look at the source has copied. */
export interface RealTimeReport {
  /** Paths of complete files. */
  readonly complete: readonly string[];
  /** Paths of files that were still growing; recorded as grown, never removable on this copy's strength. */
  readonly partial: readonly string[];
  /** Id of the batch; absent when there was nothing to copy. */
  readonly backupId?: string;
}

/** What a file looked like when it was copied, or first seen. */
interface Seen extends Omit<PlannedFile, 'path'> {
  readonly atMono: number;
  readonly copied: boolean;
}

const QUIET_MS = 2_000;
const PARTIAL_AFTER_MS = 60_000;
const NS_PER_MS = 1_000_000n;

/**
 * Copies files soon after they are complete, by looking at the source again and again. Each look with something to copy
 * makes one verified batch of plain copies under `realtime/` in the backup root: a backup like any other, with its own
 * manifest, that lists and restores like one. Older versions are kept in their batches. Memory grows with the number of
 * files, so it is meant for the few folders that ask for it.
 */
export class RealTimeBackup {
  readonly root: string;
  readonly #services: BackupServices;
  readonly #options: RealTimeOptions;
  readonly #seen = new Map<string, Seen>();
  #isReady = false;

  constructor(services: BackupServices, options: RealTimeOptions) {
    this.#services = services;
    this.#options = options;
    this.root = posix.join(options.backupRoot, REALTIME_FOLDER);
  }

  /**
   * One look. The caller holds the lock of `root`.
   * @throws what `planBackup` and `makeBackup` throw; the next look tries the same files again.
   */
  async poll(runId: string, signal?: AbortSignal): Promise<RealTimeReport> {
    const { files, clock } = this.#services;
    const plan = planBackup(files, this.#options);
    if (!this.#isReady) this.#recall(plan.sourceRoot);
    const due = this.#due(plan.files);
    if (due.length === 0) return { complete: [], partial: [] };
    const growing = new Set(due.filter(({ isComplete }) => !isComplete).map(({ file }) => file.path));
    const outcome = await makeBackup(this.#services, {
      runId,
      sourceRoot: plan.sourceRoot,
      backupRoot: this.root,
      plan: batchOf(
        plan,
        this.root,
        due.map(({ file }) => file),
      ),
      strategy: fileStrategy(),
      isGrowing: (path) => growing.has(path),
      signal,
    });
    outcome.verified?.close();
    const left = this.#remember(outcome.manifestPath, clock.mono());
    const kept = due.map(({ file }) => file.path).filter((path) => left.has(path));
    return {
      complete: kept.filter((path) => left.get(path) === 'stable'),
      partial: kept.filter((path) => left.get(path) === 'grown'),
      backupId: outcome.manifest.id,
    };
  }

  /**
   * Removes batches of which every file stands in a verified backup with the same content, or, when it was growing,
   * in a longer form. The caller holds the lock of `root`. @returns ids of the batches removed.
   */
  forgetCovered(backup: VerifiedBackup): readonly string[] {
    const { files } = this.#services;
    if (files.facts(this.root) === undefined || !backup.stillStands()) return [];
    const removed: string[] = [];
    for (const batch of readCatalogue(files, this.root).backups) {
      if (
        batch.state !== 'verified' ||
        batch.hold !== undefined ||
        batch.manifest?.source !== backup.sourceRoot
      )
        continue;
      let isCovered = true;
      loadManifest(files, `${this.root}/${batch.names.manifest}`, ({ line }) => {
        if (line.kind === 'entry' && !isSuperseded(line.entry, backup.covers(line.entry.path)))
          isCovered = false;
      });
      if (!isCovered) continue;
      removeBackup(this.#services, this.root, batch);
      removed.push(batch.id);
    }
    return removed;
  }

  /** After a start: what earlier batches hold need not be copied again. */
  #recall(sourceRoot: string): void {
    const { files } = this.#services;
    if (files.facts(this.root) !== undefined) {
      for (const { manifest, names, state } of readCatalogue(files, this.root).backups.toReversed()) {
        if (state === 'verified' && manifest?.source === sourceRoot)
          this.#remember(`${this.root}/${names.manifest}`, 0);
      }
    }
    this.#isReady = true;
  }

  #remember(manifestPath: string, atMono: number): ReadonlyMap<string, ManifestEntry['state']> {
    const states = new Map<string, ManifestEntry['state']>();
    loadManifest(this.#services.files, manifestPath, ({ line }) => {
      if (line.kind !== 'entry') return;
      const { path, size, ino, mtimeNs, ctimeNs, state } = line.entry;
      states.set(path, state);
      const facts = { size, ino: BigInt(ino), mtimeNs: BigInt(mtimeNs), ctimeNs: BigInt(ctimeNs) };
      this.#seen.set(path, { ...facts, atMono, copied: state === 'stable' });
    });
    return states;
  }

  #due(planned: PlannedFiles): readonly { readonly file: PlannedFile; readonly isComplete: boolean }[] {
    const { clock } = this.#services;
    const { quietMs = QUIET_MS, partialAfterMs = PARTIAL_AFTER_MS } = this.#options;
    const nowMs = clock.now();
    const nowMono = clock.mono();
    const present = new Set<string>();
    const due: { file: PlannedFile; isComplete: boolean }[] = [];
    for (const file of planned) {
      present.add(file.path);
      const known = this.#seen.get(file.path);
      const isSame = known !== undefined && sameFile(known, file);
      if (isSame && known.copied) continue;
      // Only the system sets this time, and it moves with every write, rename and change of rights.
      const isComplete = nowMs - Number(file.ctimeNs / NS_PER_MS) >= quietMs;
      if (isComplete) due.push({ file, isComplete });
      else if (known === undefined) this.#seen.set(file.path, { ...file, atMono: nowMono, copied: false });
      else if (!isSame && nowMono - known.atMono >= partialAfterMs) due.push({ file, isComplete });
    }
    for (const path of this.#seen.keys()) if (!present.has(path)) this.#seen.delete(path);
    return due;
  }
}

function sameFile(a: Omit<PlannedFile, 'path'>, b: Omit<PlannedFile, 'path'>): boolean {
  return a.size === b.size && a.ino === b.ino && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;
}

function isSuperseded(entry: ManifestEntry, now: ManifestEntry | undefined): boolean {
  if (now === undefined) return false;
  return (
    now.sha256 === entry.sha256 || (entry.state === 'grown' && now.ino === entry.ino && now.size > entry.size)
  );
}

/** A plan of some files of another. */
function batchOf(plan: BackupPlan, backupRoot: string, batch: readonly PlannedFile[]): BackupPlan {
  const files = new PlannedFiles();
  const digest = createHash('sha256').update(plan.planHash);
  for (const file of batch) {
    const slash = file.path.lastIndexOf('/') + 1;
    files.add(file.path.slice(0, slash), file.path.slice(slash), file);
    digest.update(`${file.path}\0`);
  }
  return { ...plan, backupRoot, files, skipped: [], planHash: digest.digest('hex') };
}

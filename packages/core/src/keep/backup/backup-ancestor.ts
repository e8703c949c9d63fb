import { isOpsException } from '../../kernel/ops-exception.ts';
import type { OpenedFile } from '../../ports/keep-files.ts';
import { type CatalogueEntry, readCatalogue } from './backup-catalogue.ts';
import type { ManifestEntry } from './backup-manifest.ts';
import type { BackupPlan } from './backup-plan.ts';
import type { BackupServices } from './backup-services.ts';
import type { ChainLimits } from './backup-strategy.ts';
import { ManifestCursor } from './manifest-pass.ts';
import type { PlannedFile } from './planned-files.ts';
import { verifyBackup } from './verify-backup.ts';

/** A verified backup on which the next one builds. */
export interface Ancestor {
  readonly entry: CatalogueEntry;
  readonly depth: number;
  /** The file as the ancestor chain holds it, if nothing about it has changed; asked in the order of the tree. */
  unchanged(file: PlannedFile): ManifestEntry | undefined;
  close(): void;
}

/** What is asked when an ancestor is looked for. */
export interface AncestorRequest {
  readonly plan: BackupPlan;
  readonly backupRoot: string;
  readonly set: string;
  readonly runId: string;
  readonly limits: ChainLimits;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A file that changed this shortly before its backup began could have changed again within one tick of the clock of
 * its file system, with the same times; it is read again, ns.
 */
const RACY_NS = 2_000_000_000n;
const NS_PER_MS = 1_000_000n;

/**
 * The newest backup of the same source and set to build on; undefined when a full one is due: there is none, its chain
 * is as long as allowed, it or one of its ancestors is not verified, or it no longer verifies when it is read again.
 */
export async function findAncestor(
  services: BackupServices,
  request: AncestorRequest,
): Promise<Ancestor | undefined> {
  const { plan, backupRoot, limits } = request;
  const { backups } = readCatalogue(services.files, backupRoot);
  const entry = backups.find(({ manifest }) => manifest !== undefined && isSameSource(manifest, request));
  const manifest = entry?.manifest;
  if (entry === undefined || manifest === undefined) return undefined;
  if (entry.state !== 'verified' || manifest.depth >= limits.maxDepth) return undefined;
  const known = new Map(backups.map((backup) => [backup.id, backup]));
  for (const id of [entry.id, ...manifest.holders]) {
    if (!(await isGood(services, request, known.get(id)))) return undefined;
  }
  const file = services.files.openRead(`${backupRoot}/${entry.names.manifest}`);
  return openAncestor(entry, {
    file,
    depth: manifest.depth,
    sourceDev: String(plan.sourceDev),
    startedAtMs: manifest.startedAtMs,
  });
}

function isSameSource(
  manifest: NonNullable<CatalogueEntry['manifest']>,
  { plan, set }: AncestorRequest,
): boolean {
  return (
    manifest.strategy === 'incremental' &&
    manifest.set === set &&
    manifest.source === plan.sourceRoot &&
    manifest.sourceDev === String(plan.sourceDev) &&
    manifest.sourceIno === String(plan.sourceIno)
  );
}

/** Read again when it was verified too long ago; one that fails then is recorded as broken. */
async function isGood(
  services: BackupServices,
  request: AncestorRequest,
  backup: CatalogueEntry | undefined,
): Promise<boolean> {
  if (backup?.state !== 'verified') return false;
  const ageMs = services.clock.now() - (backup.verified?.atMs ?? 0);
  if (ageMs >= 0 && ageMs < request.limits.reverifyAfterMs) return true;
  const { backupRoot, runId, signal } = request;
  try {
    (await verifyBackup(services, { backupRoot, id: backup.id, runId, signal })).close();
    return true;
  } catch (error) {
    signal?.throwIfAborted();
    if (isOpsException(error) && error.code === 'SYS-0104') return false;
    throw error;
  }
}

interface OpenManifest {
  readonly file: OpenedFile;
  readonly depth: number;
  readonly sourceDev: string;
  readonly startedAtMs: number;
}

function openAncestor(
  entry: CatalogueEntry,
  { file, depth, sourceDev, startedAtMs }: OpenManifest,
): Ancestor {
  const cursor = new ManifestCursor(file);
  const settledBeforeNs = BigInt(Math.floor(startedAtMs)) * NS_PER_MS - RACY_NS;
  return {
    entry,
    depth,
    unchanged({ path, size, ino, mtimeNs, ctimeNs }) {
      const known = cursor.seek(path);
      if (known === undefined || known.state !== 'stable' || known.dev !== sourceDev) return undefined;
      const same =
        known.size === size &&
        known.ino === String(ino) &&
        known.mtimeNs === String(mtimeNs) &&
        known.ctimeNs === String(ctimeNs) &&
        mtimeNs < settledBeforeNs &&
        ctimeNs < settledBeforeNs;
      return same ? { ...known, heldBy: known.heldBy ?? entry.id } : undefined;
    },
    close: () => file.close(),
  };
}

import type { FileFacts, KeepFiles, OpenedFile } from '../../ports/keep-files.ts';
import { closeQuietly } from './archive-strategy.ts';
import { type CatalogueEntry, requireBackup } from './backup-catalogue.ts';
import { backupError, problemText, systemCode } from './backup-errors.ts';
import type { BackupManifest, ManifestEntry } from './backup-manifest.ts';
import { guardRoot } from './backup-root.ts';
import type { BackupServices } from './backup-services.ts';
import { type CheckedBackup, type CheckRequest, checkBackup } from './chain-check.ts';
import { type CheckEnd, recordOutcome } from './verification-record.ts';

/** Only this file can make one; whoever else calls the constructor is stopped at run time too. */
const MINT = Symbol('mint');
/** A verification is good for deleting this long, by both clocks, ms. */
export const VERIFIED_FOR_MS = 15 * 60_000;

/** Which backup to verify, and how. */
export interface VerifyRequest extends CheckRequest {
  /** Run that verifies; names what it writes. */
  readonly runId: string;
  /** False: the outcome is not written beside the backup, for folders that may not be changed. Default true. */
  readonly record?: boolean | undefined;
}

/**
 * Proof that a backup was read back, every byte of it, and holds what its manifest says. Only verification makes one;
 * a deletion takes it and asks `covers` for each file. It is good for one use and for a quarter of an hour.
 */
export class VerifiedBackup {
  readonly #services: BackupServices;
  readonly #checked: CheckedBackup;
  readonly #verifiedAtMono: number;
  readonly #manifestFile: OpenedFile;
  #used = false;
  readonly backupId: string;
  readonly runId: string;
  /** Without any link in it, as it was backed up. */
  readonly sourceRoot: string;
  readonly backupRoot: string;
  readonly planHash: string;
  readonly manifestSha256: string;
  readonly verifiedAtMs: number;

  private constructor(mint: symbol, services: BackupServices, checked: CheckedBackup) {
    if (mint !== MINT) throw new TypeError('a VerifiedBackup is made by verification only');
    const { manifest } = checked;
    this.#services = services;
    this.#checked = checked;
    this.#manifestFile = services.files.openRead(checked.manifestPath);
    this.#verifiedAtMono = services.clock.mono();
    this.backupId = manifest.id;
    this.runId = manifest.runId;
    this.sourceRoot = manifest.source;
    this.backupRoot = checked.backupRoot;
    this.planHash = manifest.planHash;
    this.manifestSha256 = checked.manifestSha256;
    this.verifiedAtMs = services.clock.now();
    Object.freeze(this);
  }

  /**
   * Reads a backup back and compares it with its manifest; for an incremental backup its ancestors too.
   * @throws INP-0804 when there is no such backup, SYS-0104 when it does not hold what it should, SYS-0142 when the
   * outcome cannot be written beside it; the reason of the signal when it aborts.
   */
  static async verify(services: BackupServices, request: VerifyRequest): Promise<VerifiedBackup> {
    const entry = requireBackup(services.files, request.backupRoot, request.id);
    const checked = await checkOrRecord(services, request, entry);
    return guardRoot(request.backupRoot, () => {
      if (request.record !== false) recordOutcome(services, request, { entry, checked });
      return new VerifiedBackup(MINT, services, checked);
    });
  }

  /** True for a proof that this module made; a look-alike has none of its private parts. */
  static is(value: unknown): value is VerifiedBackup {
    return typeof value === 'object' && value !== null && #checked in value;
  }

  get manifest(): BackupManifest {
    return this.#checked.manifest;
  }

  /**
   * The entry of a source file whose bytes were read back; undefined when the backup does not hold the path, or only
   * through an ancestor that was not read this time. Whether the file still is the one of the entry, and whether its
   * state allows removal, is for the caller to prove.
   * @throws SYS-0142 when the manifest cannot be read any more.
   */
  covers(path: string): ManifestEntry | undefined {
    const { index, manifest, readIds } = this.#checked;
    const entry = guardRoot(this.backupRoot, () => index.find(this.#manifestFile, path, manifest.sourceDev));
    if (entry === undefined || entry.extra === true) return undefined;
    return entry.heldBy === undefined || readIds.has(entry.heldBy) ? entry : undefined;
  }

  /** True while archive and manifest, and those of every ancestor, are the very files that were read. */
  stillStands(): boolean {
    const { files } = this.#services;
    return this.#checked.watched.every(({ path, facts }) => isSame(factsOf(files, path), facts));
  }

  /** True while the proof may be used: by neither clock is it older than a quarter of an hour. */
  isFresh(): boolean {
    const { clock } = this.#services;
    const wallMs = clock.now() - this.verifiedAtMs;
    return wallMs >= 0 && wallMs <= VERIFIED_FOR_MS && clock.mono() - this.#verifiedAtMono <= VERIFIED_FOR_MS;
  }

  /** Takes the proof for one deletion run. False when it was taken before, is too old, or its files were touched. */
  claim(): boolean {
    if (this.#used || !this.isFresh() || !this.stillStands()) return false;
    this.#used = true;
    return true;
  }

  /** Lets go of the manifest; `covers` may not be asked any more. */
  close(): void {
    closeQuietly(this.#manifestFile);
  }
}

/** Reads a backup back; see `VerifiedBackup.verify`. */
export function verifyBackup(services: BackupServices, request: VerifyRequest): Promise<VerifiedBackup> {
  return VerifiedBackup.verify(services, request);
}

async function checkOrRecord(
  services: BackupServices,
  request: VerifyRequest,
  entry: CatalogueEntry,
): Promise<CheckedBackup> {
  try {
    return await checkBackup(services, request, entry);
  } catch (error) {
    // A check that was called off says nothing about the backup.
    request.signal?.throwIfAborted();
    if (request.record !== false) recordBroken(services, request, { entry, problem: problemText(error) });
    throw notVerified(request, error);
  }
}

/** A folder that cannot be written must not hide why the backup could not be read. */
function recordBroken(services: BackupServices, request: VerifyRequest, end: CheckEnd): void {
  try {
    recordOutcome(services, request, end);
  } catch {
    // The failure of the check is the one to report.
  }
}

/** What cannot be looked at is not there for a proof. */
function factsOf(files: KeepFiles, path: string): FileFacts | undefined {
  try {
    return files.facts(path);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

function isSame(now: FileFacts | undefined, then: FileFacts): boolean {
  return (
    now !== undefined &&
    now.kind === then.kind &&
    now.dev === then.dev &&
    now.ino === then.ino &&
    now.size === then.size &&
    now.mtimeNs === then.mtimeNs &&
    now.ctimeNs === then.ctimeNs
  );
}

function notVerified({ backupRoot, id }: VerifyRequest, cause: unknown): Error {
  const message = `backup ${id} in ${backupRoot}: ${problemText(cause)}`;
  return backupError('SYS-0104', message, { data: { id, backupRoot }, cause });
}

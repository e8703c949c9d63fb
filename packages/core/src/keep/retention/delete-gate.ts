import { posix } from 'node:path';
import type { ErrorCode } from '../../kernel/define-errors.ts';
import { isOpsException, opsException } from '../../kernel/ops-exception.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { problemText, systemCode } from '../backup/backup-errors.ts';
import type { ManifestEntry } from '../backup/backup-manifest.ts';
import { recordDeleted } from '../backup/deleted-content.ts';
import type { VerifiedBackup } from '../backup/verify-backup.ts';
import { keptFile } from './cleanup-plan.ts';
import type { DeleteJournal } from './delete-journal.ts';
import { findObstacle, isUnverifiable } from './delete-proof.ts';
import type { DeletedFile, DeleteRequest, DeletionReport, OpenCleanup } from './delete-request.ts';
import { HeldFolders } from './held-folders.ts';
import { keptText } from './kept-text.ts';
import './retention-errors.ts';
import type { ExpiredFile, KeptFile, KeptReason } from './retention-policy.ts';

/** Files that are announced and deleted together; the backup is looked at again before each batch. */
export const BATCH_FILES = 500;

/**
 * The only place where source data is deleted. Each file is proven at that moment to be, inode and content, the one in
 * the verified backup; everything else stays and is reported. What is about to go is in the journal before.
 * Strict unless told otherwise: before the first file goes, all of them are proven once, and one that cannot be read
 * keeps them all.
 * A backup that changed, or was verified too long ago, deletes nothing more and is reported.
 * @throws INP-0824 when the backup is of another run or folder, or was used for a deletion before, SYS-0160 when the
 * data set cannot be looked at.
 */
export function executeCleanup(
  files: KeepFiles,
  request: DeleteRequest,
  journal: DeleteJournal,
): DeletionReport {
  const gate = openGate(files, request, journal);
  const batches = gate.batches();
  while (batches.next().done !== true);
  return gate.report();
}

/**
 * `executeCleanup` step by step, for a process that has others to serve: each step of `batches` is followed by a batch,
 * and `stop` keeps what is not gone yet. @throws INP-0824, SYS-0160.
 */
export function openCleanup(files: KeepFiles, request: DeleteRequest, journal: DeleteJournal): OpenCleanup {
  return openGate(files, request, journal);
}

function openGate(files: KeepFiles, request: DeleteRequest, journal: DeleteJournal): Gate {
  const root = requireOwnBackup(files, request);
  const { backup } = request.plan;
  const stands = backup.isFresh() && backup.stillStands();
  if (stands && !backup.claim()) {
    throw opsException(
      'INP-0824',
      `backup ${backup.backupId} was used for a deletion before; verify it again`,
    );
  }
  return new Gate(files, request, { journal, root });
}

function requireOwnBackup(files: KeepFiles, { plan, runId, dataRoot }: DeleteRequest): string {
  const { backup } = plan;
  const root = realRoot(files, dataRoot);
  if (backup.runId !== runId) {
    throw opsException(
      'INP-0824',
      `backup ${backup.backupId} is of run ${backup.runId}; this is run ${runId}`,
    );
  }
  if (backup.sourceRoot !== root) {
    throw opsException('INP-0824', `backup ${backup.backupId} is of ${backup.sourceRoot}; this is ${root}`);
  }
  return root;
}

function realRoot(files: KeepFiles, dataRoot: string): string {
  try {
    return files.realPath(dataRoot);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw opsException('SYS-0160', `data ${dataRoot}: ${problemText(error)}`, { cause: error });
  }
}

class Gate {
  readonly #files: KeepFiles;
  readonly #request: DeleteRequest;
  readonly #journal: DeleteJournal;
  readonly #root: string;
  readonly #deleted: DeletedFile[] = [];
  readonly #kept: KeptFile[];
  readonly #realFolders = new Map<string, string>();
  readonly #heldFolders: HeldFolders;
  #stopped: DeletionReport['stopped'];

  constructor(
    files: KeepFiles,
    request: DeleteRequest,
    { journal, root }: { readonly journal: DeleteJournal; readonly root: string },
  ) {
    this.#files = files;
    this.#request = request;
    this.#journal = journal;
    this.#root = root;
    this.#heldFolders = new HeldFolders(request.grip);
    this.#kept = [...request.plan.kept];
  }

  /** Runs once; stands still before each batch of the first proof and of the deletion. */
  *batches(): Generator<void, void, void> {
    const { removable } = this.#request.plan;
    const starts = Array.from(
      { length: Math.ceil(removable.length / BATCH_FILES) },
      (_, at) => at * BATCH_FILES,
    );
    if (!this.#request.deleteVerifiedSubset) {
      for (const start of starts) {
        yield;
        try {
          this.#requireReadable(removable.slice(start, start + BATCH_FILES));
        } finally {
          this.#heldFolders.letGo();
        }
      }
    }
    for (const start of starts) {
      yield;
      try {
        this.#runBatch(removable.slice(start, start + BATCH_FILES));
      } finally {
        this.#heldFolders.letGo();
      }
    }
  }

  report(): DeletionReport {
    return {
      deleted: this.#deleted,
      kept: this.#kept,
      ...(this.#stopped === undefined ? {} : { stopped: this.#stopped }),
    };
  }

  /** A first proof of everything; only what cannot be read matters here, for the second proof decides. */
  #requireReadable(removable: readonly ExpiredFile[]): void {
    this.#realFolders.clear();
    for (const file of removable) {
      if (this.#stopped !== undefined) return;
      const obstacle = this.#obstacle(file, this.#entry(file));
      if (obstacle === undefined || !isUnverifiable(obstacle)) continue;
      this.stop('BAT-0522', `${file.path}: ${keptText(obstacle)}`);
    }
  }

  #runBatch(batch: readonly ExpiredFile[]): void {
    const { backup } = this.#request.plan;
    this.#realFolders.clear();
    if (this.#stopped === undefined) this.#requireProof(backup);
    const proven = batch.map((file) => ({ file, entry: this.#entry(file) }));
    if (this.#stopped === undefined) this.#announce(proven);
    // Announcing took its time; nothing stands between this look and the files.
    if (this.#stopped === undefined) this.#requireProof(backup);
    const before = this.#deleted.length;
    for (const one of proven) {
      if (this.#stopped === undefined) this.#deleteOne(one);
      else this.#keep(one.file, this.#stopReason());
    }
    if (this.#deleted.length > before) this.#confirm(batch, this.#deleted.slice(before));
  }

  #requireProof(backup: VerifiedBackup): void {
    if (!backup.stillStands()) this.stop('BAT-0526', `backup ${backup.backupId} is not as it was verified`);
    else if (!backup.isFresh()) this.stop('BAT-0528', `backup ${backup.backupId} was verified too long ago`);
  }

  #announce(batch: readonly ProvenFile[]): void {
    const intents = batch.flatMap(({ file, entry }) => {
      return entry === undefined ? [] : [{ path: file.path, size: file.size, sha256: entry.sha256 }];
    });
    const { plan, nowMs, copyRoots = [] } = this.#request;
    try {
      this.#request.lookAgain?.();
      this.#journal.intend(intents);
      const { host } = plan.backup.manifest;
      // Pruning must know of the last copy before it becomes the last one, in each place by itself: the other may be lost.
      const contents = intents.map(({ path, sha256 }) => {
        return { source: this.#root, path, sha256, deletedAtMs: nowMs, host };
      });
      for (const root of [plan.backup.backupRoot, ...copyRoots]) recordDeleted(this.#files, root, contents);
    } catch (error) {
      this.#stopBy(error);
    }
  }

  #deleteOne({ file, entry }: ProvenFile): void {
    const { plan, deleteVerifiedSubset } = this.#request;
    const obstacle = this.#obstacle(file, entry);
    if (obstacle !== undefined || entry === undefined) {
      this.#keep(file, obstacle ?? { why: 'not-in-backup' });
      if (obstacle !== undefined && isUnverifiable(obstacle) && !deleteVerifiedSubset) {
        this.stop('BAT-0522', `${file.path}: ${keptText(obstacle)}`);
      }
      return;
    }
    try {
      const path = `${this.#root}/${file.path}`;
      this.#files.unlink(`${this.#heldFolders.at(posix.dirname(path))}/${posix.basename(path)}`);
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      const gone = systemCode(error) === 'ENOENT';
      this.#keep(file, gone ? { why: 'gone' } : { why: 'refused', detail: problemText(error) });
      return;
    }
    const { rule, ageMs, keepMs } = file;
    this.#deleted.push({
      ...{ path: file.path, size: file.size, sha256: entry.sha256, backupId: plan.backup.backupId },
      reason: { rule, ageMs, keepMs },
    });
  }

  /** A manifest that cannot be read any more proves nothing: the run stops. */
  #entry(file: ExpiredFile): ManifestEntry | undefined {
    try {
      return this.#request.plan.backup.covers(file.path);
    } catch (error) {
      this.#stopBy(error);
      return undefined;
    }
  }

  #obstacle(file: ExpiredFile, entry: ManifestEntry | undefined): KeptReason | undefined {
    return findObstacle(this.#files, {
      ...{ root: this.#root, file, entry, nowMs: this.#request.nowMs },
      realFolder: (folder) => this.#realFolder(folder),
      heldFolder: (folder) => this.#heldFolders.at(folder),
      heldBy: (path) => this.#request.heldBy(path),
    });
  }

  /** Once for each batch, so that nothing is read through a link; the proof looks again before a file goes. */
  #realFolder(folder: string): string {
    const known = this.#realFolders.get(folder) ?? this.#files.realPath(folder);
    this.#realFolders.set(folder, known);
    return known;
  }

  /** Makes the batch durable: first that the names are gone, then that the journal says so. */
  #confirm(batch: readonly ExpiredFile[], deleted: readonly DeletedFile[]): void {
    try {
      const folders = new Set(deleted.map(({ path }) => posix.dirname(`${this.#root}/${path}`)));
      for (const folder of folders) this.#files.syncFolder(folder);
      const gone = new Set(deleted.map(({ path }) => path));
      this.#journal.record(batch.map(({ path }) => ({ path, deleted: gone.has(path) })));
    } catch (error) {
      this.#stopBy(error);
    }
  }

  #keep(file: ExpiredFile, reason: KeptReason): void {
    this.#kept.push(keptFile(file, reason));
  }

  #stopReason(): KeptReason {
    const { code, message } = this.#stopped ?? { code: 'SYS-0161', message: '' };
    if (code === 'BAT-0526') return { why: 'backup-gone' };
    if (code === 'BAT-0528') return { why: 'proof-old' };
    return code === 'BAT-0522' ? { why: 'strict', detail: message } : { why: 'refused', detail: message };
  }

  /** Keeps everything that is not gone yet; the first reason counts. */
  stop(code: ErrorCode, message: string): void {
    this.#stopped ??= { code, message };
  }

  /** A failure that the system or the journal reports stops the run; anything else is a bug and goes on up. */
  #stopBy(error: unknown): void {
    if (isOpsException(error)) this.stop(error.code, error.message);
    else if (systemCode(error) !== undefined) this.stop('SYS-0161', problemText(error));
    else throw error;
  }
}

interface ProvenFile {
  readonly file: ExpiredFile;
  readonly entry: ManifestEntry | undefined;
}

import { isOpsException } from '../../kernel/ops-exception.ts';
import { WorkTurns } from '../../ports/work-turns.ts';
import { requireBackup } from '../backup/backup-catalogue.ts';
import { problemText } from '../backup/backup-errors.ts';
import type { ManifestEntry } from '../backup/backup-manifest.ts';
import { guardRoot, rootError } from '../backup/backup-root.ts';
import { BackupChain } from './backup-chain.ts';
import { CopyReader, type Reading, readPlaces, readWholeLink, requireAll } from './content-reading.ts';
import { CountedList } from './counted-list.ts';
import { checkSetEquality } from './final-check.ts';
import { restoreError } from './restore-errors.ts';
import { RestoreHolds } from './restore-holds.ts';
import { RestoreLocks } from './restore-locks.ts';
import { entriesOf, planRestore, type RestorePlan, wantedEntries } from './restore-plan.ts';
import type {
  LostFile,
  RestoreProgress,
  RestoreReport,
  RestoreRequest,
  RestoreServices,
} from './restore-request.ts';
import { type OpenTarget, openTarget } from './restore-target.ts';
import { RestoreWriter } from './restore-writer.ts';
import { salvageAll } from './salvage.ts';

/**
 * Brings files of a backup back, whole or in part. The backup is proven first, each file is compared with its digest
 * before it gets its name, and at the end the target holds exactly what was asked for. A restore that was cut short is
 * gone on with by asking for the same again.
 * @throws INP-0804, INP-0840, INP-0841 for a request that cannot be meant; SYS-0104, SYS-0143, SYS-0180 when the backup
 * is broken; SYS-0126 when another run holds backups or data; SYS-0181 to SYS-0185 when the target is the trouble; the
 * reason of the signal.
 */
export async function restoreBackup(
  services: RestoreServices,
  request: RestoreRequest,
): Promise<RestoreReport> {
  const locks = new RestoreLocks(services, request);
  try {
    // In the order of a maintenance run: two that wait for each other would wait in vain.
    if (request.target.kind === 'in-place' && request.hold !== undefined) await locks.takeData(request.hold);
    if (request.lock !== false) await locks.takeBackups(request.backupRoot);
    return await new Restore(services, request).run();
  } finally {
    locks.release();
  }
}

class Restore {
  readonly #services: RestoreServices;
  readonly #request: RestoreRequest;
  readonly #startedMono: number;
  #lost = new CountedList<LostFile>();
  #progress: RestoreProgress = { stage: 'check', files: 0, totalFiles: 0, bytes: 0, totalBytes: 0 };

  constructor(services: RestoreServices, request: RestoreRequest) {
    this.#services = services;
    this.#request = request;
    this.#startedMono = services.clock.mono();
  }

  async run(): Promise<RestoreReport> {
    const plan = this.#plan();
    this.#lost = plan.refused;
    this.#tell({ totalFiles: plan.files, totalBytes: plan.bytes });
    const chain = this.#fromBackup(() => new BackupChain(this.#services, this.#request, plan));
    try {
      return await this.#intoTarget(plan, chain);
    } finally {
      chain.close();
    }
  }

  /** The target is looked at before the backup is proven: what is refused is refused at once. */
  async #intoTarget(plan: RestorePlan, chain: BackupChain): Promise<RestoreReport> {
    const target = openTarget(this.#services, this.#request, plan);
    const holds = new RestoreHolds(this.#services, this.#request, target.root);
    let writer: RestoreWriter | undefined;
    try {
      const proof = await this.#prove(plan, chain);
      writer = new RestoreWriter({
        ...{ files: this.#services.files, target, allOrNothing: proof === 'each-file' },
        batches: this.#services.openBatches?.(plan.files),
        beforeNames: (entries) => holds.add(entries),
        onFile: (entry) => this.#wrote(entry),
        onBytes: (begun) => {
          const { bytes } = this.#progress;
          this.#request.onProgress?.({ ...this.#progress, bytes: bytes + begun });
        },
      });
      await this.#write(plan, chain, { target, writer });
      return this.#report(plan, { target, proof, writer, holds });
    } catch (error) {
      await writer?.discard();
      target.giveUp(writer?.published ?? 0);
      throw error;
    }
  }

  #plan(): RestorePlan {
    const { target, hold, backupRoot, id } = this.#request;
    if (target.kind === 'in-place' && hold === undefined) {
      const message =
        'hold: missing; a restore in place needs it, or the next clean-up deletes the files again';
      throw restoreError('INP-0841', message);
    }
    const entry = guardRoot(backupRoot, () => requireBackup(this.#services.files, backupRoot, id));
    return this.#fromBackup(() => planRestore(this.#services.files, this.#request, entry));
  }

  /** What must be known before the first file gets its name. */
  async #prove(plan: RestorePlan, chain: BackupChain): Promise<RestoreReport['proof']> {
    const { salvage, signal, runId, backupRoot, id } = this.#request;
    if (salvage === true) return 'none';
    if (plan.few !== undefined && plan.entry.state !== 'broken') return 'each-file';
    const { totalBytes } = this.#progress;
    const tell = (bytes: number) => this.#request.onProgress?.({ ...this.#progress, bytes });
    const turns = new WorkTurns(this.#services.clock, signal);
    const stands = () => chain.standsByDigest(turns, (share) => tell(Math.floor(totalBytes * share)));
    if (await this.#fromBackupLater(stands)) return 'digest';
    const verified = await this.#services.verifyBackup({
      ...{ backupRoot, id, runId, signal },
      // A restore reads; it leaves no trace in a folder that may be the last good copy.
      record: false,
      onProgress: tell,
    });
    verified.close();
    return 'verified';
  }

  async #write(
    plan: RestorePlan,
    chain: BackupChain,
    { target, writer }: { readonly target: OpenTarget; readonly writer: RestoreWriter },
  ): Promise<void> {
    const { files } = this.#services;
    const { backupRoot, signal } = this.#request;
    const refused = this.#lost.count;
    this.#tell({ stage: 'write', bytes: 0 });
    const reading = { services: this.#services, backupRoot, plan, writer, signal };
    await this.#fromBackupLater(() => this.#read(reading, chain));
    await writer.finish();
    this.#tell({ stage: 'compare' });
    checkSetEquality(files, { plan, target, lost: this.#lost.count - refused, signal });
    target.finish();
  }

  async #read(reading: Reading, chain: BackupChain): Promise<void> {
    const { plan } = reading;
    if (this.#request.salvage === true) {
      await salvageAll(reading, chain, this.#lost);
      return;
    }
    for (const link of chain.links) {
      if (link.file === undefined) await this.#readCopies(reading, chain);
      else if (plan.few !== undefined) await readPlaces(reading, link, entriesOf(plan, link.id));
      else await readWholeLink(reading, link);
    }
  }

  async #readCopies(reading: Reading, { links }: BackupChain): Promise<void> {
    const { plan, services } = reading;
    const [link] = links;
    if (link === undefined) return;
    const copies = new CopyReader(reading, link);
    const planFile = services.files.openRead(plan.manifestPath);
    try {
      let count = 0;
      for (const entry of plan.few ?? wantedEntries(plan, planFile)) {
        await copies.read(entry);
        count += 1;
        await reading.writer.pressure();
      }
      requireAll(reading, link, count);
    } finally {
      copies.close();
      planFile.close();
    }
  }

  #wrote(entry: ManifestEntry): void {
    const { files, bytes } = this.#progress;
    this.#tell({ files: files + 1, bytes: bytes + entry.size });
  }

  #tell(change: Partial<RestoreProgress>): void {
    this.#progress = { ...this.#progress, ...change };
    this.#request.onProgress?.(this.#progress);
  }

  #report(
    plan: RestorePlan,
    done: {
      readonly target: OpenTarget;
      readonly proof: RestoreReport['proof'];
      readonly writer: RestoreWriter;
      readonly holds: RestoreHolds;
    },
  ): RestoreReport {
    const { target, proof, writer, holds } = done;
    const { manifest } = plan;
    return {
      runId: this.#request.runId,
      ...{
        backupId: manifest.id,
        set: manifest.set,
        source: manifest.source,
        madeAtMs: manifest.startedAtMs,
      },
      ...{ target: target.root, inPlace: target.inPlace, proof },
      outcome: this.#lost.count === 0 ? 'complete' : 'salvaged',
      ...{ files: this.#progress.files, bytes: this.#progress.bytes },
      ...{
        writtenFiles: writer.published,
        writtenBytes: writer.writtenBytes,
        unchangedFiles: writer.unchanged,
      },
      ...{ lost: this.#lost, keptAside: target.aside.moved },
      ...{ resumed: target.resumed, leftovers: target.leftovers, holdIds: holds.ids },
      durationMs: this.#services.clock.mono() - this.#startedMono,
    };
  }

  #fromBackup<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.#backupFailure(error);
    }
  }

  async #fromBackupLater<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#request.signal?.throwIfAborted();
      throw this.#backupFailure(error);
    }
  }

  /** Whatever is wrong inside a backup has one code for who restores it; the cause says what it is. */
  #backupFailure(error: unknown): unknown {
    const { backupRoot, id } = this.#request;
    if (!isOpsException(error)) return rootError(backupRoot, error);
    if (!CONTENT_FAILURES.has(error.code)) return error;
    const message = `backup ${id} in ${backupRoot}: ${problemText(error)}`;
    return restoreError('SYS-0180', message, { data: { id, backupRoot }, cause: error });
  }
}

const CONTENT_FAILURES: ReadonlySet<string> = new Set([
  'SYS-0120',
  'SYS-0121',
  'SYS-0122',
  'SYS-0143',
  'SYS-0180',
]);

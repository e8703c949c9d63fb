import { isOpsException } from '../../kernel/ops-exception.ts';
import { problemText, systemCode } from '../backup/backup-errors.ts';
import type { BackupOutcome } from '../backup/backup-run.ts';
import { compileGlobs } from '../backup/path-glob.ts';
import type { VerifiedBackup } from '../backup/verify-backup.ts';
import { planCleanup } from '../retention/cleanup-plan.ts';
import { openCleanup } from '../retention/delete-gate.ts';
import {
  clearJournal,
  type DeleteJournal,
  openJournal,
  readUnconfirmed,
} from '../retention/delete-journal.ts';
import { type HeldPaths, underAliases } from '../retention/hold-rules.ts';
import { HoldsWatch } from '../retention/holds-file.ts';
import {
  boundMass,
  clockDoubt,
  DEFAULT_MASS_BOUND,
  mustShowFirst,
  remember,
} from '../retention/retention-guards.ts';
import type { ExpiredFile } from '../retention/retention-policy.ts';
import { scanExpired } from '../retention/scan-expired.ts';
import { planExpired } from './expired-plan.ts';
import { readGuardMemory, writeGuardMemory } from './guard-memory.ts';
import { RunLocks } from './maintenance-locks.ts';
import { MaintenanceNotes } from './maintenance-notes.ts';
import type { MaintenanceReport } from './maintenance-report.ts';
import type { MaintenanceRequest, MaintenanceServices } from './maintenance-request.ts';
import { isGone, mayBeUntouched, onSameDisk, requireApart } from './root-places.ts';

/**
 * One run of maintenance: back up, verify, and delete what is both expired and in the verified backup. Whatever fails
 * before the first file is deleted leaves every file where it is. Running again does what is left and nothing else.
 * @throws SYS-0126 when another run holds the data or the backups, SYS-0160 when the data cannot be read whole,
 * SYS-0161 when holds or journal cannot be read, INP-0801 when the data lie inside the backup root or are what the
 * engine keeps in its state folder.
 */
export async function performMaintenance(
  services: MaintenanceServices,
  request: MaintenanceRequest,
): Promise<MaintenanceReport> {
  const locks = new RunLocks(services, request);
  const notes = new MaintenanceNotes(services, request);
  try {
    return await new MaintenanceRun(services, request, { locks, notes }).run();
  } catch (error) {
    notes.logFailure(error);
    throw error;
  } finally {
    locks.release();
  }
}

class MaintenanceRun {
  readonly #services: MaintenanceServices;
  readonly #request: MaintenanceRequest;
  readonly #locks: RunLocks;
  readonly #notes: MaintenanceNotes;
  /** Frozen: a clock that steps during the run widens nothing. */
  readonly #nowMs: number;
  #holds: HoldsWatch | undefined;
  #held: HeldPaths | undefined;

  constructor(
    services: MaintenanceServices,
    request: MaintenanceRequest,
    { locks, notes }: { readonly locks: RunLocks; readonly notes: MaintenanceNotes },
  ) {
    this.#services = services;
    this.#request = request;
    this.#locks = locks;
    this.#notes = notes;
    this.#nowMs = notes.startedAtMs;
  }

  async run(): Promise<MaintenanceReport> {
    requireApart(this.#services.files, this.#request);
    await this.#begin();
    if (this.#request.backUp === 'expired-only') return this.#scanFirst();
    const outcome = await this.#backUp(undefined);
    try {
      const expired = this.#scan();
      if (outcome === undefined) return this.#backupFailed(expired);
      return await this.#cleanUp(this.#pastGuards(expired) ?? [], outcome);
    } finally {
      outcome?.verified?.close();
    }
  }

  async #scanFirst(): Promise<MaintenanceReport> {
    const expired = this.#scan();
    const allowed = this.#pastGuards(expired);
    if (expired.length === 0) {
      this.#notes.log({ kind: 'nothing' });
      return this.#notes.report('nothing_to_do');
    }
    if (allowed === undefined) return this.#heldBack();
    const outcome = await this.#backUp(allowed);
    if (outcome === undefined) return this.#backupFailed(allowed);
    try {
      return await this.#cleanUp(allowed, outcome);
    } finally {
      outcome.verified?.close();
    }
  }

  async #begin(): Promise<void> {
    const { files } = this.#services;
    const { dataRoot, backupRoot } = this.#request;
    this.#notes.log({ kind: 'start', dataRoot, backupRoot });
    // Without a place for the log nothing is deleted, and what the backup has to say must still be told.
    if (this.#notes.logProblem !== undefined) return;
    await this.#locks.takeData();
    const unconfirmed = readUnconfirmed(files, this.#request);
    for (const file of unconfirmed) {
      const gone = isGone(files, dataRoot, file.path);
      this.#notes.log({ kind: 'recovered', file, gone });
    }
    if (unconfirmed.length > 0) clearJournal(files, this.#request);
    this.#readHolds();
  }

  #scan(): readonly ExpiredFile[] {
    const { dataRoot, backupRoot, copyRoots = [], stateFolder, policy } = this.#request;
    const judgement = scanExpired(this.#services.files, {
      ...{ dataRoot, policy, nowMs: this.#nowMs },
      excluded: [backupRoot, ...copyRoots, stateFolder],
      heldBy: (path) => this.#heldBy(path),
    });
    this.#notes.judged(judgement);
    return judgement.expired;
  }

  /** What this run may delete of what expired; undefined when it may not delete at all. */
  #pastGuards(expired: readonly ExpiredFile[]): readonly ExpiredFile[] | undefined {
    const { files } = this.#services;
    const { policy, massBound = DEFAULT_MASS_BOUND, clockEvidence } = this.#request;
    const blind = this.#notes.logProblem !== undefined;
    const memory = blind ? undefined : readGuardMemory(files, this.#request);
    const hash = policy.hash;
    const doubt = clockDoubt({ ...clockEvidence, nowMs: this.#nowMs }, memory);
    const show = mustShowFirst(hash, memory);
    const outcome = doubt !== undefined ? 'held' : show ? 'shown' : 'applied';
    const remembered = remember(memory, { ...clockEvidence, nowMs: this.#nowMs, hash, outcome });
    if (!blind) writeGuardMemory(files, this.#request, remembered);
    if (expired.length === 0) return undefined;
    if (doubt !== undefined) {
      this.#notes.alert('BAT-0523', `${doubt}; nothing of ${expired.length} expired files was deleted`);
      this.#notes.keep(expired, { why: 'clock-guard', detail: doubt });
      return undefined;
    }
    if (show) {
      this.#notes.alert('BAT-0524', `the rules changed; they would delete ${expired.length} files`);
      this.#notes.keep(expired, { why: 'policy-changed' });
      return undefined;
    }
    const { allowed, deferred } = boundMass(expired, this.#notes.seen, massBound);
    if (deferred.length > 0) {
      const of = `${allowed.length} of ${expired.length} expired files`;
      this.#notes.alert('BAT-0521', `${of} may go in this run, ${deferred.length} wait for the next`);
      this.#notes.keep(deferred, { why: 'mass-guard', detail: of });
    }
    return allowed;
  }

  /** A verified backup; undefined when it failed, which the notes tell. A call that was called off goes on up. */
  async #backUp(expired: readonly ExpiredFile[] | undefined): Promise<BackupOutcome | undefined> {
    const { files } = this.#services;
    const { signal, includeBackupGlobs, ...request } = this.#request;
    try {
      await this.#locks.takeBackups();
      const dataRoot = files.realPath(request.dataRoot);
      const plan = expired === undefined ? undefined : planExpired(files, { ...request, dataRoot }, expired);
      const outcome = await this.#services.makeBackup({
        ...{ runId: request.runId, sourceRoot: dataRoot, backupRoot: request.backupRoot },
        ...{ strategy: request.strategy, set: request.set, expectedMark: request.expectedMark, plan },
        ...{ reserveBytes: request.reserveBytes, onProgress: request.onProgress, signal },
        globs: includeBackupGlobs,
        leftOut: request.copyRoots,
        // Old files are deleted on its strength, so nothing is taken on trust.
        trustAncestorsForMs: 0,
      });
      this.#notes.backedUp(outcome);
      return outcome.verified === undefined ? this.#noBackup('it was not verified') : outcome;
    } catch (error) {
      signal?.throwIfAborted();
      const declared = isOpsException(error) || systemCode(error) !== undefined;
      if (!declared || (isOpsException(error) && error.code === 'SYS-0126')) throw error;
      return this.#noBackup(isOpsException(error) ? `${error.code}: ${error.message}` : problemText(error));
    }
  }

  #noBackup(message: string): undefined {
    this.#notes.failed('BAT-0520', message);
    this.#notes.log({ kind: 'backup-failed', message });
    return undefined;
  }

  #backupFailed(expired: readonly ExpiredFile[]): MaintenanceReport {
    this.#notes.keep(expired, { why: 'backup-failed' });
    return this.#notes.report('backup_failed');
  }

  #heldBack(): MaintenanceReport {
    this.#notes.logEnd();
    return this.#notes.report('partial');
  }

  async #cleanUp(
    allowed: readonly ExpiredFile[],
    { verified, manifest }: BackupOutcome,
  ): Promise<MaintenanceReport> {
    const { files, clock, pins: grip } = this.#services;
    const { runId, dataRoot, stateFolder, copyRoots, deleteVerifiedSubset = false } = this.#request;
    if (verified === undefined || allowed.length === 0) {
      this.#notes.logEnd();
      return this.#notes.report(this.#notes.endStatus());
    }
    if (this.#notes.logProblem !== undefined) {
      this.#notes.keep(allowed, { why: 'refused', detail: this.#notes.logProblem });
      return this.#notes.report('partial');
    }
    const unverified = this.#unverified(allowed, verified, manifest.startedAtMs);
    const plan = planCleanup(allowed, verified, { unverified, deleteVerifiedSubset });
    if (plan.refused !== undefined) this.#notes.failed('BAT-0522', plan.refused);
    const place = { stateFolder, dataRoot, runId, backupId: verified.backupId };
    const journal = openJournal(files, place);
    const cleanup = openCleanup(
      files,
      {
        ...{ plan, runId, dataRoot, nowMs: this.#nowMs, copyRoots, grip, deleteVerifiedSubset },
        heldBy: (path) => this.#heldBy(path),
        lookAgain: () => this.#readHolds(),
      },
      journal,
    );
    for (const _ of cleanup.batches()) {
      await clock.nextTurn();
      if (this.#request.signal?.aborted === true)
        cleanup.stop('BAT-0529', 'it was asked to end; the rest is for the next run');
    }
    const report = cleanup.report();
    this.#notes.deleted(report);
    this.#warn(report.deleted.length, report.kept.length);
    this.#notes.logEnd();
    if (this.#notes.logProblem === undefined && report.stopped === undefined) this.#close(journal);
    return this.#notes.report(this.#notes.endStatus());
  }

  /** The files are gone and the log says so: a journal that stays is read by the next run, and the report goes out. */
  #close(journal: DeleteJournal): void {
    try {
      journal.close();
    } catch (error) {
      if (!isOpsException(error)) throw error;
      this.#notes.failed('SYS-0161', error.message);
    }
  }

  /** Files that were there, unchanged, when the backup began, that it wanted, and that it nevertheless does not hold. */
  #unverified(
    allowed: readonly ExpiredFile[],
    verified: VerifiedBackup,
    startedAtMs: number,
  ): ReadonlyMap<string, string> {
    const { files } = this.#services;
    const { includeBackupGlobs, backUp, dataRoot } = this.#request;
    const wanted = compileGlobs(backUp === 'everything' ? includeBackupGlobs : undefined);
    const lost = allowed.filter(({ path }) => {
      if (!wanted.matches(path) || verified.covers(path) !== undefined) return false;
      return mayBeUntouched(files, `${dataRoot}/${path}`, startedAtMs);
    });
    return new Map(lost.map(({ path }) => [path, 'the backup could not keep it']));
  }

  #warn(deleted: number, kept: number): void {
    const { copyRoots = [], backupRoot } = this.#request;
    if (kept > 0) this.#notes.alert('BAT-0527', `${kept} expired files were kept; the cleanup log says why`);
    if (deleted === 0 || copyRoots.length > 0 || !onSameDisk(this.#services.files, this.#request)) return;
    const message = `${deleted} files were deleted whose only copy is in ${backupRoot}, on the same disk; add a second target`;
    this.#notes.alert('BAT-0525', message, true);
  }

  #readHolds(): void {
    const { stateFolder, aliases = [] } = this.#request;
    this.#holds ??= new HoldsWatch(this.#services.files, { stateFolder, nowMs: this.#nowMs });
    this.#held = underAliases(this.#holds.look(), aliases);
  }

  #heldBy(path: string): string | undefined {
    return this.#held?.heldBy(path);
  }
}

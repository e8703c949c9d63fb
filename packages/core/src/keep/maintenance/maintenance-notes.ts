import type { ErrorCode } from '../../kernel/define-errors.ts';
import { isOpsException } from '../../kernel/ops-exception.ts';
import { problemText } from '../backup/backup-errors.ts';
import type { BackupOutcome } from '../backup/backup-run.ts';
import { type CleanupEntry, writeCleanupLog } from '../retention/cleanup-log.ts';
import { keptFile } from '../retention/cleanup-plan.ts';
import type { DeletionReport } from '../retention/delete-request.ts';
import type { ExpiredFile, FileCount, KeptFile, KeptReason } from '../retention/retention-policy.ts';
import type { Judgement } from '../retention/retention-rules.ts';
import {
  type MaintenanceAlert,
  type MaintenanceReport,
  type MaintenanceStatus,
  maintenanceAlert,
  retentionCounts,
} from './maintenance-report.ts';
import type { MaintenanceRequest, MaintenanceServices } from './maintenance-request.ts';

/** What a run has found and done so far, for its report and the cleanup log. */
export class MaintenanceNotes {
  readonly #services: MaintenanceServices;
  readonly #request: MaintenanceRequest;
  readonly startedAtMs: number;
  readonly #alerts: MaintenanceAlert[] = [];
  readonly #kept: KeptFile[] = [];
  #deletion: DeletionReport | undefined;
  #judgement: Judgement | undefined;
  #backup: BackupOutcome | undefined;
  #error: string | undefined;
  #logProblem: string | undefined;

  constructor(services: MaintenanceServices, request: MaintenanceRequest) {
    this.#services = services;
    this.#request = request;
    this.startedAtMs = services.clock.now();
  }

  /** Why the cleanup log cannot be written; then nothing may be deleted. */
  get logProblem(): string | undefined {
    return this.#logProblem;
  }

  /** Size of the data set that was judged. */
  get seen(): FileCount {
    return this.#judgement?.seen ?? { files: 0, bytes: 0 };
  }

  judged(judgement: Judgement): void {
    this.#judgement = judgement;
  }

  backedUp(outcome: BackupOutcome): void {
    this.#backup = outcome;
  }

  deleted(report: DeletionReport): void {
    this.#deletion = report;
    this.#kept.push(...report.kept);
    if (report.stopped !== undefined) this.failed(report.stopped.code, report.stopped.message);
  }

  keep(files: readonly ExpiredFile[], reason: KeptReason): void {
    for (const file of files) this.#kept.push(keptFile(file, reason));
  }

  alert(code: ErrorCode, message: string, standing = false): void {
    this.#alerts.push(maintenanceAlert(code, message, standing));
  }

  failed(code: ErrorCode, message: string): void {
    this.#error ??= `${code}: ${message}`;
    this.alert(code, message);
  }

  /** Writes to the cleanup log. A log that fails is an alert and forbids deleting; it never hides another failure. */
  log(...entries: readonly CleanupEntry[]): void {
    const { stateFolder, runId } = this.#request;
    try {
      writeCleanupLog(
        this.#services.files,
        { stateFolder, runId, nowMs: this.#services.clock.now() },
        entries,
      );
    } catch (error) {
      if (!isOpsException(error)) throw error;
      if (this.#logProblem === undefined) this.alert('SYS-0161', error.message);
      this.#logProblem ??= error.message;
    }
  }

  /** The line of the log that says what became of the candidates. */
  logEnd(): void {
    this.log({ kind: 'done', deleted: this.#deletion?.deleted ?? [], kept: this.#kept });
    const stopped = this.#deletion?.stopped;
    if (stopped !== undefined) this.log({ kind: 'error', ...stopped });
  }

  /** Something ended the run that no report tells: the log says so, and the failure goes on up. */
  logFailure(error: unknown): void {
    const code = isOpsException(error) ? error.code : 'SYS-9999';
    this.log({ kind: 'error', code, message: problemText(error) });
  }

  report(status: MaintenanceStatus): MaintenanceReport {
    const { runId, dataRoot, backupRoot } = this.#request;
    const verified = this.#backup?.verified;
    const done = status === 'completed' || status === 'nothing_to_do';
    return {
      ...{ runId, dataRoot, backupRoot, status, startedAtMs: this.startedAtMs },
      endedAtMs: this.#services.clock.now(),
      retention: retentionCounts(this.#judgement),
      ...(this.#backup === undefined || verified === undefined
        ? {}
        : {
            backup: {
              ...backupFields(this.#backup),
              verifiedAtMs: verified.verifiedAtMs,
              manifestSha256: verified.manifestSha256,
            },
          }),
      deletion: {
        executed: this.#deletion !== undefined,
        deleted: this.#deletion?.deleted ?? [],
        kept: this.#kept,
      },
      alerts: this.#alerts,
      ...(this.#error === undefined ? {} : { error: this.#error }),
      exitCode: done && this.#error === undefined ? 0 : 1,
    };
  }

  /** `completed` when every candidate is gone or was never there. */
  endStatus(): MaintenanceStatus {
    return this.#kept.length === 0 && this.#error === undefined ? 'completed' : 'partial';
  }
}

function backupFields({ manifest }: BackupOutcome) {
  const { id, archiveName, recordCount, checksum, backupAt } = manifest;
  return { id, archiveName, recordCount, checksum, backupAt };
}

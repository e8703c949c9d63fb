import type { ActRequest, ActResult } from './ops-client.ts';

/** One backup as every door shows it. */
export interface BackupView {
  readonly id: string;
  readonly source: string;
  readonly backupRoot: string;
  /** True for the copy in the second place. */
  readonly copy: boolean;
  readonly state: 'verified' | 'unverified' | 'broken';
  readonly problem?: string;
  readonly strategy: string;
  readonly codec: string;
  readonly madeAtMs: number;
  readonly verifiedAtMs?: number;
  readonly files: number;
  /** Bytes on disk. */
  readonly bytes: number;
  readonly sourceBytes: number;
  readonly parent?: string;
  readonly held: boolean;
}

/** Something the last runs of backup and retention say beside how they ended. */
export interface KeepNoteView {
  readonly source: string;
  readonly code: string;
  readonly message: string;
  readonly standing: boolean;
}

/** One drill of one source: whether its newest backup came back, and how fast. */
export interface DrillView {
  readonly source: string;
  /** `stream`: every byte was read and compared. `full`: everything was restored and compared. */
  readonly kind: 'stream' | 'full';
  readonly outcome: 'passed' | 'failed';
  readonly atMs: number;
  readonly backupId?: string;
  readonly problem?: string;
  readonly files: number;
  readonly bytes: number;
  /** How old the data would have been after a recovery then, ms. */
  readonly ageMs: number;
  /** How long the backup took to come back, ms. */
  readonly recoveryMs: number;
}

/** What is known of the backups, as of the last keep run; nothing on disk is looked at when it is asked for. */
export interface BackupsView {
  /** Absent when no run has left anything yet. */
  readonly atMs?: number;
  readonly configured: boolean;
  readonly backupRoot?: string;
  readonly copyTo?: string;
  /** No verified backup of a source for so long is an alert, ms. */
  readonly maxAgeMs?: number;
  readonly sources: ReadonlyArray<{
    readonly id: string;
    readonly path: string;
    readonly verifiedAtMs?: number;
  }>;
  readonly backups: readonly BackupView[];
  readonly notes: readonly KeepNoteView[];
  /** The newest drills, newest first. */
  readonly drills: readonly DrillView[];
}

/** Acts that a program of ours does on the backups itself. */
export const KEEP_ACT_NAMES = [
  'BACKUP',
  'MAINTENANCE',
  'VERIFY',
  'DRILL',
  'RESTORE',
  'HOLD',
  'RELEASE',
  'PRUNE',
] as const;
/** One of the acts. */
export type KeepActName = (typeof KEEP_ACT_NAMES)[number];

/** What a record of such an act says. */
export interface KeepActRequest extends Omit<ActRequest, 'expectedRevision'> {
  /** What it is about: the id of a backup, a source, a folder. */
  readonly subject: string;
}

/** What an operator can ask about backups. */
export interface KeepClient {
  backups(): Promise<BackupsView>;
  /** Writes an audit row about an act that a program of ours does on the backups itself, such as a restore. */
  recordKeepAct(act: KeepActName, request: KeepActRequest): Promise<ActResult>;
}

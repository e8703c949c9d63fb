import type { JsonValue } from '../../kernel/json.ts';

/** Kinds of acts that are audited; the specification's names first, the controls it lacks after them. */
export const AUDIT_TYPES = [
  'BATCH_START',
  'BATCH_STOP',
  'BATCH_REPLAY',
  'DATA_CORRECTION',
  'CONFIG_CHANGE',
  'TARGET_PAUSE',
  'TARGET_RESUME',
  'TARGET_RESET',
  'SYSTEM_RECOVERY',
  'ALERT_ACKNOWLEDGE',
  'ALERT_UNACKNOWLEDGE',
  'ALERT_CLOSE',
  'ALERT_SILENCE',
  'ALERT_SILENCE_END',
  'ALERT_TEST',
  'CHECK_RUN',
  'BACKUP_RUN',
  'BACKUP_RESTORE',
  'BACKUP_HOLD',
  'BACKUP_RELEASE',
  'BACKUP_PRUNE',
  'CLOCK_JUMP',
] as const;
/** One of the audited kinds of acts. */
export type AuditType = (typeof AUDIT_TYPES)[number];

/** One audited act. The store numbers it and chains it to the entry before. */
export interface AuditEntry {
  readonly atMs: number;
  readonly auditType: AuditType;
  readonly targetType: 'BATCH_EXECUTION' | 'TARGET' | 'SYSTEM_CONFIG' | 'ALERT' | 'HEALTH_CHECK' | 'BACKUP';
  readonly targetId: string;
  readonly action: 'CREATE' | 'UPDATE' | 'START' | 'STOP' | 'REPLAY' | 'ERROR';
  readonly before?: JsonValue;
  readonly after?: JsonValue;
  readonly operatorId: string;
  readonly operatorMethod: string;
  readonly operatorReason: string;
  readonly outcome: 'OK' | 'DENIED' | 'ERROR';
  readonly errorCode?: string;
  readonly requestId: string;
  /** Digest of what was asked under `requestId`: the same id with another digest is refused. */
  readonly requestFingerprint?: string;
  readonly executionId?: string;
  readonly host: string;
}

/** An entry as it stands in the chain. */
export interface AuditRow extends AuditEntry {
  /** Number of the row, from 1, without gaps. */
  readonly seq: number;
  readonly hash: string;
}

/** Appends one entry to the chain. */
export type AuditChange = { readonly kind: 'audit.append'; readonly entry: AuditEntry };

/** Which entries are asked for, newest first. */
export interface AuditQuery {
  readonly auditType?: AuditType | undefined;
  readonly targetType?: string | undefined;
  readonly targetId?: string | undefined;
  readonly operatorId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** What the audit chapter can read back; writing happens inside the transaction of the act. */
export interface AuditStore {
  queryAudit(query: AuditQuery): Promise<{ readonly items: readonly AuditRow[]; readonly total: number }>;
  /** At most `limit` rows after the one with this number, oldest first. */
  readAuditAfter(seq: number, limit: number): Promise<readonly AuditRow[]>;
  /** Number of the newest row; 0 when there is none. */
  lastAuditSeq(): Promise<number>;
  /** Recomputes every link from `fromSeq`; absent when the chain holds, else the first broken row and why. */
  verifyAuditChain(fromSeq: number): Promise<{ readonly seq: number; readonly problem: string } | undefined>;
}

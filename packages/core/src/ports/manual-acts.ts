import type { AuditChange, AuditEntry } from '../guard/audit/audit-entry.ts';
import type { ManualAction, Permission } from '../kernel/actor.ts';
import type { JsonObject } from '../kernel/json.ts';

/** A manual act before it is decided: who, why, and what exactly is asked. */
export interface ActDraft {
  readonly by: ManualAction;
  readonly permission: Permission;
  /** The verb, e.g. `trigger`; repeating it is not a reason. */
  readonly name: string;
  /** Everything that makes the request what it is; hashed to recognise a repeat. */
  readonly body: JsonObject;
}

/** An act with the same request id that was accepted before. */
export interface RepeatedAct {
  readonly auditSeq: number;
  /** What it was about; of something it made: its id. */
  readonly targetId: string;
  readonly executionId?: string;
}

/** The part of an audit entry that only the act's service knows. */
export type ActRecord = Pick<
  AuditEntry,
  'auditType' | 'targetType' | 'targetId' | 'action' | 'before' | 'after' | 'executionId'
>;

/** Admission and record of manual acts; `guard/access` implements it. */
export interface ManualActs {
  /**
   * Checks operator, reason and permission; finds the first result when the request id was used for the same act.
   * @throws INP-0302, INP-0303, INP-0309 (not permitted; audited), BAT-0106 (request id used for another act).
   */
  admit(draft: ActDraft): Promise<RepeatedAct | undefined>;
  /** The audit row that must be committed together with the act. */
  record(draft: ActDraft, record: ActRecord): AuditChange;
  /** Number of the newest audit row. */
  lastSeq(): Promise<number>;
}

import type { KeepActName } from '../../client/keep-client.ts';
import type { ActResult } from '../../client/ops-client.ts';
import type { AuditType } from '../../guard/audit/audit-entry.ts';
import type { ManualAction } from '../../kernel/actor.ts';
import type { CommitResult } from '../../kernel/change.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { ManualActs } from '../../ports/manual-acts.ts';
import type { OpsChange } from '../ops-store.ts';

const AUDITED: Readonly<Record<KeepActName, AuditType>> = {
  BACKUP: 'BACKUP_RUN',
  MAINTENANCE: 'BACKUP_RUN',
  VERIFY: 'BACKUP_RUN',
  DRILL: 'BACKUP_RUN',
  RESTORE: 'BACKUP_RESTORE',
  HOLD: 'BACKUP_HOLD',
  RELEASE: 'BACKUP_RELEASE',
  PRUNE: 'BACKUP_PRUNE',
};

/** Words of an audited text are cut here. */
const SUBJECT_MAX_CHARACTERS = 200;

interface KeepActRecord {
  readonly act: KeepActName;
  /** What it is about: the id of a backup, a source, a folder. */
  readonly subject: string;
  readonly by: ManualAction;
}

/**
 * Writes the audit row of an act that a program of ours does on the backups itself. Asking again with the same request
 * id gives the first row.
 * @throws INP-0302, INP-0303, INP-0309, BAT-0106, and SYS-0101 when the row cannot be written.
 */
export async function recordKeepAct(
  acts: ManualActs,
  commit: (changes: readonly OpsChange[]) => Promise<CommitResult>,
  { act, subject, by }: KeepActRecord,
): Promise<ActResult> {
  const targetId = subject.slice(0, SUBJECT_MAX_CHARACTERS);
  const draft = { by, permission: 'RUN', name: act.toLowerCase(), body: { act, subject: targetId } } as const;
  const repeated = await acts.admit(draft);
  if (repeated !== undefined) return { auditSeq: repeated.auditSeq, repeated: true };
  const action = act === 'HOLD' || act === 'RELEASE' ? 'UPDATE' : 'START';
  const row = { auditType: AUDITED[act], targetType: 'BACKUP', targetId, action, after: { act } } as const;
  const result = await commit([acts.record(draft, row)]);
  if (result === 'conflict') {
    throw opsException('SYS-0101', `the audit row of ${draft.name} ${targetId} was not written; ask again`);
  }
  return { auditSeq: await acts.lastSeq(), repeated: false };
}

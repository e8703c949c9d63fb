import { createHash } from 'node:crypto';
import type { ManualAction } from '../../kernel/actor.ts';
import { requireManualAction } from '../../kernel/actor.ts';
import type { CommitResult } from '../../kernel/change.ts';
import { defineErrors } from '../../kernel/define-errors.ts';
import { canonicalJson } from '../../kernel/json.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { Authorizer } from '../../ports/authorizer.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ActDraft, ActRecord, ManualActs, RepeatedAct } from '../../ports/manual-acts.ts';
import type { AuditChange, AuditEntry, AuditStore } from '../audit/audit-entry.ts';

/** How admission of an act can fail. */
export const accessErrors = defineErrors({
  'INP-0309': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    httpStatus: 403,
    cliExit: 4,
    user: { en: 'You are not allowed to do this.', ko: '이 조치를 할 권한이 없습니다.' },
    operator: { en: 'The operator lacks the permission for this act.', ko: '운영자에게 권한이 없습니다.' },
    remedy: { en: ['Ask somebody who has the permission.'], ko: ['권한이 있는 사람에게 요청하십시오.'] },
  },
});

/** So many rows of one request id are looked at: one that was done, and those that were refused. */
const SAME_REQUEST_ROWS_MAX = 100;

/** What admission needs of the store. */
interface ActStore extends Pick<AuditStore, 'queryAudit' | 'lastAuditSeq'> {
  commit(changes: readonly AuditChange[]): Promise<CommitResult>;
}

interface ManualActsOptions {
  readonly store: ActStore;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly host: string;
}

/** Admits manual acts and writes who did what and why; a repeated request id gives the first result. */
export class AuditedActs implements ManualActs {
  readonly #options: ManualActsOptions;

  constructor(options: ManualActsOptions) {
    this.#options = options;
  }

  async admit(draft: ActDraft): Promise<RepeatedAct | undefined> {
    requireManualAction(draft.by, draft.name);
    await this.#requirePermission(draft);
    const requestId = draft.by.requestId;
    const { items } = await this.#options.store.queryAudit({ requestId, limit: SAME_REQUEST_ROWS_MAX });
    // A request that was refused before it was allowed, or after, has not been done by the refusal.
    const first = items.find((row) => row.outcome === 'OK');
    if (first === undefined) return undefined;
    if (first.requestFingerprint !== fingerprint(draft)) {
      throw opsException('BAT-0106', `request id ${requestId} was used for audit row ${first.seq}`, {
        data: { requestId, auditSeq: first.seq },
      });
    }
    return {
      auditSeq: first.seq,
      targetId: first.targetId,
      ...(first.executionId === undefined ? {} : { executionId: first.executionId }),
    };
  }

  record(draft: ActDraft, record: ActRecord): AuditChange {
    return { kind: 'audit.append', entry: { ...this.#entry(draft), ...record, outcome: 'OK' } };
  }

  lastSeq(): Promise<number> {
    return this.#options.store.lastAuditSeq();
  }

  async #requirePermission(draft: ActDraft): Promise<void> {
    const refusal = this.#options.authorizer.refusal(draft.by.actor, draft.permission);
    if (refusal === undefined) return;
    const denied: AuditEntry = {
      ...this.#entry(draft),
      auditType: 'CONFIG_CHANGE',
      targetType: 'SYSTEM_CONFIG',
      targetId: draft.name,
      action: 'ERROR',
      after: draft.body,
      outcome: 'DENIED',
      errorCode: 'INP-0309',
    };
    await this.#options.store.commit([{ kind: 'audit.append', entry: denied }]);
    throw opsException('INP-0309', `${draft.by.actor.operatorId} may not ${draft.name}: ${refusal}`);
  }

  #entry(draft: ActDraft) {
    return {
      atMs: this.#options.clock.now(),
      ...who(draft.by),
      requestFingerprint: fingerprint(draft),
      host: this.#options.host,
    };
  }
}

/** Lets everybody who can open the socket do everything: its folder belongs to one account of the machine. */
export const osUserAuthorizer: Authorizer = { refusal: () => undefined };

function who(by: ManualAction) {
  return {
    operatorId: by.actor.operatorId,
    operatorMethod: by.actor.method,
    operatorReason: by.reason,
    requestId: by.requestId,
  };
}

/** Digest of an act: operator, verb, body and reason. */
function fingerprint(draft: ActDraft): string {
  const body = {
    name: draft.name,
    operator: draft.by.actor.operatorId,
    reason: draft.by.reason,
    body: draft.body,
  };
  return createHash('sha256').update(canonicalJson(body)).digest('hex');
}

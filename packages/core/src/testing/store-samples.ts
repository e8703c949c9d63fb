import type { OpsChange, OpsStore } from '../engine/ops-store.ts';
import type { AuditEntry } from '../guard/audit/audit-entry.ts';
import type { Execution, TerminalStatus } from '../run/executions/execution.ts';
import type { TargetState } from '../run/targets/target.ts';
import type { BatchJob } from '../run/targets/target-store.ts';

/** The instant the samples begin at: 2026-01-05T00:00:00Z. */
export const SAMPLE_START_MS = Date.UTC(2026, 0, 5);

/** A job row as a target of the config has it. */
export function sampleJob(jobId = 'prices', isActive = true): BatchJob {
  return { jobId, jobName: `Job ${jobId}`, jobType: 'ON_DEMAND', isActive };
}

/** The first state of a target that was never seen. */
export function sampleState(targetId = 'prices', more: Partial<TargetState> = {}): TargetState {
  return {
    targetId,
    revision: 0,
    consecutiveErrors: 0,
    breaker: { kind: 'closed' },
    cursorMs: SAMPLE_START_MS,
    clockEra: 0,
    outcomes: '',
    ...more,
  };
}

/** A READY execution with nothing but what every execution has. */
export function sampleExecution(id: string, more: Partial<Execution> = {}): Execution {
  return {
    id,
    jobId: 'prices',
    runType: 'AUTO',
    status: 'READY',
    fence: 0,
    late: false,
    attempt: 1,
    lane: 0,
    createdAtMs: SAMPLE_START_MS,
    progress: { processedCount: 0, successCount: 0, failedCount: 0 },
    outcomeKnown: true,
    rootExecutionId: more.rootExecutionId ?? id,
    output: { tail: '', bytes: 0, truncated: false },
    detached: false,
    ...more,
  };
}

/** The change that makes a READY execution. */
export function insertOf(execution: Execution): OpsChange {
  return { kind: 'execution.insert', execution, by: 'scheduler' };
}

/** The change from one version of an execution to the next, at the instant of the later one. */
export function updateOf(before: Execution, next: Execution): OpsChange {
  const atMs = next.endedAtMs ?? next.startedAtMs ?? next.createdAtMs;
  const expect = { status: before.status, fence: before.fence };
  return { kind: 'execution.update', expect, execution: next, by: 'scheduler', atMs };
}

/** The execution after its claim. */
export function claimed(execution: Execution, startedAtMs = execution.createdAtMs): Execution {
  return { ...execution, status: 'RUNNING', fence: execution.fence + 1, startedAtMs };
}

/** The execution after its end. */
export function ended(execution: Execution, status: TerminalStatus, endedAtMs: number): Execution {
  const stopRequest = { operatorId: 'kim', atMs: endedAtMs, reason: 'no longer needed today' };
  const why = { SUCCESS: {}, FAILED: { errorCode: 'BAT-0304' }, STOPPED: { stopRequest } }[status];
  return { ...execution, ...why, status, endedAtMs };
}

/** Commits a whole life, from READY to its end, `tookMs` after its start. */
export async function commitLife(
  store: OpsStore,
  execution: Execution,
  end: { readonly status: TerminalStatus; readonly tookMs: number },
): Promise<Execution> {
  const running = claimed(execution);
  const last = ended(running, end.status, execution.createdAtMs + end.tookMs);
  await commitAll(store, insertOf(execution), updateOf(execution, running), updateOf(running, last));
  return last;
}

/** Commits changes that must not conflict. */
export async function commitAll(store: OpsStore, ...changes: readonly OpsChange[]): Promise<void> {
  const result = await store.commit(changes);
  if (result !== 'committed') throw new Error(`a sample commit ended as ${result}`);
}

/** An audited act with everything the rules ask for. */
export function sampleAudit(more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    atMs: SAMPLE_START_MS,
    auditType: 'BATCH_START',
    targetType: 'TARGET',
    targetId: 'prices',
    action: 'START',
    operatorId: 'kim',
    operatorMethod: 'os-user',
    operatorReason: 'the vendor sent corrected prices',
    outcome: 'OK',
    requestId: 'request-1',
    host: 'desk-1',
    ...more,
  };
}

/** The change that appends an entry to the audit chain. */
export function auditOf(entry: AuditEntry): OpsChange {
  return { kind: 'audit.append', entry };
}

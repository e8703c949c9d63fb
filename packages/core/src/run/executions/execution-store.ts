import type { AuditChange } from '../../guard/audit/audit-entry.ts';
import type { Committer } from '../../kernel/change.ts';
import type { TargetChange } from '../targets/target-store.ts';
import type {
  Execution,
  ExecutionLogEntry,
  ExecutionStatus,
  ExecutionTransition,
  RunType,
  SlotSkip,
} from './execution.ts';

/** What a decision about executions may write. */
export type ExecutionChange =
  /** A new row; a conflict when the id, the idempotency key or the job's one active row is taken. */
  | { readonly kind: 'execution.insert'; readonly execution: Execution; readonly by: string }
  /** Replaces the row where id, status and fence still are `expect`; writes a transition when the status changed. */
  | {
      readonly kind: 'execution.update';
      readonly expect: { readonly status: ExecutionStatus; readonly fence: number };
      readonly execution: Execution;
      readonly by: string;
      readonly atMs: number;
    }
  | { readonly kind: 'execution.log'; readonly entry: ExecutionLogEntry }
  /**
   * Adds skipped slots; the newest row of the target is extended when it has the same reason and nothing ran since.
   * `apart`: never; slots between them are still open, and a row says that everything it spans was skipped.
   */
  | { readonly kind: 'slot.skip'; readonly skip: SlotSkip; readonly atMs: number; readonly apart?: true };

/** Which executions are asked for, newest first. */
export interface ExecutionQuery {
  readonly jobId?: string | undefined;
  readonly status?: ExecutionStatus | undefined;
  readonly runType?: RunType | undefined;
  /** Created at or after / before, ms UTC. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** 1 … 1000; default 100. */
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** Counts and spread of one target's runs since an instant, for the detail pane. */
export interface ExecutionStatistics {
  readonly runs: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly stopped: number;
  readonly p50Ms?: number;
  readonly p95Ms?: number;
}

/** Old history that could be removed once a verified backup holds it. Planned and reported, never deleted here. */
export interface HistoryPlan {
  readonly olderThanMs: number;
  readonly executions: number;
  readonly logEntries: number;
  readonly outputFiles: number;
}

/** What the executions chapter remembers. */
export interface ExecutionStore extends Committer<ExecutionChange | TargetChange | AuditChange> {
  findExecution(id: string): Promise<Execution | undefined>;
  findByIdempotencyKey(jobId: string, key: string): Promise<Execution | undefined>;
  /** Every READY or RUNNING row, oldest first. */
  readActive(): Promise<readonly Execution[]>;
  queryExecutions(
    query: ExecutionQuery,
  ): Promise<{ readonly items: readonly Execution[]; readonly total: number }>;
  readTransitions(executionId: string): Promise<readonly ExecutionTransition[]>;
  readLog(executionId: string): Promise<readonly ExecutionLogEntry[]>;
  /** Skip rows of a target, newest first, at most `limit`. */
  readSkips(targetId: string, limit: number): Promise<readonly SlotSkip[]>;
  /** Slots accounted for since `sinceMs`: executions with a slot, and skipped slots. Their sum is every slot. */
  countSlots(
    targetId: string,
    sinceMs: number,
  ): Promise<{ readonly executions: number; readonly skips: number }>;
  readStatistics(targetId: string, sinceMs: number): Promise<ExecutionStatistics>;
  planHistory(olderThanMs: number): Promise<HistoryPlan>;
}

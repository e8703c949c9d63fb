import type { AuditQuery } from '../guard/audit/audit-entry.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { ExecutionQuery } from '../run/executions/execution-store.ts';
import type { KeepClient } from './keep-client.ts';
import type {
  AuditView,
  ExecutionDetail,
  ExecutionView,
  FeedMessage,
  HistoryView,
  JobView,
  OpsSnapshot,
  TargetDetail,
} from './ops-views.ts';
import type { WatchClient } from './watch-client.ts';

/** What every manual act says: why, under which request id, and which state it was decided on. */
export interface ActRequest {
  /** At least 10 non-space characters; kept in the audit log. */
  readonly reason: string;
  /** Asking again with the same id and the same body gives the first result; made by the client when absent. */
  readonly requestId?: string | undefined;
  /** Refused with BAT-0105 (409) when the target has moved on since. */
  readonly expectedRevision?: number | undefined;
}

/** What a manual start says beyond every act. */
export interface TriggerRequest extends ActRequest {
  readonly params?: JsonObject | undefined;
  /** Makes the new execution a resume of an ended one: its parent. */
  readonly parentExecutionId?: string | undefined;
}

/** What an accepted act did. */
export interface ActResult {
  /** Number of the audit row that was written in the same transaction. */
  readonly auditSeq: number;
  readonly targetRevision?: number;
  readonly executionId?: string;
  /** The silence that was made. */
  readonly silenceId?: string;
  /** True when this request id had been accepted before and nothing was done again. */
  readonly repeated: boolean;
}

/** One page of a longer list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** How many match in all. */
  readonly count: number;
  readonly limit: number;
  readonly offset: number;
}

/** A piece of an execution's captured output. */
export interface OutputChunk {
  readonly text: string;
  /** Ask with this offset to go on. */
  readonly nextOffset: number;
  /** Bytes that were left out before `text` because the capture is bounded. */
  readonly missedBytes: number;
  /** True when the run has ended and nothing more will come. */
  readonly ended: boolean;
}

/** Everything an operator can ask of an engine, in this process or over its socket; one contract suite for both. */
export interface OpsClient extends WatchClient, KeepClient, AsyncDisposable {
  snapshot(): Promise<OpsSnapshot>;
  /** Snapshot, then deltas; ends when `signal` aborts; throws EXT-0105 when the engine is lost. */
  watch(signal: AbortSignal): AsyncIterable<FeedMessage>;
  target(id: string): Promise<TargetDetail>;
  /** Every job row, also of targets that the config no longer names. */
  jobs(): Promise<readonly JobView[]>;
  /** How much of the history is old. */
  history(): Promise<HistoryView>;
  executions(query: ExecutionQuery): Promise<Page<ExecutionView>>;
  execution(id: string): Promise<ExecutionDetail>;
  /** Output from `offset` on (0: from the start); a running execution can be followed by asking again. */
  output(executionId: string, offset: number): Promise<OutputChunk>;
  auditLogs(query: AuditQuery): Promise<Page<AuditView>>;
  /** Starts a MANUAL run now. */
  trigger(targetId: string, request: TriggerRequest): Promise<ActResult>;
  /** Ends a READY or RUNNING execution as STOPPED. */
  stop(executionId: string, request: ActRequest): Promise<ActResult>;
  pause(targetId: string, request: ActRequest): Promise<ActResult>;
  resume(targetId: string, request: ActRequest): Promise<ActResult>;
  /** Sets the error counter to 0, which also ends a suspension. */
  reset(targetId: string, request: ActRequest): Promise<ActResult>;
}

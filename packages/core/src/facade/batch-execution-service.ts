import { randomId } from '../adapters/clock-system/random-id.ts';
import { systemClock } from '../adapters/clock-system/system-clock.ts';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import type { OpsChange, OpsStore } from '../engine/ops-store.ts';
import type { AuditEntry } from '../guard/audit/audit-entry.ts';
import { type ManualAction, requireManualAction } from '../kernel/actor.ts';
import { type ErrorCode, findError } from '../kernel/define-errors.ts';
import type { JsonValue } from '../kernel/json.ts';
import { opsException } from '../kernel/ops-exception.ts';
import type { Clock } from '../ports/clock.ts';
import type { Execution, RunType } from '../run/executions/execution.ts';
import {
  advanceCounts,
  claimExecution,
  createExecution,
  type ExecutionDecision,
  failExecution,
  requireActive,
  requireRunning,
  stopExecution,
  succeedExecution,
} from '../run/executions/execution-rules.ts';
import type { BatchJob } from '../run/targets/target-store.ts';

/** What the service may be given; everything has a default. */
export interface BatchExecutionServiceOptions {
  /** Where executions are kept; SQLite in memory when absent. */
  readonly store?: OpsStore | undefined;
  readonly clock?: Clock | undefined;
}

/** Asks for the start of an execution that the caller carries out itself. */
export interface StartExecution {
  readonly jobId: string;
  /** Default AUTO. MANUAL and REPLAY need an operator and a reason. */
  readonly runType?: RunType | undefined;
  readonly operatorId?: string | undefined;
  /** Why a MANUAL run is started, at least 10 non-space characters. */
  readonly operatorNote?: string | undefined;
  /** Why a REPLAY is made, at least 10 non-space characters. */
  readonly replayReason?: string | undefined;
  /** The caller's own id: asking twice with it gives the one execution. */
  readonly executionId?: string | undefined;
  readonly parentExecutionId?: string | undefined;
}

/** Absolute counts; they never regress, and success and failure together never exceed what was processed. */
export interface ExecutionCounts {
  readonly processedCount: number;
  readonly successCount?: number | undefined;
  readonly failedCount?: number | undefined;
}

/**
 * The specification's service (C1-T02): records the life of an execution that the caller carries out itself.
 * Same rules, rows and audit as the engine's own runs.
 */
export class BatchExecutionService {
  readonly #clock: Clock;
  readonly #store: Promise<OpsStore>;

  constructor(options: BatchExecutionServiceOptions = {}) {
    const clock = options.clock ?? systemClock;
    this.#clock = clock;
    this.#store =
      options.store === undefined
        ? openSqliteStore({ path: ':memory:', now: () => clock.now() })
        : Promise.resolve(options.store);
  }

  /** Makes a job known and active, or changes it. */
  async registerJob(job: Omit<BatchJob, 'isActive'>): Promise<void> {
    await this.#commit(
      [{ kind: 'job.upsert', job: { ...job, isActive: true }, atMs: this.#clock.now() }],
      job.jobId,
    );
  }

  /**
   * Records the start: READY, then RUNNING, in one transaction.
   * @throws INP-0306 unknown or inactive job, INP-0303 no operator, INP-0302 no reason, BAT-0101 the job is running,
   * BAT-0106 the id belongs to another execution.
   */
  async startExecution(request: StartExecution): Promise<Execution> {
    const runType = request.runType ?? 'AUTO';
    await this.#requireJob(request.jobId);
    const by = manualStart(request, runType);
    const id = request.executionId ?? randomId();
    const known = await (await this.#store).findExecution(id);
    if (known !== undefined) return requireSame(known, request, runType);
    const parent =
      request.parentExecutionId === undefined
        ? undefined
        : await this.getExecution(request.parentExecutionId);
    const atMs = this.#clock.now();
    const created = createExecution(
      {
        id,
        jobId: request.jobId,
        runType,
        atMs,
        ...(by === undefined ? {} : { operatorId: by.actor.operatorId }),
        ...(request.operatorNote === undefined ? {} : { operatorNote: request.operatorNote }),
        ...(request.replayReason === undefined ? {} : { replayReason: request.replayReason }),
        ...(parent === undefined ? {} : { parent }),
      },
      by?.actor.operatorId ?? 'library',
    );
    const claimed = claimExecution(created.execution, undefined, atMs);
    const audit = by === undefined ? [] : [auditOf(by, claimed.execution, 'START', atMs)];
    await this.#commit([...created.changes, ...claimed.changes, ...audit], request.jobId);
    return claimed.execution;
  }

  /** @throws BAT-0102 unless the execution is RUNNING, INP-0301 for counts that make no sense, INP-0308. */
  async updateProgress(executionId: string, counts: ExecutionCounts): Promise<Execution> {
    const execution = requireRunning(await this.getExecution(executionId), 'progress');
    const atMs = this.#clock.now();
    const next = { ...execution, progress: advanceCounts(execution.progress, counts, atMs) };
    const expect = { status: execution.status, fence: execution.fence };
    await this.#commit(
      [{ kind: 'execution.update', expect, execution: next, by: 'library', atMs }],
      execution.jobId,
    );
    return next;
  }

  /** RUNNING → SUCCESS. @throws BAT-0102, INP-0301, INP-0308. */
  async completeExecution(executionId: string, counts?: ExecutionCounts): Promise<Execution> {
    const execution = requireRunning(await this.getExecution(executionId), 'SUCCESS');
    const atMs = this.#clock.now();
    const progress =
      counts === undefined ? execution.progress : advanceCounts(execution.progress, counts, atMs);
    return this.#end(succeedExecution(execution, { atMs, by: 'library', progress }));
  }

  /** RUNNING or READY → FAILED with a code of the catalogue. @throws BAT-0102, INP-0301, INP-0308. */
  async failExecution(
    executionId: string,
    failure: { readonly errorCode: string; readonly message: string; readonly detail?: JsonValue },
  ): Promise<Execution> {
    const { errorCode, message, detail } = failure;
    if (findError(errorCode) === undefined && !/^C[12]-/.test(errorCode)) {
      throw opsException('INP-0301', `errorCode: ${errorCode}; allowed: a declared code, such as BAT-0304`);
    }
    const execution = requireActive(await this.getExecution(executionId), 'FAILED');
    const what = { code: errorCode as ErrorCode, message, ...(detail === undefined ? {} : { detail }) };
    return this.#end(failExecution(execution, what, { atMs: this.#clock.now(), by: 'library' }));
  }

  /** RUNNING or READY → STOPPED at an operator's word, audited. @throws BAT-0102, INP-0302, INP-0303, INP-0308. */
  async stopExecution(
    executionId: string,
    stop: { readonly operatorId: string; readonly reason: string },
  ): Promise<Execution> {
    const by = actionOf(stop.operatorId, stop.reason);
    requireManualAction(by, 'stop');
    const execution = requireActive(await this.getExecution(executionId), 'STOPPED');
    const atMs = this.#clock.now();
    const decision = stopExecution(execution, { ...stop, atMs }, { atMs, by: stop.operatorId });
    return this.#end(decision, [auditOf(by, execution, 'STOP', atMs)]);
  }

  /** @throws INP-0308 for an id that was never recorded. */
  async getExecution(executionId: string): Promise<Execution> {
    const execution = await (await this.#store).findExecution(executionId);
    if (execution !== undefined) return execution;
    throw opsException('INP-0308', `execution: ${executionId}; allowed: the id of a recorded execution`);
  }

  async #end(decision: ExecutionDecision<Execution>, more: readonly OpsChange[] = []): Promise<Execution> {
    const { execution } = decision;
    const result = await (await this.#store).commit([...decision.changes, ...more]);
    if (result === 'committed') return execution;
    throw opsException('BAT-0103', `execution ${execution.id} has moved on; read it and decide again`);
  }

  async #commit(changes: readonly OpsChange[], jobId: string): Promise<void> {
    if ((await (await this.#store).commit(changes)) === 'committed') return;
    throw opsException('BAT-0101', `job ${jobId} has a running execution, or the row has moved on`);
  }

  async #requireJob(jobId: string): Promise<void> {
    const job = (await (await this.#store).readJobs()).find((candidate) => candidate.jobId === jobId);
    if (job?.isActive === true) return;
    const why = job === undefined ? 'unknown' : 'inactive';
    throw opsException('INP-0306', `jobId: ${jobId} is ${why}; allowed: an active job`, { data: { jobId } });
  }
}

function manualStart(request: StartExecution, runType: RunType): ManualAction | undefined {
  if (runType === 'AUTO') return undefined;
  const reason = runType === 'REPLAY' ? request.replayReason : request.operatorNote;
  const by = actionOf(request.operatorId ?? '', reason ?? '');
  requireManualAction(by, 'start');
  return by;
}

function actionOf(operatorId: string, reason: string): ManualAction {
  return { actor: { operatorId, method: 'library' }, reason, requestId: randomId() };
}

function requireSame(known: Execution, request: StartExecution, runType: RunType): Execution {
  if (known.jobId === request.jobId && known.runType === runType) return known;
  throw opsException(
    'BAT-0106',
    `executionId ${known.id} belongs to a ${known.runType} run of ${known.jobId}`,
  );
}

function auditOf(by: ManualAction, execution: Execution, action: 'START' | 'STOP', atMs: number): OpsChange {
  const replay = execution.runType === 'REPLAY' && action === 'START';
  const entry: AuditEntry = {
    atMs,
    auditType: action === 'STOP' ? 'BATCH_STOP' : replay ? 'BATCH_REPLAY' : 'BATCH_START',
    targetType: 'BATCH_EXECUTION',
    targetId: execution.jobId,
    action: replay ? 'REPLAY' : action,
    before: action === 'STOP' ? { status: execution.status } : null,
    after: { status: action === 'STOP' ? 'STOPPED' : 'RUNNING' },
    operatorId: by.actor.operatorId,
    operatorMethod: by.actor.method,
    operatorReason: by.reason,
    outcome: 'OK',
    requestId: by.requestId,
    executionId: execution.id,
    host: 'library',
  };
  return { kind: 'audit.append', entry };
}

import { randomId } from '../adapters/clock-system/random-id.ts';
import { systemClock } from '../adapters/clock-system/system-clock.ts';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import type { OpsChange, OpsStore } from '../engine/ops-store.ts';
import type { AuditEntry } from '../guard/audit/audit-entry.ts';
import { type ManualAction, requireManualAction } from '../kernel/actor.ts';
import type { CommitResult } from '../kernel/change.ts';
import { type ErrorCode, findError } from '../kernel/define-errors.ts';
import { isUuid } from '../kernel/ids.ts';
import type { JsonValue } from '../kernel/json.ts';
import { opsException } from '../kernel/ops-exception.ts';
import type { Clock } from '../ports/clock.ts';
import type { Execution, RunType } from '../run/executions/execution.ts';
import {
  amendExecution,
  claimExecution,
  createExecution,
  type ExecutionDecision,
  failExecution,
  requireActive,
  requireRunning,
  stopExecution,
  succeedExecution,
} from '../run/executions/execution-rules.ts';
import { advanceCounts, type ExecutionCounts } from '../run/executions/progress-rules.ts';
import type { BatchJob } from '../run/targets/target-store.ts';
import type { OpsAlertService } from './ops-alert-service.ts';

export type { ExecutionCounts } from '../run/executions/progress-rules.ts';

/** Where the service keeps executions, and whose time it takes. */
export interface BatchExecutionServiceOptions {
  /** Where executions are kept; SQLite in memory when absent. A given store stays the caller's to close. */
  readonly store?: OpsStore | undefined;
  /** Raises an alert when an execution fails with a code that alerts, or is stopped; its store is used unless one is given. */
  readonly alerts?: OpsAlertService | undefined;
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
  /** The caller's own id, a UUID: asking twice with it gives the one execution. */
  readonly executionId?: string | undefined;
  readonly parentExecutionId?: string | undefined;
}

/**
 * The specification's service (C1-T02): records the life of an execution that the caller carries out itself.
 * Same rules, rows and audit as the engine's own runs.
 */
export class BatchExecutionService implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #given: OpsStore | undefined;
  readonly #alerts: OpsAlertService | undefined;
  #own: Promise<OpsStore> | undefined;

  constructor(options: BatchExecutionServiceOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#given = options.store;
    this.#alerts = options.alerts;
  }

  /** Makes a job known and active, or changes it. */
  async registerJob(job: Omit<BatchJob, 'isActive'>): Promise<void> {
    const change = { kind: 'job.upsert', job: { ...job, isActive: true }, atMs: this.#clock.now() } as const;
    await (await this.#store()).commit([change]);
  }

  /**
   * Records the start: READY, then RUNNING, in one transaction.
   * @throws INP-0306 unknown or inactive job, INP-0303 no operator, INP-0302 no reason, BAT-0101 the job is running,
   * BAT-0106 the id belongs to another execution, INP-0301 the id is no UUID, INP-0308 no such parent.
   */
  async startExecution(request: StartExecution): Promise<Execution> {
    const runType = request.runType ?? 'AUTO';
    await this.#requireJob(request.jobId);
    const by = manualStart(request, runType);
    const id = request.executionId ?? randomId();
    if (!isUuid(id)) throw opsException('INP-0301', `executionId: ${id}; allowed: a UUID`);
    const known = await this.#find(id);
    if (known !== undefined) return requireSame(known, request, runType);
    const parent =
      request.parentExecutionId === undefined
        ? undefined
        : await this.getExecution(request.parentExecutionId);
    const atMs = this.#clock.now();
    const { operatorNote, replayReason, jobId } = request;
    const created = createExecution(
      {
        id,
        jobId,
        runType,
        atMs,
        ...(by === undefined ? {} : { operatorId: by.actor.operatorId }),
        ...(operatorNote === undefined ? {} : { operatorNote }),
        ...(replayReason === undefined ? {} : { replayReason }),
        ...(parent === undefined ? {} : { parent }),
      },
      by?.actor.operatorId ?? 'library',
    );
    const claimed = claimExecution(created.execution, undefined, atMs);
    const audit = by === undefined ? [] : [auditOf(by, claimed.execution, { action: 'START', atMs })];
    const changes = [...created.changes, ...claimed.changes, ...audit];
    if ((await this.#commit(changes)) === 'committed') return claimed.execution;
    // Somebody was faster: with the same id, or with another run of the job.
    const first = await this.#find(id);
    if (first !== undefined) return requireSame(first, request, runType);
    throw opsException('BAT-0101', `job ${jobId} has a running execution`, { data: { jobId } });
  }

  /** @throws BAT-0102 unless the execution is RUNNING, INP-0301 for counts that make no sense, INP-0308. */
  async updateProgress(executionId: string, counts: ExecutionCounts): Promise<Execution> {
    const execution = requireRunning(await this.getExecution(executionId), 'progress');
    const atMs = this.#clock.now();
    const progress = advanceCounts(execution.progress, counts, atMs);
    return this.#write(amendExecution(execution, { progress }, { by: 'library', atMs }));
  }

  /** RUNNING → SUCCESS. @throws BAT-0102, INP-0301, INP-0308. */
  async completeExecution(executionId: string, counts?: ExecutionCounts): Promise<Execution> {
    const execution = requireRunning(await this.getExecution(executionId), 'SUCCESS');
    const atMs = this.#clock.now();
    const progress =
      counts === undefined ? execution.progress : advanceCounts(execution.progress, counts, atMs);
    return this.#write(succeedExecution(execution, { atMs, by: 'library', progress }));
  }

  /** RUNNING or READY → FAILED with a code of the catalogue. @throws BAT-0102, INP-0301, INP-0308. */
  async failExecution(
    executionId: string,
    failure: { readonly errorCode: string; readonly message: string; readonly detail?: JsonValue },
  ): Promise<Execution> {
    const { errorCode, message, detail } = failure;
    const execution = requireActive(await this.getExecution(executionId), 'FAILED');
    const what = { code: knownCode(errorCode), message, ...(detail === undefined ? {} : { detail }) };
    return this.#write(failExecution(execution, what, { atMs: this.#clock.now(), by: 'library' }));
  }

  /** RUNNING or READY → STOPPED at an operator's word, audited. @throws BAT-0102, INP-0302, INP-0303, INP-0308. */
  async stopExecution(
    executionId: string,
    stop: { readonly operatorId: string; readonly reason: string },
  ): Promise<Execution> {
    const { operatorId, reason } = stop;
    const by = actionOf(operatorId, reason);
    requireManualAction(by, 'stop');
    const execution = requireActive(await this.getExecution(executionId), 'STOPPED');
    const atMs = this.#clock.now();
    const decision = stopExecution(execution, { operatorId, reason, atMs }, { atMs, by: operatorId });
    return this.#write(decision, [auditOf(by, execution, { action: 'STOP', atMs })]);
  }

  /** @throws INP-0308 for an id that was never recorded. */
  async getExecution(executionId: string): Promise<Execution> {
    const execution = await this.#find(executionId);
    if (execution !== undefined) return execution;
    throw opsException('INP-0308', `execution: ${executionId}; allowed: the id of a recorded execution`);
  }

  /** Closes the service's own store; a given one stays open. */
  async [Symbol.asyncDispose](): Promise<void> {
    const own = this.#own;
    this.#own = undefined;
    await (await own)?.close();
  }

  async #write(decision: ExecutionDecision<Execution>, more: readonly OpsChange[] = []): Promise<Execution> {
    const { execution, changes } = decision;
    const result = await this.#commit([...changes, ...more]);
    if (result === 'committed') return execution;
    throw opsException('BAT-0103', `execution ${execution.id} has moved on; read it and decide again`);
  }

  async #commit(changes: readonly OpsChange[]): Promise<CommitResult> {
    return (this.#alerts ?? (await this.#store())).commit(changes);
  }

  async #find(executionId: string): Promise<Execution | undefined> {
    return (await this.#store()).findExecution(executionId);
  }

  async #requireJob(jobId: string): Promise<void> {
    const job = (await (await this.#store()).readJobs()).find((candidate) => candidate.jobId === jobId);
    if (job?.isActive === true) return;
    const why = job === undefined ? 'unknown' : 'inactive';
    throw opsException('INP-0306', `jobId: ${jobId} is ${why}; allowed: an active job`, { data: { jobId } });
  }

  /** The given store, or one of its own that is made when it is first needed. */
  async #store(): Promise<OpsStore> {
    this.#own ??= this.#given === undefined && this.#alerts === undefined ? this.#openOwn() : undefined;
    const store = this.#given ?? (await this.#alerts?.store()) ?? (await this.#own);
    if (store === undefined) throw opsException('LOG-0101', 'the service has no store');
    return store;
  }

  #openOwn(): Promise<OpsStore> {
    return openSqliteStore({ path: ':memory:', now: () => this.#clock.now() });
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

/** Our own codes and those of the specification (`C1-BAT-001`, `C2-DQ-WARN`), kept as they were given. */
function knownCode(code: string): ErrorCode {
  const ofSpecification = /^C[12]-(INP|EXT|BAT|DQ|LOG|SYS)-(\d{3}|WARN)$/.test(code);
  if (findError(code) !== undefined || ofSpecification) return code as ErrorCode;
  throw opsException('INP-0301', `errorCode: ${code}; allowed: a declared code, such as BAT-0304`);
}

function requireSame(known: Execution, request: StartExecution, runType: RunType): Execution {
  if (known.jobId === request.jobId && known.runType === runType) return known;
  throw opsException(
    'BAT-0106',
    `executionId ${known.id} belongs to a ${known.runType} run of ${known.jobId}`,
  );
}

function auditOf(
  by: ManualAction,
  execution: Execution,
  act: { readonly action: 'START' | 'STOP'; readonly atMs: number },
): OpsChange {
  const { action, atMs } = act;
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

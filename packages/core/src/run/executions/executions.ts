import type { ManualAction } from '../../kernel/actor.ts';
import { uuidv7 } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import { redactObject, type Secret } from '../../kernel/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ActDraft, ManualActs } from '../../ports/manual-acts.ts';
import type { ProcessIdentity } from '../../ports/processes.ts';
import type { Randomness } from '../../ports/randomness.ts';
import { maxConcurrentOf } from '../targets/target-policies.ts';
import { requireRevision } from '../targets/target-rules.ts';
import type { TargetStates } from '../targets/target-states.ts';
import type { Execution, StopRequest } from './execution.ts';
import {
  claimExecution,
  createExecution,
  type EndedExecution,
  type NewExecution,
  type RunningExecution,
  requestStop,
  requireActive,
  stopExecution,
} from './execution-rules.ts';
import type { ExecutionRun } from './execution-run.ts';
import type { ExecutionStore } from './execution-store.ts';
import type { RunChange, Runs } from './runs.ts';

/** Asks for a manual run of a target. */
export interface TriggerAct {
  readonly targetId: string;
  readonly by: ManualAction;
  readonly params?: JsonObject | undefined;
  /** An ended execution that this run resumes. */
  readonly parentExecutionId?: string | undefined;
  readonly expectedRevision?: number | undefined;
}

/** Asks for the end of an execution. */
export interface StopAct {
  readonly executionId: string;
  readonly by: ManualAction;
}

/** What a manual act on executions did. */
export interface ExecutionAct {
  readonly auditSeq: number;
  readonly executionId: string;
  readonly repeated: boolean;
}

interface ExecutionsOptions {
  readonly states: TargetStates<RunChange>;
  readonly store: Pick<ExecutionStore, 'findExecution'>;
  readonly runs: Runs;
  readonly acts: ManualActs;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly owner: ProcessIdentity | undefined;
  /** Taken out of the parameters that are kept; the work itself is given them as they were asked for. */
  readonly secrets: readonly Secret[];
}

/** Starts and stops executions at an operator's word; every act is audited in the transaction that makes it true. */
export class Executions {
  readonly #options: ExecutionsOptions;

  constructor(options: ExecutionsOptions) {
    this.#options = options;
  }

  /**
   * Starts a MANUAL run now, also while the target is paused or suspended; a success ends a suspension,
   * a failure does not count towards one.
   * @throws BAT-0101 when the target is busy, BAT-0105, BAT-0106, INP-0302, INP-0306, INP-0308.
   */
  trigger(act: TriggerAct): Promise<ExecutionAct> {
    const { states, acts, runs, secrets } = this.#options;
    const params = redactObject(act.params ?? {}, secrets);
    const body = {
      target: act.targetId,
      params,
      ...(act.parentExecutionId === undefined ? {} : { parent: act.parentExecutionId }),
    };
    const draft: ActDraft = { by: act.by, permission: 'RUN', name: 'trigger', body };
    return states.exclusively(async () => {
      const definition = states.requireDefinition(act.targetId);
      const repeat = await acts.admit(draft);
      if (repeat !== undefined)
        return { executionId: repeat.executionId ?? '', auditSeq: repeat.auditSeq, repeated: true };
      requireRevision(states.require(act.targetId), act.expectedRevision);
      this.#requireFree(act.targetId);
      const { execution, changes } = await this.#newManualRun(act, params);
      const record = acts.record(draft, {
        auditType: 'BATCH_START',
        targetType: 'BATCH_EXECUTION',
        targetId: act.targetId,
        action: 'START',
        after: { executionId: execution.id, runType: 'MANUAL', params },
        executionId: execution.id,
      });
      if ((await states.commit([...changes, record], [])) === 'conflict') throw busy(act.targetId, undefined);
      runs.launch(definition, execution, act.params);
      return { auditSeq: await acts.lastSeq(), executionId: execution.id, repeated: false };
    });
  }

  /**
   * Ends a READY or RUNNING execution as STOPPED. A running one shows STOPPING until its work has really ended.
   * @throws BAT-0102 when it has ended, INP-0308, INP-0302.
   */
  stop(act: StopAct): Promise<ExecutionAct> {
    const { states, acts } = this.#options;
    const draft: ActDraft = {
      by: act.by,
      permission: 'STOP',
      name: 'stop',
      body: { execution: act.executionId },
    };
    return states.exclusively(async () => {
      const execution = await this.#require(act.executionId);
      const repeat = await acts.admit(draft);
      if (repeat !== undefined)
        return { auditSeq: repeat.auditSeq, executionId: act.executionId, repeated: true };
      const stop = {
        operatorId: act.by.actor.operatorId,
        atMs: this.#options.clock.now(),
        reason: act.by.reason,
      };
      await this.#stopActive(execution, stop, draft);
      return { auditSeq: await acts.lastSeq(), executionId: act.executionId, repeated: false };
    });
  }

  async #stopActive(stored: Execution, stop: StopRequest, draft: ActDraft): Promise<void> {
    const { states, acts, runs } = this.#options;
    const run = runs.find(stored.id);
    const active = requireActive(run?.execution ?? stored, 'STOPPED');
    if (run !== undefined) requireStoppable(run);
    const decision =
      run === undefined
        ? stopExecution(active, stop, { atMs: stop.atMs, by: stop.operatorId })
        : requestStop(run.execution, stop);
    const record = acts.record(draft, {
      auditType: 'BATCH_STOP',
      targetType: 'BATCH_EXECUTION',
      targetId: stored.jobId,
      action: 'STOP',
      before: { status: active.status },
      after: { status: run === undefined ? 'STOPPED' : 'STOPPING' },
      executionId: stored.id,
    });
    const follow = run === undefined ? runs.followOfStop(decision.execution as EndedExecution) : undefined;
    const changes = [...decision.changes, record, ...(follow?.changes ?? [])];
    if ((await states.commit(changes, follow?.states ?? [])) === 'conflict') {
      throw opsException('BAT-0103', `execution ${stored.id} has moved on; look at it and decide again`);
    }
    if (run === undefined) {
      if (follow !== undefined) runs.dequeue(stored, follow);
      return;
    }
    run.execution = decision.execution as RunningExecution;
    run.requestStop(stop);
  }

  async #newManualRun(
    act: TriggerAct,
    params: JsonObject,
  ): Promise<{ execution: RunningExecution; changes: readonly RunChange[] }> {
    const { clock, randomness, owner } = this.#options;
    const atMs = clock.now();
    const parent =
      act.parentExecutionId === undefined ? undefined : await this.#require(act.parentExecutionId);
    if (parent !== undefined) requireResumable(parent, act.targetId);
    const fields: NewExecution = {
      id: uuidv7(atMs, randomness.bytes(10)),
      jobId: act.targetId,
      runType: 'MANUAL',
      atMs,
      operatorId: act.by.actor.operatorId,
      operatorNote: act.by.reason,
      idempotencyKey: act.by.requestId,
      ...(act.params === undefined ? {} : { params }),
      ...(parent === undefined ? {} : { parent }),
    };
    const created = createExecution(fields, act.by.actor.operatorId);
    const lane = this.#options.runs.freeLane(act.targetId);
    const claimed = claimExecution(created.execution, owner, { atMs, lane });
    return { execution: claimed.execution, changes: [...created.changes, ...claimed.changes] };
  }

  #requireFree(targetId: string): void {
    const { runs } = this.#options;
    const { policies } = this.#options.states.requireDefinition(targetId);
    const { running, waiting } = runs.occupiedBy(targetId);
    if (waiting + running >= maxConcurrentOf(policies)) {
      throw busy(targetId, runs.of(targetId)[0]?.execution.id ?? runs.waiting(targetId)[0]?.execution.id);
    }
    if (runs.draining)
      throw opsException('BAT-0101', `target ${targetId}: the engine is stopping, nothing is started`);
  }

  async #require(executionId: string): Promise<Execution> {
    const execution = await this.#options.store.findExecution(executionId);
    if (execution !== undefined) return execution;
    throw opsException('INP-0308', `execution: ${executionId}; allowed: the id of a recorded execution`, {
      data: { executionId: executionId.slice(0, 60) },
    });
  }
}

/** A stop that comes too late would be recorded for a run that ended by itself. */
function requireStoppable(run: ExecutionRun): void {
  const { id } = run.execution;
  const why = run.ended ? 'has just ended; its end is being written' : 'is stopping already';
  if (run.ended || run.stopping) {
    throw opsException('BAT-0102', `execution ${id} ${why}`, { data: { executionId: id } });
  }
}

function requireResumable(parent: Execution, targetId: string): void {
  if (parent.jobId !== targetId) {
    throw opsException(
      'INP-0301',
      `parent: execution ${parent.id} belongs to ${parent.jobId}, not to ${targetId}`,
    );
  }
  requireEnded(parent);
}

function requireEnded(parent: Execution): void {
  if (parent.status !== 'READY' && parent.status !== 'RUNNING') return;
  throw opsException(
    'BAT-0102',
    `parent ${parent.id} is ${parent.status}; only an ended execution can be resumed`,
  );
}

function busy(targetId: string, executionId: string | undefined) {
  const which =
    executionId === undefined ? 'a function that was ended has not settled yet' : `execution ${executionId}`;
  return opsException('BAT-0101', `target ${targetId} is busy: ${which}`, {
    data: { targetId, ...(executionId === undefined ? {} : { executionId }) },
  });
}

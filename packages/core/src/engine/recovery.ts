import type { AuditEntry } from '../guard/audit/audit-entry.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { LastWord, Processes, ProcessIdentity } from '../ports/processes.ts';
import type { Execution } from '../run/executions/execution.ts';
import { type EndedExecution, failExecution, requireActive } from '../run/executions/execution-rules.ts';
import type { RunChange } from '../run/executions/runs.ts';
import type { TargetDefinition, TargetState } from '../run/targets/target.ts';
import { afterLostRun, causeOfTurn, type RunEnd, updateOf } from '../run/targets/target-rules.ts';
import type { OpsStore } from './ops-store.ts';

interface RecoveryOptions {
  readonly store: OpsStore;
  /** Absent where nothing outlives the engine. */
  readonly processes: Processes | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stateFolder: string;
  readonly definitions: ReadonlyMap<string, TargetDefinition>;
  readonly self: ProcessIdentity;
}

/** How what a dead engine left is closed. Written together with what follows from it, or not at all. */
export interface Recovery {
  readonly closedExecutions: readonly EndedExecution[];
  readonly changes: readonly RunChange[];
  /** Every stored state as `changes` leave it, also of targets the config no longer names. */
  readonly states: readonly TargetState[];
  /** Says what was closed; called once it was committed. */
  committed(): void;
}

/**
 * Decides how to close what a dead engine left (rule S14). We hold the lock of the state folder, so every owner of an
 * active row is dead; its surviving process groups are ended here, then its rows may become FAILED BAT-0301.
 */
export async function recoverOrphans(options: RecoveryOptions): Promise<Recovery> {
  const { store, processes, logger, stateFolder } = options;
  const active = await store.readActive();
  // Group numbers of an earlier boot mean nothing now; what ran then is gone with it.
  const thisBoot = active.filter((execution) => execution.owner?.bootId === options.self.bootId);
  const groups = thisBoot.flatMap((execution) =>
    execution.processGroup === undefined ? [] : [execution.processGroup],
  );
  const ended = (await processes?.endLeftovers(stateFolder, groups)) ?? [];
  if (ended.length > 0) {
    logger.warn('ended processes that a dead engine had left', { pids: ended.map((process) => process.pid) });
  }
  return closeRows(options, active);
}

async function closeRows(options: RecoveryOptions, active: readonly Execution[]): Promise<Recovery> {
  const { store, clock, logger } = options;
  const states = new Map((await store.readTargetStates()).map((state) => [state.targetId, state]));
  const lastWord = options.processes?.lastWord?.(options.stateFolder);
  const rows = active.map((execution) => closeRow(options, { execution, states, lastWord }));
  return {
    closedExecutions: rows.map((row) => row.execution),
    changes: rows.flatMap((row) => row.changes),
    states: [...states.values()],
    committed: () => {
      for (const { id: executionId, jobId: targetId } of active) {
        const fields = { executionId, targetId, code: 'BAT-0301', atMs: clock.now() };
        logger.warn('closed an execution of a dead engine', fields);
      }
    },
  };
}

interface LeftRow {
  readonly execution: Execution;
  readonly states: Map<string, TargetState>;
  readonly lastWord: LastWord | undefined;
}

function closeRow(
  options: RecoveryOptions,
  { execution, states, lastWord }: LeftRow,
): { readonly execution: EndedExecution; readonly changes: readonly RunChange[] } {
  const { clock, self, definitions } = options;
  const atMs = Math.max(clock.now(), execution.startedAtMs ?? execution.createdAtMs);
  const started = execution.status === 'RUNNING';
  const message = started
    ? `the engine that ran it is dead (${describeOwner(execution.owner)}${deathOf(execution, lastWord)}); how far the work came is not known`
    : 'the engine that should have started it is dead; it never ran';
  const closed = failExecution(
    requireActive(execution, 'FAILED'),
    { code: 'BAT-0301', message, outcomeKnown: !started },
    { atMs, by: 'system:recovery' },
  );
  const audit = recoveryAudit(execution, { atMs, message, host: self.host });
  const changes: RunChange[] = [...closed.changes, { kind: 'audit.append', entry: audit }];
  const state = states.get(execution.jobId);
  // What never ran says nothing about its target.
  if (state === undefined || !started) return { execution: closed.execution, changes };
  const end: RunEnd = {
    executionId: execution.id,
    status: 'FAILED',
    scheduled: execution.runType === 'AUTO',
    endedAtMs: atMs,
    errorCode: 'BAT-0301',
    errorMessage: message,
    ...(execution.startedAtMs === undefined ? {} : { startedAtMs: execution.startedAtMs }),
  };
  const suspect = isBystander(execution, lastWord) ? undefined : definitions.get(execution.jobId);
  const next = afterLostRun(state, end, suspect);
  states.set(execution.jobId, next.state);
  const update = updateOf(state, next.state, causeOfTurn(next.turn));
  return { execution: closed.execution, changes: [...changes, update] };
}

function recoveryAudit(
  execution: Execution,
  closing: { readonly atMs: number; readonly message: string; readonly host: string },
): AuditEntry {
  return {
    atMs: closing.atMs,
    auditType: 'SYSTEM_RECOVERY',
    targetType: 'BATCH_EXECUTION',
    targetId: execution.jobId,
    action: 'UPDATE',
    before: { status: execution.status },
    after: { status: 'FAILED', errorCode: 'BAT-0301' },
    operatorId: 'system:recovery',
    operatorMethod: 'system',
    operatorReason: closing.message,
    outcome: 'OK',
    requestId: `recovery:${execution.id}`,
    executionId: execution.id,
    host: closing.host,
  };
}

/** Whether a row is of exactly the process that left the word. */
function isOf(word: LastWord, { owner }: Execution): boolean {
  const { bootId, pid, startTick } = word.owner;
  return owner?.bootId === bootId && owner.pid === pid && owner.startTick === startTick;
}

/** Whether the engine that ran it said that it died of the error of another target. */
function isBystander(execution: Execution, word: LastWord | undefined): boolean {
  if (word?.origin === undefined || !isOf(word, execution)) return false;
  return word.origin.targetId !== execution.jobId;
}

/** Why the owner of a row died, where it could still say so. */
function deathOf(execution: Execution, word: LastWord | undefined): string {
  if (word === undefined || !isOf(word, execution)) return '';
  const { id } = execution;
  const { origin } = word;
  const other = origin === undefined ? 'somebody' : `target ${origin.targetId}`;
  const thrower = origin?.executionId === id ? 'this run' : other;
  return `, ended by an error that ${thrower} threw and nobody caught: ${word.message}`;
}

function describeOwner(owner: ProcessIdentity | undefined): string {
  return owner === undefined ? 'owner unknown' : `pid ${owner.pid}, boot ${owner.bootId.slice(0, 8)}`;
}

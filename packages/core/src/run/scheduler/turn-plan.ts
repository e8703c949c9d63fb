import type { ProcessIdentity } from '../../ports/processes.ts';
import type { SlotSkip } from '../executions/execution.ts';
import {
  claimExecution,
  createExecution,
  type ReadyExecution,
  type RunningExecution,
  slotExecutionId,
} from '../executions/execution-rules.ts';
import type { ExecutionChange } from '../executions/execution-store.ts';
import type { TargetDefinition, TargetState } from '../targets/target.ts';
import { beginProbe, updateOf } from '../targets/target-rules.ts';
import type { TargetChange } from '../targets/target-store.ts';
import type { Turn } from './turn-rules.ts';

/** What the loop may write. */
export type SchedulerChange = ExecutionChange | TargetChange;

/** A turn with the rows it becomes. */
export interface PlannedTurn {
  readonly definition: TargetDefinition;
  readonly state: TargetState;
  readonly changes: readonly SchedulerChange[];
  /** The execution whose work starts once the changes are committed. */
  readonly running: RunningExecution | undefined;
  readonly waiting: readonly ReadyExecution[];
  /** The same turn when its slots turn out to be recorded already: they are skipped as duplicates. */
  withoutStarts(): PlannedTurn;
}

interface TurnPlanInput {
  readonly definition: TargetDefinition;
  readonly state: TargetState;
  readonly turn: Turn;
  readonly nowMs: number;
  readonly owner: ProcessIdentity | undefined;
}

/** Turns a decision about slots into rows: executions, skips and the target's next state. */
export function planTurn(input: TurnPlanInput): PlannedTurn {
  const { definition, state, turn } = input;
  const [first, ...others] = turn.starts.map((slotMs) => newSlotRun(input, slotMs));
  const claimed = first === undefined ? undefined : claimExecution(first.execution, input.owner, input.nowMs);
  const next = nextState(state, turn, claimed?.execution);
  const changes: SchedulerChange[] = [
    ...(first?.changes ?? []),
    ...(claimed?.changes ?? []),
    ...others.flatMap((other) => other.changes),
    ...turn.skips.map((skip): SchedulerChange => ({ kind: 'slot.skip', skip, atMs: input.nowMs })),
    updateOf(state, next, 'slot'),
  ];
  return {
    definition,
    state: next,
    changes,
    running: claimed?.execution,
    waiting: others.map((other) => other.execution),
    withoutStarts: () => planTurn({ ...input, turn: skipStarts(input) }),
  };
}

function newSlotRun(input: TurnPlanInput, slotMs: number) {
  const { definition, state, nowMs } = input;
  const id = slotExecutionId({
    targetId: definition.id,
    slotMs,
    clockEra: state.clockEra,
    attempt: 1,
    replayGeneration: 0,
  });
  return createExecution(
    { id, jobId: definition.id, runType: 'AUTO', atMs: nowMs, scheduledAtMs: slotMs },
    'scheduler',
  );
}

function nextState(state: TargetState, turn: Turn, started: RunningExecution | undefined): TargetState {
  const { nextSlotMs: _fixed, ...rest } = state;
  const { breaker } = state;
  const probes = turn.probe && breaker.kind === 'open' && started !== undefined;
  return {
    ...rest,
    revision: state.revision + 1,
    cursorMs: turn.cursorMs,
    ...(turn.nextSlotMs === undefined ? {} : { nextSlotMs: turn.nextSlotMs }),
    breaker: probes ? beginProbe(breaker, started.id) : breaker,
  };
}

function skipStarts(input: TurnPlanInput): Turn {
  const { turn, definition, nowMs } = input;
  const [fromMs, toMs] = [turn.starts[0], turn.starts.at(-1)];
  const duplicate: readonly SlotSkip[] =
    fromMs === undefined || toMs === undefined
      ? []
      : [
          {
            targetId: definition.id,
            reason: 'duplicate',
            fromMs,
            toMs,
            count: turn.starts.length,
            capped: false,
          },
        ];
  const schedule = definition.schedule;
  const delay =
    schedule?.kind === 'interval' && schedule.mode === 'delay'
      ? { nextSlotMs: nowMs + schedule.everyMs }
      : {};
  return { ...turn, starts: [], probe: false, skips: [...turn.skips, ...duplicate], ...delay };
}

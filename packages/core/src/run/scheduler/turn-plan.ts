import { spreadFraction } from '../../kernel/ids.ts';
import { stopWaiting, type WaitingRun, waitsFromMsOf } from '../executions/dispatch-rules.ts';
import type { SlotSkip } from '../executions/execution.ts';
import { createExecution, slotExecutionId } from '../executions/execution-rules.ts';
import type { DispatchRequest, Follow, RunChange } from '../executions/runs.ts';
import type { TargetDefinition, TargetState } from '../targets/target.ts';
import { beginProbe, updateOf } from '../targets/target-rules.ts';
import type { StartSlot, Turn } from './turn-rules.ts';

/** What the loop may write. */
export type SchedulerChange = RunChange;

/** A turn with the rows it becomes. */
export interface PlannedTurn {
  readonly definition: TargetDefinition;
  readonly state: TargetState;
  readonly changes: readonly SchedulerChange[];
  /** READY executions that wait to be started from the commit on. */
  readonly runs: readonly WaitingRun[];
  /** Waiting ones that gave way to them. */
  readonly replaced: readonly WaitingRun[];
  readonly skips: readonly SlotSkip[];
  /** The target's runs that go on are to be stopped. */
  readonly cancelsRunning: boolean;
  /** The same turn when its slots turn out to be recorded already: they are skipped as duplicates. */
  withoutStarts(): PlannedTurn;
}

interface TurnPlanInput {
  readonly definition: TargetDefinition;
  readonly state: TargetState;
  readonly turn: Turn;
  readonly nowMs: number;
  /** What of the target waits already. */
  readonly waiting: readonly WaitingRun[];
}

/** Turns a decision about slots into rows: executions, skips and the target's next state. */
export function planTurn(input: TurnPlanInput): PlannedTurn {
  const { definition, state, turn, nowMs } = input;
  const changes: SchedulerChange[] = [];
  const runs: WaitingRun[] = [];
  const replaced = turn.replacesWaiting ? input.waiting : [];
  for (const start of turn.starts) {
    const { run, changes: created } = newSlotRun(input, start);
    changes.push(...created);
    runs.push(inPlaceOf(replaced, run));
  }
  for (const run of replaced) changes.push(...stopWaiting(run, 'a newer slot took its place', nowMs).changes);
  for (const skip of turn.skips) changes.push({ kind: 'slot.skip', skip, atMs: nowMs });
  const next = nextState(state, turn, runs[0]);
  changes.push(updateOf(state, next, 'slot'));
  return {
    definition,
    state: next,
    changes,
    runs,
    replaced,
    skips: turn.skips,
    cancelsRunning: turn.cancelsRunning,
    withoutStarts: () => planTurn({ ...input, turn: skipStarts(input) }),
  };
}

/** What turns and what follows from them ask of the dispatch. */
export function requestOf(planned: readonly PlannedTurn[], follow: Follow): DispatchRequest {
  return {
    added: [...planned.flatMap((turn) => turn.runs), ...follow.runs],
    removed: [...planned.flatMap((turn) => turn.replaced), ...follow.removed],
    states: [...planned.map((turn) => turn.state), ...follow.states],
    follow,
  };
}

/** When a run of a slot may start: at the slot, or after the target's jitter, which its id decides. */
function dueMsOf(definition: TargetDefinition, executionId: string, slotMs: number): number {
  const { jitterMs } = definition.policies;
  return jitterMs === 0 ? slotMs : slotMs + Math.round(jitterMs * spreadFraction('jitter', executionId));
}

function newSlotRun(input: TurnPlanInput, start: StartSlot) {
  const { definition, state, nowMs } = input;
  const { slotMs } = start;
  const id = slotExecutionId({
    targetId: definition.id,
    slotMs,
    clockEra: state.clockEra,
    attempt: 1,
    replayGeneration: 0,
  });
  // A dependent may be told of a slot from before the clock was set back: it does not wait until the clock is there again.
  const notBeforeMs = dueMsOf(definition, id, Math.min(slotMs, nowMs));
  const { missedCount, missedFromMs } = start;
  const { execution, changes } = createExecution(
    {
      id,
      jobId: definition.id,
      runType: 'AUTO',
      atMs: nowMs,
      scheduledAtMs: slotMs,
      dueMs: notBeforeMs,
      ...(missedCount === undefined ? {} : { missedCount }),
      ...(missedFromMs === undefined ? {} : { missedFromMs }),
    },
    'scheduler',
  );
  const run: WaitingRun = { execution, definition, notBeforeMs };
  return { run, changes };
}

/** It goes on waiting for those it stands for: else a target whose slots come often would wait for ever in a full pool. */
function inPlaceOf(replaced: readonly WaitingRun[], run: WaitingRun): WaitingRun {
  if (replaced.length === 0) return run;
  return { ...run, waitsFromMs: Math.min(...replaced.map(waitsFromMsOf)) };
}

function nextState(state: TargetState, turn: Turn, started: WaitingRun | undefined): TargetState {
  const { breaker } = state;
  const probes = turn.probe && breaker.kind === 'open' && started !== undefined;
  const next = {
    ...state,
    revision: state.revision + 1,
    cursorMs: turn.cursorMs,
    breaker: probes ? beginProbe(breaker, started.execution.id) : breaker,
  };
  if (state.nextSlotMs === undefined && turn.nextSlotMs === undefined) return next;
  const { nextSlotMs: _fixed, ...rest } = next;
  return turn.nextSlotMs === undefined ? rest : { ...rest, nextSlotMs: turn.nextSlotMs };
}

function skipStarts(input: TurnPlanInput): Turn {
  const { turn, definition, nowMs } = input;
  const [first, last] = [turn.starts[0], turn.starts.at(-1)];
  const duplicate: SlotSkip | undefined =
    first === undefined || last === undefined
      ? undefined
      : {
          targetId: definition.id,
          reason: 'duplicate',
          fromMs: first.slotMs,
          toMs: last.slotMs,
          count: turn.starts.length,
          capped: false,
        };
  const { schedule } = definition;
  const isDelay = schedule?.kind === 'interval' && schedule.mode === 'delay';
  return {
    ...turn,
    starts: [],
    probe: false,
    replacesWaiting: false,
    cancelsRunning: false,
    skips: duplicate === undefined ? turn.skips : [...turn.skips, duplicate],
    ...(isDelay ? { nextSlotMs: nowMs + schedule.everyMs } : {}),
  };
}

import type { Execution } from '../../run/executions/execution.ts';
import {
  type EndedExecution,
  failExecution,
  stopExecution,
  succeedExecution,
} from '../../run/executions/execution-rules.ts';
import type { RunEnd } from '../../run/targets/target-rules.ts';
import type { SimulatedRun } from './simulated-runs.ts';
import type { SimulatedOutcome, SimulatedRunEvent } from './simulation-events.ts';

const FAILURE = { code: 'BAT-0304', message: 'simulated failure' } as const;
const TIMEOUT = { code: 'BAT-0303', message: 'simulated time-out' } as const;

/** How a simulated run ends at an instant: stopped, timed out, or as the simulation was told. */
export function endSimulatedRun(run: SimulatedRun, outcome: SimulatedOutcome, atMs: number) {
  const { execution, stop } = run;
  const end = { atMs, by: 'scheduler' };
  if (stop !== undefined) return stopExecution(execution, stop, end);
  if (run.timesOut) return failExecution(execution, TIMEOUT, end);
  return outcome === 'SUCCESS' ? succeedExecution(execution, end) : failExecution(execution, FAILURE, end);
}

/** The end of a run as its target's state takes it. */
export function runEndOf(execution: EndedExecution, isLast: boolean): RunEnd {
  const { id, status, startedAtMs, endedAtMs, errorCode } = execution;
  return {
    executionId: id,
    status,
    scheduled: isLast,
    endedAtMs: endedAtMs ?? execution.createdAtMs,
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(errorCode === undefined ? {} : { errorCode }),
  };
}

/** An execution as the simulation tells it. */
export function runEvent(execution: Execution, waitedMs: number): SimulatedRunEvent {
  const { jobId, scheduledAtMs, createdAtMs, startedAtMs, endedAtMs, missedCount } = execution;
  return {
    kind: 'run',
    targetId: jobId,
    slotMs: scheduledAtMs ?? createdAtMs,
    ...(startedAtMs === undefined ? {} : { startMs: startedAtMs }),
    ...(endedAtMs === undefined ? {} : { endMs: endedAtMs }),
    status: execution.status,
    attempt: execution.attempt,
    late: execution.late,
    waitedMs,
    ...(missedCount === undefined ? {} : { missedCount }),
  };
}

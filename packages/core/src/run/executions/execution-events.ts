import type { Execution, SlotSkip } from './execution.ts';

/** What every event about an execution says. */
export interface ExecutionEvent {
  readonly executionId: string;
  readonly targetId: string;
  readonly runType: string;
  readonly atMs: number;
  readonly errorCode?: string;
}

/** What the executions chapter says, in the past tense. */
export interface ExecutionEvents {
  'execution.created': ExecutionEvent;
  'execution.started': ExecutionEvent;
  'execution.progressed': ExecutionEvent;
  'execution.succeeded': ExecutionEvent;
  'execution.failed': ExecutionEvent;
  'execution.stopped': ExecutionEvent;
  'slot.skipped': SlotSkip;
}

const ENDED = {
  SUCCESS: 'execution.succeeded',
  FAILED: 'execution.failed',
  STOPPED: 'execution.stopped',
} as const;

/** The name of the event that a written execution stands for. `from` is the status before the write. */
export function executionEventName(execution: Execution, from: string): keyof ExecutionEvents {
  if (execution.status === 'READY') return 'execution.created';
  if (execution.status === 'RUNNING') return from === 'READY' ? 'execution.started' : 'execution.progressed';
  return ENDED[execution.status];
}

/** The payload of an event about an execution. */
export function executionEvent(execution: Execution, atMs: number): ExecutionEvent {
  return {
    executionId: execution.id,
    targetId: execution.jobId,
    runType: execution.runType,
    atMs,
    ...(execution.errorCode === undefined ? {} : { errorCode: execution.errorCode }),
  };
}

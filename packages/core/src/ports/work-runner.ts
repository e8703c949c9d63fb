import type { ErrorCode } from '../kernel/define-errors.ts';
import type { JsonObject, JsonValue } from '../kernel/json.ts';
import type { Progress, TargetWork } from './target.ts';

/** A process group as it was recorded: the number alone may be reused, with the start tick it cannot. */
export interface ProcessGroup {
  readonly pgid: number;
  /** Kernel start tick of the group's leader; absent where the system does not tell. */
  readonly startTick?: number;
}

/** What a piece of work is given besides what it is. */
export interface WorkStart {
  readonly executionId: string;
  readonly targetId: string;
  readonly fence: number;
  readonly slotMs?: number;
  readonly params: JsonObject;
  readonly onProgress: (progress: Progress) => void;
  /** Raw output as it arrives, already bounded in rate by the runner. */
  readonly onOutput: (chunk: string) => void;
  /** Called once, as soon as the child's group exists. */
  readonly onProcessGroup: (group: ProcessGroup) => void;
}

/** How a piece of work ended. Whether a returned value is a failure is decided by the caller (`failWhen`). */
export type WorkOutcome =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  | {
      readonly kind: 'exited';
      readonly exitCode: number;
      readonly success: boolean;
      readonly detail: JsonObject;
    }
  | { readonly kind: 'signalled'; readonly signal: string; readonly detail: JsonObject }
  | {
      readonly kind: 'not-started';
      readonly code: ErrorCode;
      readonly message: string;
      readonly detail: JsonValue;
    };

/** A running piece of work. */
export interface WorkHandle {
  /** Resolves once, when the work and everything it started has ended; never rejects. */
  readonly settled: Promise<WorkOutcome>;
  /** Asks the work to end: aborts the signal, or sends SIGTERM to the whole group. */
  requestStop(reason: Error): void;
  /** Ends the work now (SIGKILL to the whole group). False when it cannot be killed: a function in our own process. */
  kill(): boolean;
}

/** Starts work of one or more kinds. Starting never throws; a start that fails settles as `not-started`. */
export interface WorkRunner {
  start(work: TargetWork, start: WorkStart): WorkHandle;
}

import type { SlotSkip } from '../../run/executions/execution.ts';
import type { TargetDefinition } from '../../run/targets/target.ts';

/** A run as the simulation saw it; one that never started has no `startMs`. */
export interface SimulatedRunEvent {
  readonly kind: 'run';
  readonly targetId: string;
  readonly slotMs: number;
  readonly startMs?: number;
  /** Absent while it goes on or waits at the end of the span. */
  readonly endMs?: number;
  /** `READY` and `RUNNING` only at the end of the span. */
  readonly status: 'SUCCESS' | 'FAILED' | 'STOPPED' | 'READY' | 'RUNNING';
  readonly attempt: number;
  /** Started more than a second after its slot. */
  readonly late: boolean;
  /** How long it could have started but had to wait for its target or its pool, ms. */
  readonly waitedMs: number;
  /** So many missed slots it stands for besides its own. */
  readonly missedCount?: number;
}

/** Slots in a row that were not run, for one reason. */
export interface SimulatedSkipEvent extends SlotSkip {
  readonly kind: 'skip';
}

/** Something that a simulated engine would write down. */
export type SimulationEvent = SimulatedRunEvent | SimulatedSkipEvent;

/** How a simulated run ends. */
export type SimulatedOutcome = 'SUCCESS' | 'FAILED';

/** A configuration, and how its runs would go. */
export interface SimulationInput {
  readonly definitions: readonly TargetDefinition[];
  /** How many runs may go on at once in a pool, by its name. */
  readonly pools?: Readonly<Record<string, number>> | undefined;
  /** The engine starts here: slots after it count. */
  readonly fromMs: number;
  /** A slot exactly at `fromMs` counts too: the span is one of a running engine. Default false. */
  readonly includesFrom?: boolean | undefined;
  /** The last instant that is looked at; slots up to and including it count. */
  readonly toMs: number;
  /** How long a run of a slot takes; default 0 ms. Beyond the target's time-out it fails then. */
  readonly durationMs?: ((definition: TargetDefinition, slotMs: number) => number) | undefined;
  /** How an attempt at a slot ends; default SUCCESS. */
  readonly outcome?:
    | ((definition: TargetDefinition, slotMs: number, attempt: number) => SimulatedOutcome)
    | undefined;
}

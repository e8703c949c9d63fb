import { maxConcurrentOf, type TargetPolicies } from '../targets/target-policies.ts';

/** What of a target goes on at the moment of a look. */
export interface Occupied {
  /** Runs that go on, also functions that go on although they were ended. */
  readonly running: number;
  /** READY executions that wait to be started. */
  readonly waiting: number;
}

/** Where due slots go when their target may run. */
export interface Placement {
  /** Become executions, oldest first. */
  readonly starts: readonly number[];
  /** Are recorded as skipped with reason `overlap`. */
  readonly overlaps: readonly number[];
  /** The executions that wait give way to the new one. */
  readonly replacesWaiting: boolean;
  /** The runs that go on are stopped, so that the new one can start. */
  readonly cancelsRunning: boolean;
}

/**
 * Applies a target's overlap policy (rule S8) to slots that are due together, oldest first. Slots that became due
 * while nothing of the target went on (a stall) follow each other, except where only the newest counts.
 */
export function placeSlots(
  slots: readonly number[],
  policies: TargetPolicies,
  occupied: Occupied,
): Placement {
  const free = occupied.waiting + occupied.running < maxConcurrentOf(policies);
  const { overlap } = policies;
  switch (overlap.kind) {
    case 'skip':
    case 'allow':
      return free ? start(slots) : { ...start([]), overlaps: slots };
    case 'queue': {
      const room = Math.max(0, overlap.max - occupied.waiting) + (free ? 1 : 0);
      return { ...start(slots.slice(0, room)), overlaps: slots.slice(room) };
    }
    case 'queue-one':
      return free ? firstAndNewest(slots) : { ...newest(slots), replacesWaiting: slots.length > 0 };
    case 'cancel-running':
      return free
        ? newest(slots)
        : { ...newest(slots), replacesWaiting: slots.length > 0, cancelsRunning: slots.length > 0 };
    default:
      return overlap satisfies never;
  }
}

function start(starts: readonly number[]): Placement {
  return { starts, overlaps: [], replacesWaiting: false, cancelsRunning: false };
}

function newest(slots: readonly number[]): Placement {
  return { ...start(slots.slice(-1)), overlaps: slots.slice(0, -1) };
}

function firstAndNewest(slots: readonly number[]): Placement {
  if (slots.length < 2) return start(slots);
  return { ...start([...slots.slice(0, 1), ...slots.slice(-1)]), overlaps: slots.slice(1, -1) };
}

import { type Execution, isTerminal } from '../executions/execution.ts';
import type { Dependency } from '../targets/target-policies.ts';

/** How a slot of a target ended: its last attempt succeeded, it did not, or nothing was run for the slot. */
export type Conclusion = 'succeeded' | 'failed' | 'skipped';

/**
 * What becomes of a dependent's slot from what its parents' same slot came to; `undefined` means not concluded yet.
 * Nothing is decided before every parent has concluded, except what no later one could change.
 */
export function concludeDependent(
  dependency: Dependency,
  parents: ReadonlyArray<Conclusion | undefined>,
): 'run' | 'skip' | 'wait' {
  const open = parents.includes(undefined);
  switch (dependency.on) {
    case 'success':
      if (parents.some((parent) => parent === 'failed' || parent === 'skipped')) return 'skip';
      return open ? 'wait' : 'run';
    case 'all-done':
      if (parents.includes('skipped')) return 'skip';
      return open ? 'wait' : 'run';
    case 'any-failed':
      if (open) return 'wait';
      return parents.includes('failed') ? 'run' : 'skip';
    default:
      return dependency.on satisfies never;
  }
}

/** Whether one parent that skipped its slot settles the dependent's, whatever the others come to. */
export function isSettledBySkip(dependency: Dependency): boolean {
  return dependency.on !== 'any-failed' || dependency.after.length === 1;
}

/** What a slot came to with an execution that is its last attempt; absent before its end. */
export function conclusionOf(execution: Execution): Conclusion | undefined {
  const { status, attempt, startedAtMs } = execution;
  if (!isTerminal(status)) return undefined;
  if (status === 'SUCCESS') return 'succeeded';
  // What was ended while it waited has done nothing that a dependent could clean up after.
  return startedAtMs === undefined && attempt === 1 ? 'skipped' : 'failed';
}

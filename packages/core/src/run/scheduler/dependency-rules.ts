import type { Dependency } from '../targets/target-policies.ts';

/** How a slot of a target ended: its last attempt succeeded, it did not, or the slot was skipped. */
export type Conclusion = 'succeeded' | 'failed' | 'skipped';

/**
 * What becomes of a dependent's slot from what its parents' same slot came to; `undefined` means not concluded yet.
 * Nothing is decided before every parent has concluded, except that one that did not succeed settles `success`.
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
      if (open) return 'wait';
      return parents.includes('skipped') ? 'skip' : 'run';
    case 'any-failed':
      if (open) return 'wait';
      return parents.includes('failed') ? 'run' : 'skip';
    default:
      return dependency.on satisfies never;
  }
}

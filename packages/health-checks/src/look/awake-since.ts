import type { CheckCall } from '@qts-ops/core/plugin';

/**
 * The end of the last sleep of this machine, ms UTC: what was silent meanwhile gets its whole time once more. Undefined
 * where it did not sleep, and where the last look found a failure: a sleep mends nothing.
 */
export function awakeSince({ gap, previous }: CheckCall): number | undefined {
  return gap?.reason === 'suspended' && previous?.status !== 'fail' ? gap.toMs : undefined;
}

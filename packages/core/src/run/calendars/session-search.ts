import type { Session } from './calendar.ts';

/**
 * Index of the first session for which `test` holds, or the number of sessions. `test` must be false for a number of
 * sessions from the start and true for all others; the cost grows with the logarithm of their number.
 */
export function firstIndexWhere(sessions: readonly Session[], test: (session: Session) => boolean): number {
  let low = 0;
  let high = sessions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const session = sessions[middle];
    if (session !== undefined && test(session)) high = middle;
    else low = middle + 1;
  }
  return low;
}

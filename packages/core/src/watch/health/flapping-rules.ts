import { RECENT_MAX } from './check-state.ts';

/** At which shares of weighted changes, in percent, flapping begins (above `high`) and ends (at or below `low`). */
export interface FlappingLimits {
  readonly high: number;
  readonly low: number;
}

/** The limits where nothing else is configured. */
export const DEFAULT_FLAPPING: FlappingLimits = { high: 30, low: 25 };

/**
 * How restless a check is, in percent: changes among its last 20 looks, the newest counting most
 * (0.80 for the oldest place, 0.02 more for each newer one, 1.18 for the newest). Fewer than 20 looks fill
 * the newest places.
 */
export function flappingPercent(changes: string): number {
  const oldest = RECENT_MAX - changes.length;
  // Hundredths are summed as whole numbers, so that no rounding decides at a limit.
  let hundredths = 0;
  for (const [place, mark] of [...changes].entries()) {
    if (mark === '1') hundredths += 80 + 2 * (oldest + place);
  }
  return hundredths / RECENT_MAX;
}

/** Whether a check flaps now; between the limits it stays what it was. */
export function isFlapping(changes: string, was: boolean, limits: FlappingLimits): boolean {
  return flappingPercent(changes) > (was ? limits.low : limits.high);
}

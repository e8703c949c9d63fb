import type { HealthView } from '@qts-ops/core/client';

/** Whether an engine that answers gets on as well. */
export interface LifeVerdict {
  readonly lives: boolean;
  readonly text: string;
}

/** The engine's own check of its scheduler. */
const SCHEDULER_CHECK = 'self-scheduler';

/**
 * Says whether the engine itself works, whatever it finds: a broker that fails is no reason to restart it. An engine
 * without checks has nothing to look at; that it answered is all that is known.
 */
export function judgeLife({ atMs, checks }: HealthView, maxAgeMs: number): LifeVerdict {
  if (checks.some(({ id, status }) => id === SCHEDULER_CHECK && status === 'fail')) {
    return { lives: false, text: 'the scheduler stands still' };
  }
  if (checks.length === 0) return { lives: true, text: 'the engine answers' };
  const looks = checks.flatMap(({ lookedAtMs }) => (lookedAtMs === undefined ? [] : [atMs - lookedAtMs]));
  if (looks.length === 0) return { lives: false, text: 'no check has looked yet' };
  // A look from the future was made before the clock was set; it says as little as an old one.
  const ageMs = Math.min(...looks.map(Math.abs));
  const text = `the newest look of a check is ${Math.round(ageMs / 1000)} s old`;
  return { lives: ageMs <= maxAgeMs, text };
}

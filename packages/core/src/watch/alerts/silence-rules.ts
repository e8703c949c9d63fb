import { type Alert, type AlertMatcher, labelsOf, type Silence } from './alert.ts';
import { matchesAll } from './match-rules.ts';

/** A silence ends by itself; nothing may be forgotten for longer than this. */
export const SILENCE_MAX_MS = 30 * 86_400_000;
/** A silence has at most so many matchers. */
export const SILENCE_MATCHERS_MAX = 20;

/** The silence that keeps an alert untold now; absent when none does. */
export function silenceOf(alert: Alert, silences: Iterable<Silence>, nowMs: number): Silence | undefined {
  const labels = labelsOf(alert);
  for (const silence of silences) {
    if (isActive(silence, nowMs) && matchesAll(silence.matchers, labels)) return silence;
  }
  return undefined;
}

/** True from its beginning until its end. */
export function isActive(silence: Silence, nowMs: number): boolean {
  return silence.startsAtMs <= nowMs && nowMs < silence.endsAtMs;
}

/** Why a silence cannot be made; absent when it can. */
export function silenceProblem(silence: {
  readonly matchers: readonly AlertMatcher[];
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}): string | undefined {
  const { matchers, startsAtMs, endsAtMs } = silence;
  if (matchers.length === 0) return 'matchers: none; allowed: at least one, such as job=prices';
  if (matchers.length > SILENCE_MATCHERS_MAX) {
    return `matchers: ${matchers.length}; allowed: at most ${SILENCE_MATCHERS_MAX}`;
  }
  if (matchers.every(({ value, not }) => value.replaceAll('*', '') === '' || not === true)) {
    return 'matchers: they fit every alert; allowed: at least one that names a value';
  }
  if (!(endsAtMs > startsAtMs)) return 'endsAt: not after its beginning';
  if (endsAtMs - startsAtMs > SILENCE_MAX_MS) return 'endsAt: more than 30 days after its beginning';
  return undefined;
}

import { isCivilTime, localMsOf } from '../kernel/time/civil.ts';
import { segmentReaching } from '../kernel/time/zone.ts';

const dateText = /^(\d{4})-(\d{2})-(\d{2})$/;
const instantText = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

/** What `parseInstant` accepts, for error texts. */
export const INSTANT_ALLOWED =
  'a date (2026-11-20) or an instant with its offset (2026-11-20T09:00:00+09:00)';

/**
 * The instant a person or a program wrote, in ms UTC; absent when the text is neither a date nor an instant.
 * A date alone means that day in `zone`: its first millisecond, or with `edge: 'end'` its last.
 */
export function parseInstant(text: string, zone: string, edge: 'start' | 'end'): number | undefined {
  if (instantText.test(text)) {
    const instantMs = Date.parse(text);
    return Number.isNaN(instantMs) ? undefined : instantMs;
  }
  const match = dateText.exec(text);
  if (match === null) return undefined;
  const date = { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) };
  const midnight = { ...date, hour: 0, minute: 0, second: 0 };
  if (!isCivilTime(midnight)) return undefined;
  const localMs = localMsOf(midnight);
  return edge === 'start' ? reach(zone, localMs) : reach(zone, localMs + 86_400_000) - 1;
}

/** The first instant at which the zone's clock shows `localMs` or, where it jumps over it, anything later. */
function reach(zone: string, localMs: number): number {
  const segment = segmentReaching(zone, localMs);
  return Math.max(segment.startMs, localMs - segment.offsetMs);
}

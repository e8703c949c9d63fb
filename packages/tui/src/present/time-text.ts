import { formatClock, formatInstant } from '@qts-ops/core/client';

const DAY_MS = 86_400_000;

/** Cells a time takes in a table. */
export const TIME_CELLS = 8;

/**
 * An instant for a table, in the engine's zone and at most 8 cells: `14:05:21` today, `-1d16:05` and `+2d09:00` within
 * nine days, else the date, `11-02`. Absolute, so that a row does not change while time passes.
 */
export function timeCell(atMs: number | undefined, nowMs: number, zone: string): string {
  if (atMs === undefined) return '-';
  const days = dayOf(atMs, zone) - dayOf(nowMs, zone);
  if (days === 0) return formatClock(atMs, zone);
  const sign = days < 0 ? '-' : '+';
  if (Math.abs(days) <= 9) return `${sign}${Math.abs(days)}d${formatClock(atMs, zone).slice(0, 5)}`;
  return formatInstant(atMs, zone).slice(5, 10);
}

/** An instant in a sentence: `14:05:21` today, else with its date, `2026-11-19 14:05:21`. */
export function timeText(atMs: number, nowMs: number, zone: string): string {
  const clock = formatClock(atMs, zone);
  if (dayOf(atMs, zone) === dayOf(nowMs, zone)) return clock;
  return `${formatInstant(atMs, zone).slice(0, 10)} ${clock}`;
}

/** The header clock, `14:05`. */
export function minuteText(atMs: number, zone: string): string {
  return formatClock(atMs, zone).slice(0, 5);
}

/** How long ago, in one unit and at most 4 cells: `<1m`, `7m`, `26h`, `3d`. It changes at most once a minute. */
export function ageText(sinceMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - sinceMs) / 60_000);
  if (minutes < 1) return '<1m';
  if (minutes < 100) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 100) return `${hours}h`;
  const days = Math.floor(hours / 24);
  return days < 1_000 ? `${days}d` : '999d';
}

function dayOf(atMs: number, zone: string): number {
  return Math.floor(Date.parse(`${formatInstant(atMs, zone).slice(0, 10)}T00:00:00Z`) / DAY_MS);
}

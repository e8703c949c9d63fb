const DESK_OFFSET_MS = 9 * 3_600_000;

/** Milliseconds in one civil day; the desk's zone (KST, UTC+9) has no daylight saving time. */
export const DAY_MS = 86_400_000;

/** Instant of a civil date and time on the desk, which reads every time without a zone as KST. */
export function deskInstantMs(dayUtcMs: number, timeOfDayMs: number): number {
  return dayUtcMs + timeOfDayMs - DESK_OFFSET_MS;
}

/** Time of day on the desk in milliseconds since midnight, 0..86,399,999. */
export function deskTimeOfDayMs(instantMs: number): number {
  return modulo(instantMs + DESK_OFFSET_MS, DAY_MS);
}

/** Day of the week on the desk: 0 is Monday, 6 is Sunday. */
export function deskWeekday(instantMs: number): number {
  return modulo(Math.floor((instantMs + DESK_OFFSET_MS) / DAY_MS) + 3, 7);
}

/** ISO text with the desk's offset, such as `2026-01-05T09:00:00+09:00`, because operators read desk time. */
export function deskIso(instantMs: number): string {
  return `${new Date(instantMs + DESK_OFFSET_MS).toISOString().slice(0, 19)}+09:00`;
}

/** Civil day as `YYYYMMDD`, the name of a day's record files. */
export function deskDayStamp(instantMs: number): string {
  return deskIso(instantMs).slice(0, 10).replaceAll('-', '');
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}

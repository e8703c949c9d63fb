import { createHash } from 'node:crypto';

/** First looks are spread over at most this long after a start, ms. */
export const FIRST_LOOKS_WITHIN_MS = 30_000;
/** Share of the interval by which a look may come earlier or later. */
const JITTER = 0.05;

/** A number from 0 (included) to 1 (excluded) that is always the same for an id: its place among others. */
export function placeOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32;
}

/** Delay of a check's first look after a start, ms; the same after every start. */
export function firstDelayMs(id: string, intervalMs: number): number {
  return Math.floor(placeOf(id) * Math.min(intervalMs, FIRST_LOOKS_WITHIN_MS));
}

/** Delay until a check's next look, ms: the interval ± 5 %. `random` is 0 (included) to 1 (excluded). */
export function nextDelayMs(intervalMs: number, random: number): number {
  return Math.round(intervalMs * (1 + JITTER * (2 * random - 1)));
}

import type { SpaceSample } from './keep-state.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Samples lie so far apart, ms. */
const SAMPLE_EVERY_MS = 6 * HOUR_MS;
/** Older ones say nothing of how space is used now, ms. */
const LOOK_BACK_MS = 14 * DAY_MS;
/** A trend over less is none, ms. */
const TREND_FROM_MS = 12 * HOUR_MS;

/** The samples after one more look; bounded by their distance and age. A clock that went back begins anew. */
export function nextSamples(before: readonly SpaceSample[], now: SpaceSample): readonly SpaceSample[] {
  const young = before.filter(({ atMs }) => atMs <= now.atMs && now.atMs - atMs <= LOOK_BACK_MS);
  const last = young.findLast(({ backupRoot }) => backupRoot === now.backupRoot);
  return last !== undefined && now.atMs - last.atMs < SAMPLE_EVERY_MS ? young : [...young, now];
}

/** When a root will be full if its space goes on as it went, in words; undefined when it does not shrink or is not known. */
export function daysToFull(samples: readonly SpaceSample[], now: SpaceSample): string | undefined {
  const first = samples.find(({ backupRoot }) => backupRoot === now.backupRoot);
  if (first === undefined || now.atMs - first.atMs < TREND_FROM_MS) return undefined;
  const perDay = ((first.freeBytes - now.freeBytes) * DAY_MS) / (now.atMs - first.atMs);
  if (perDay <= 0) return undefined;
  const days = now.freeBytes / perDay;
  if (days < 1) return 'full within a day at this rate';
  return `full in about ${days < 10 ? days.toFixed(1) : Math.round(days)} days at this rate`;
}

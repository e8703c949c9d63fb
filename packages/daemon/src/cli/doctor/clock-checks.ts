import { setTimeout as wait } from 'node:timers/promises';
import { clockChangesIn } from '@qts-ops/core';
import { formatInstant } from '@qts-ops/core/client';
import { type DoctorCheck, fail, ok, warn } from './doctor-check.ts';

const yearMs = 366 * 86_400_000;
/** The wall clock is watched for this long, ms. */
const WATCHED_MS = 250;
/** A slewing clock may be off by less than this in that time, ms. */
const OFF_AT_MOST_MS = 25;
/** Before this version was written no clock can be right. */
const YEAR_MIN = 2026;
const YEAR_MAX = 2100;
/** Zone rules older than so many years miss changes that countries have made since. */
const ZONE_DATA_YEARS = 2;

/** What the wall clock shows, against the monotonic one. */
export interface ClockReading {
  readonly nowMs: number;
  readonly wallMs: number;
  readonly monoMs: number;
}

/** Reads both clocks over a moment. */
export async function readClocks(): Promise<ClockReading> {
  const [wallMs, monoMs] = [Date.now(), performance.now()];
  await wait(WATCHED_MS);
  const nowMs = Date.now();
  return { nowMs, wallMs: nowMs - wallMs, monoMs: performance.now() - monoMs };
}

/** Whether the wall clock shows a year that can be, and goes as fast as time. */
export function clockCheck({ nowMs, wallMs, monoMs }: ClockReading): DoctorCheck {
  const year = new Date(nowMs).getUTCFullYear();
  const shown = new Date(nowMs).toISOString();
  if (year < YEAR_MIN || year > YEAR_MAX) {
    return fail(
      'clock',
      `the wall clock shows ${shown}`,
      'set the clock of the machine, then turn on time synchronisation',
    );
  }
  const offMs = Math.round(wallMs - monoMs);
  if (Math.abs(offMs) > OFF_AT_MOST_MS) {
    return warn(
      'clock',
      `the wall clock moved ${offMs} ms against real time within ${Math.round(monoMs)} ms`,
      'look at the time synchronisation of the machine (chronyc tracking, timedatectl): it sets the clock instead of slewing it',
    );
  }
  return ok('clock', `${shown}, goes as fast as time`);
}

/** The age of the zone rules, and which clocks of the configuration change next. */
export function zoneCheck(
  zones: readonly string[],
  nowMs: number,
  versions: { readonly tz?: string | undefined; readonly icu?: string | undefined },
): DoctorCheck {
  const changes = zones
    .flatMap((zone) => clockChangesIn(zone, { fromMs: nowMs, toMs: nowMs + yearMs }).slice(0, 1))
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ text, atMs, timeZone }) => `${formatInstant(atMs, timeZone)} ${text.en}`);
  const next = changes.length === 0 ? 'no clock change within a year' : `next: ${changes.join('; ')}`;
  const text = `zone data ${versions.tz ?? 'unknown'}, ICU ${versions.icu ?? 'unknown'}; ${next}`;
  const dataYear = Number.parseInt(versions.tz ?? '', 10);
  const old = !Number.isFinite(dataYear) || new Date(nowMs).getUTCFullYear() - dataYear >= ZONE_DATA_YEARS;
  return old
    ? warn('time zones', text, 'install a newer Node.js: it brings the rules of the time zones with it')
    : ok('time zones', text);
}

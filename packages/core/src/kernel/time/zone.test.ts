import { describe, expect, it } from 'vitest';
import { isValidZone, localToInstants, offsetAt, segmentAt, segmentReaching, shownThrough } from './zone.ts';

const hourMs = 3_600_000;
const newYork = 'America/New_York';
const springMs = Date.UTC(2026, 2, 8, 7); // 02:00 EST becomes 03:00 EDT
const autumnMs = Date.UTC(2026, 10, 1, 6); // 02:00 EDT becomes 01:00 EST

describe('zone names', () => {
  it('are accepted when the runtime knows them', () => {
    expect(['UTC', 'Asia/Seoul', newYork, 'Etc/GMT+5'].every(isValidZone)).toBe(true);
  });

  it('are refused otherwise, the host zone included', () => {
    expect(['', 'local', 'Mars/Olympus', 'Asia/Seoul ', 'Z'].some(isValidZone)).toBe(false);
    expect(() => offsetAt('Mars/Olympus', 0)).toThrow(RangeError);
  });
});

describe('segments', () => {
  it('change exactly at the switch of the clock', () => {
    expect(offsetAt(newYork, springMs - 1)).toBe(-5 * hourMs);
    expect(offsetAt(newYork, springMs)).toBe(-4 * hourMs);
    expect(segmentAt(newYork, springMs)).toMatchObject({ startMs: springMs, endMs: autumnMs });
  });

  it('agree with the runtime at every noon of twenty years in zones with unusual rules', () => {
    const zones = [
      newYork,
      'Australia/Lord_Howe',
      'Africa/Casablanca',
      'Asia/Gaza',
      'Pacific/Apia',
      'Asia/Seoul',
    ];
    for (const zone of zones) {
      const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', hour: '2-digit' });
      let mismatches = 0;
      for (let ms = Date.UTC(2008, 0, 1, 12); ms < Date.UTC(2028, 0, 1); ms += 24 * hourMs) {
        const hour = new Date(ms + offsetAt(zone, ms)).getUTCHours();
        if (hour !== Number(format.format(ms))) mismatches += 1;
      }
      expect(mismatches, zone).toBe(0);
    }
  });

  it('have the same bounds in whatever order they are asked for', () => {
    const ask = (years: readonly number[]) =>
      new Map(years.map((year) => [year, segmentAt('Europe/London', Date.UTC(year, 6, 1))]));
    const forward = ask([1990, 1991, 1992, 1993]);
    const backward = ask([1993, 1992, 1991, 1990]);
    for (const [year, segment] of forward) expect(backward.get(year)).toEqual(segment);
  });

  it('join without holes or overlaps', () => {
    let segment = segmentAt('Australia/Lord_Howe', Date.UTC(2020, 0, 1));
    for (let count = 0; count < 40; count += 1) {
      const next = segmentAt('Australia/Lord_Howe', segment.endMs);
      expect(next.startMs).toBe(segment.endMs);
      segment = next;
    }
  });

  it('refuse what is not an instant', () => {
    expect(() => offsetAt('UTC', Number.NaN)).toThrow(RangeError);
  });
});

describe('wall times', () => {
  it('name one instant on a normal day', () => {
    expect(localToInstants('Asia/Seoul', Date.UTC(2026, 10, 20, 9))).toEqual([Date.UTC(2026, 10, 20)]);
  });

  it('name no instant inside a gap', () => {
    expect(localToInstants(newYork, Date.UTC(2026, 2, 8, 2, 30))).toEqual([]);
    expect(localToInstants(newYork, Date.UTC(2026, 2, 8, 3))).toEqual([springMs]);
  });

  it('name two instants inside an overlap', () => {
    const instants = [autumnMs - hourMs / 2, autumnMs + hourMs / 2];
    expect(localToInstants(newYork, Date.UTC(2026, 10, 1, 1, 30))).toEqual(instants);
    expect(localToInstants(newYork, Date.UTC(2026, 10, 1, 2))).toEqual([autumnMs + hourMs]);
  });

  it('vanish for a whole day when a country crosses the date line', () => {
    expect(localToInstants('Pacific/Apia', Date.UTC(2011, 11, 30, 12))).toEqual([]);
  });

  it('are reached first in the earlier of two segments, or jumped over', () => {
    expect(segmentReaching(newYork, Date.UTC(2026, 10, 1, 1, 30)).endMs).toBe(autumnMs);
    expect(segmentReaching(newYork, Date.UTC(2026, 2, 8, 2, 30)).startMs).toBe(springMs);
  });

  it('are shown through a gap at once and not again in an overlap', () => {
    expect(shownThrough(newYork, springMs - 1)).toBe(Date.UTC(2026, 2, 8, 2));
    expect(shownThrough(newYork, springMs)).toBe(Date.UTC(2026, 2, 8, 3) + 1);
    expect(shownThrough(newYork, autumnMs + hourMs / 2)).toBe(Date.UTC(2026, 10, 1, 2));
    expect(shownThrough(newYork, autumnMs + hourMs)).toBe(Date.UTC(2026, 10, 1, 2) + 1);
  });
});

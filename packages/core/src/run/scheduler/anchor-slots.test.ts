import { describe, expect, it } from 'vitest';
import { parseAnchor } from '../calendars/session-terms.ts';
import { requireShippedCalendar } from '../calendars/shipped-calendars.ts';
import { countSlots, nextSlot, previousSlot, slotsBetween, upcomingSlots } from './next-slot.ts';
import { type AnchorSchedule, describeSchedule, zoneOfSchedule } from './schedule.ts';
import { checkSchedule } from './schedule-rules.ts';

const at = (text: string) => Date.parse(text);

function anchored(text: string, calendar = 'XKRX'): AnchorSchedule {
  return { kind: 'anchor', calendar: requireShippedCalendar(calendar), anchor: parseAnchor(text) };
}

describe('a moment of every session', () => {
  const schedule = anchored('close+5m');

  it('is a slot on days with a session, late openings included', () => {
    const slots = upcomingSlots(schedule, at('2026-11-18T00:00+09:00'), 4);
    expect(slots).toEqual([
      at('2026-11-18T15:35+09:00'),
      at('2026-11-19T16:35+09:00'),
      at('2026-11-20T15:35+09:00'),
      at('2026-11-23T15:35+09:00'),
    ]);
    expect(nextSlot(schedule, slots[0] ?? 0)).toBe(slots[1]);
    expect(previousSlot(schedule, slots[1] ?? 0)).toBe(slots[0]);
    expect(nextSlot(schedule, (slots[1] ?? 0) - 1)).toBe(slots[1]);
  });

  it('is counted and listed without walking over the days', () => {
    const span = { afterMs: at('2026-01-01T00:00Z'), untilMs: at('2026-11-23T15:35+09:00') };
    const counted = countSlots(schedule, span, 1);
    expect(counted).toMatchObject({ capped: false, lastMs: span.untilMs });
    expect(slotsBetween(schedule, span, 1_000)).toHaveLength(counted.count);
    expect(slotsBetween(schedule, span, 2)).toEqual([at('2026-11-20T15:35+09:00'), span.untilMs]);
    expect(countSlots(schedule, { afterMs: span.untilMs, untilMs: span.untilMs })).toEqual({
      count: 0,
      capped: false,
    });
  });

  it('comes no more when the data of the calendar have ended', () => {
    expect(nextSlot(schedule, at('2029-01-01T00:00Z'))).toBeUndefined();
    expect(previousSlot(schedule, at('2001-01-01T00:00Z'))).toBeUndefined();
    expect(upcomingSlots(schedule, at('2027-12-29T00:00Z'), 9)).toHaveLength(2);
  });

  it('follows the clock changes of its exchange', () => {
    const opening = anchored('open-30m', 'XNYS');
    expect(upcomingSlots(opening, at('2026-03-06T00:00Z'), 2)).toEqual([
      at('2026-03-06T09:00-05:00'),
      at('2026-03-09T09:00-04:00'),
    ]);
    expect(zoneOfSchedule(opening)).toBe('America/New_York');
  });

  it('is named in tables', () => {
    expect(describeSchedule(schedule)).toBe('XKRX close+5m');
  });

  it('lies within a day of its session', () => {
    expect(checkSchedule(schedule, 0)).toEqual([]);
    for (const offsetMs of [86_400_001, -86_400_001, 0.5, Number.NaN]) {
      const far = { ...schedule, anchor: { edge: 'close', offsetMs } as const };
      expect(checkSchedule(far, 0)).toMatchObject([{ field: 'anchor', value: String(offsetMs) }]);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDate } from '../../kernel/time/civil.ts';
import {
  anchorMsOf,
  anchorsBetween,
  countAnchors,
  nextAnchor,
  previousAnchor,
  sessionOfAnchor,
} from './anchor-rules.ts';
import { buildCalendar } from './build-calendar.ts';
import type { SessionAnchor, SessionWindow, TradingCalendar } from './calendar.ts';
import { dateOfDay } from './calendar-dates.ts';
import {
  isSession,
  nextSession,
  previousSession,
  sessionAt,
  sessionDateOf,
  sessionOf,
} from './calendar-rules.ts';
import { parseWindow } from './session-terms.ts';
import { requireShippedCalendar } from './shipped-calendars.ts';
import { inWindow, windowStateAt } from './window-rules.ts';

const xkrx = requireShippedCalendar('XKRX');
const at = (text: string) => Date.parse(text);

describe('sessions of the Korea Exchange', () => {
  const open = at('2026-11-20T09:00+09:00');
  const close = at('2026-11-20T15:30+09:00');

  it('are open from the opening up to but without the closing', () => {
    expect(sessionAt(xkrx, open)?.date).toBe('2026-11-20');
    expect(sessionAt(xkrx, open - 1)).toBeUndefined();
    expect(sessionAt(xkrx, close - 1)?.date).toBe('2026-11-20');
    expect(sessionAt(xkrx, close)).toBeUndefined();
  });

  it('have neighbours across a weekend', () => {
    expect(nextSession(xkrx, open)?.date).toBe('2026-11-23');
    expect(nextSession(xkrx, open - 1)?.date).toBe('2026-11-20');
    expect(previousSession(xkrx, close)?.date).toBe('2026-11-20');
    expect(previousSession(xkrx, close - 1)?.date).toBe('2026-11-19');
  });

  it('end with the data', () => {
    expect(nextSession(xkrx, at('2027-12-30T09:00+09:00'))).toBeUndefined();
    expect(previousSession(xkrx, at('2020-01-02T09:00+09:00'))).toBeUndefined();
    expect(sessionAt(xkrx, at('2028-01-03T11:00+09:00'))).toBeUndefined();
    expect(isSession(xkrx, '2028-01-03')).toBe(false);
    expect(isSession(xkrx, '2019-12-30')).toBe(false);
    expect(sessionOf(xkrx, 'tomorrow')).toBeUndefined();
  });
});

describe('the business date', () => {
  it.each<[instant: string, date: string | undefined, why: string]>([
    ['2026-11-20T07:00+09:00', '2026-11-20', 'on a session day before the opening'],
    ['2026-11-20T11:00+09:00', '2026-11-20', 'during the session'],
    ['2026-11-20T23:59+09:00', '2026-11-20', 'after the closing'],
    ['2026-11-22T12:00+09:00', '2026-11-20', 'on a Sunday'],
    ['2026-02-17T12:00+09:00', '2026-02-13', 'on a holiday'],
    ['2027-12-30T20:00+09:00', '2027-12-30', 'on the last day of the data'],
    ['2027-12-31T00:00+09:00', undefined, 'after the data'],
    ['2020-01-01T23:59+09:00', undefined, 'before the data'],
  ])('at %s is %s: %s', (instant, date) => {
    expect(sessionDateOf(xkrx, at(instant))).toBe(date);
  });

  it('is that of the session which opened the evening before', () => {
    const night = buildCalendar({
      id: 'NIGHT',
      name: { en: 'Night', ko: '야간' },
      timeZone: 'America/Chicago',
      weekdays: [1, 2],
      closedDays: [],
      sessions: [
        {
          date: '2026-11-23',
          openMs: at('2026-11-22T17:00-06:00'),
          closeMs: at('2026-11-23T16:00-06:00'),
          kind: 'regular',
        },
        {
          date: '2026-11-24',
          openMs: at('2026-11-23T17:00-06:00'),
          closeMs: at('2026-11-24T16:00-06:00'),
          kind: 'regular',
        },
      ],
    });
    expect(sessionDateOf(night, at('2026-11-22T18:00-06:00'))).toBe('2026-11-23');
    expect(sessionDateOf(night, at('2026-11-23T16:30-06:00'))).toBe('2026-11-23');
    expect(sessionDateOf(night, at('2026-11-23T18:00-06:00'))).toBe('2026-11-24');
  });
});

/*
 * The rules search by halving; here every answer is compared with the one that looks at all sessions in turn.
 */
describe('on random calendars', () => {
  const minuteMs = 60_000;

  it('sessions around an instant equal those found by looking at all of them', () => {
    fc.assert(
      fc.property(calendars, fc.integer({ min: -20, max: 900 }), (calendar, minute) => {
        const ms = minute * minuteMs;
        const { sessions } = calendar;
        expect(sessionAt(calendar, ms)).toBe(
          sessions.find(({ openMs, closeMs }) => openMs <= ms && ms < closeMs),
        );
        expect(nextSession(calendar, ms)).toBe(sessions.find(({ openMs }) => openMs > ms));
        expect(previousSession(calendar, ms)).toBe(sessions.findLast(({ closeMs }) => closeMs <= ms));
        const date = formatDate(ms, 'UTC');
        expect(sessionOf(calendar, date)).toBe(sessions.find((session) => session.date === date));
      }),
    );
  });

  it('anchors equal those worked out one by one', () => {
    fc.assert(
      fc.property(calendars, anchors, spans, (calendar, anchor, { afterMs, untilMs, limit }) => {
        const all = calendar.sessions.map((session) => anchorMsOf(session, anchor));
        const inside = all.filter((ms) => ms > afterMs && ms <= untilMs);
        expect(nextAnchor(calendar, anchor, afterMs)).toBe(all.find((ms) => ms > afterMs));
        expect(previousAnchor(calendar, anchor, afterMs)).toBe(all.findLast((ms) => ms < afterMs));
        expect(anchorsBetween(calendar, anchor, { afterMs, untilMs })).toEqual(inside);
        expect(anchorsBetween(calendar, anchor, { afterMs, untilMs, limit })).toEqual(inside.slice(-limit));
        expect(countAnchors(calendar, anchor, { afterMs, untilMs })).toEqual({
          count: inside.length,
          ...(inside.length === 0 ? {} : { firstMs: inside[0], lastMs: inside.at(-1) }),
        });
        const exact = calendar.sessions.find((session) => anchorMsOf(session, anchor) === afterMs);
        expect(sessionOfAnchor(calendar, anchor, afterMs)).toBe(exact);
      }),
    );
  });

  it('windows equal the union of the windows of all sessions', () => {
    fc.assert(
      fc.property(calendars, windows, fc.integer({ min: -200, max: 1_100 }), (calendar, window, minute) => {
        const ms = minute * minuteMs;
        expect(inWindow(calendar, window, ms)).toBe(inAnyWindow(calendar, window, ms));
      }),
    );
  });

  it('a window that began before the last closing stays open although the next one has no known end', () => {
    const calendar = calendarOf([
      { gap: 0, length: 1 },
      { gap: 1, length: 1 },
    ]);
    const window = parseWindow('close-2m..open');
    expect(inWindow(calendar, window, minuteMs)).toBe(true);
  });

  it('the state of a window holds until the instant that it names', () => {
    fc.assert(
      fc.property(calendars, windows, fc.integer({ min: -200, max: 1_100 }), (calendar, window, minute) => {
        const state = windowStateAt(calendar, window, minute * minuteMs);
        const end = (state.untilMs ?? 2_000 * minuteMs) / minuteMs;
        expect(end).toBeGreaterThan(minute);
        for (let later = minute; later < end; later += 1) {
          expect(inAnyWindow(calendar, window, later * minuteMs)).toBe(state.inside);
        }
      }),
    );
  });

  const calendars = fc
    .array(fc.record({ gap: fc.nat({ max: 40 }), length: fc.integer({ min: 1, max: 40 }) }), {
      minLength: 1,
      maxLength: 12,
    })
    .map(calendarOf);
  const anchors: fc.Arbitrary<SessionAnchor> = fc.record({
    edge: fc.constantFrom('open', 'close'),
    offsetMs: fc.integer({ min: -60, max: 60 }).map((minutes) => minutes * minuteMs),
  });
  const windows: fc.Arbitrary<SessionWindow> = fc.record({ from: anchors, to: anchors });
  const spans = fc.record({
    afterMs: fc.integer({ min: -100, max: 1_000 }).map((minutes) => minutes * minuteMs),
    untilMs: fc.integer({ min: -100, max: 1_000 }).map((minutes) => minutes * minuteMs),
    limit: fc.integer({ min: 1, max: 5 }),
  });

  /** Sessions of minutes, one for each date from 1970-01-01; what matters here is only their order. */
  function calendarOf(
    parts: ReadonlyArray<{ readonly gap: number; readonly length: number }>,
  ): TradingCalendar {
    let minute = 0;
    const sessions = parts.map(({ gap, length }, index) => {
      const open = minute + gap;
      minute = open + length;
      const bounds = { openMs: open * minuteMs, closeMs: minute * minuteMs };
      return { date: dateOfDay(index), ...bounds, kind: 'regular' as const };
    });
    const name = { en: 'random', ko: '임의' };
    return buildCalendar({
      id: 'R',
      name,
      timeZone: 'UTC',
      weekdays: [0, 1, 2, 3, 4, 5, 6],
      sessions,
      closedDays: [],
    });
  }

  function inAnyWindow({ sessions }: TradingCalendar, { from, to }: SessionWindow, ms: number): boolean {
    const reachesNext = from.edge === 'close' && to.edge === 'open';
    return sessions.some((session, index) => {
      const last = reachesNext ? sessions[index + 1] : session;
      return last !== undefined && anchorMsOf(session, from) <= ms && ms < anchorMsOf(last, to);
    });
  }
});

import { describe, expect, it } from 'vitest';
import { formatInstant } from '../../kernel/time/civil.ts';
import { anchorsBetween, countAnchors, nextAnchor, previousAnchor } from './anchor-rules.ts';
import { parseAnchor, parseWindow } from './session-terms.ts';
import { requireShippedCalendar } from './shipped-calendars.ts';
import { inWindow, windowOf, windowProblem, windowStateAt } from './window-rules.ts';

const xkrx = requireShippedCalendar('XKRX');
const xnys = requireShippedCalendar('XNYS');
const hourMs = 3_600_000;
const at = (text: string) => Date.parse(text);
const inNewYork = (ms: number | undefined) =>
  ms === undefined ? undefined : formatInstant(ms, 'America/New_York');

describe('a window around the sessions of New York', () => {
  const window = parseWindow('open-30m..close+15m');

  it.each([
    ['2026-03-06', '2026-03-06T09:00:00-05:00', '2026-03-06T16:15:00-05:00'],
    ['2026-03-09', '2026-03-09T09:00:00-04:00', '2026-03-09T16:15:00-04:00'],
    ['2026-10-30', '2026-10-30T09:00:00-04:00', '2026-10-30T16:15:00-04:00'],
    ['2026-11-02', '2026-11-02T09:00:00-05:00', '2026-11-02T16:15:00-05:00'],
    ['2026-11-27', '2026-11-27T09:00:00-05:00', '2026-11-27T13:15:00-05:00'],
  ])('keeps the wall clock on %s', (date, start, end) => {
    const bounds = windowOf(xnys, window, date);
    expect([inNewYork(bounds?.startMs), inNewYork(bounds?.endMs)]).toEqual([start, end]);
    expect(inWindow(xnys, window, at(start) - 1)).toBe(false);
    expect(inWindow(xnys, window, at(start))).toBe(true);
    expect(inWindow(xnys, window, at(end) - 1)).toBe(true);
    expect(inWindow(xnys, window, at(end))).toBe(false);
  });

  it('says when to ask again over the weekend of a clock change', () => {
    const state = windowStateAt(xnys, window, at('2026-03-06T16:15-05:00'));
    expect(state.inside).toBe(false);
    expect(inNewYork(state.untilMs)).toBe('2026-03-09T09:00:00-04:00');
  });

  it('never opens on closed days and outside the data', () => {
    expect(inWindow(xnys, window, at('2026-11-26T12:00-05:00'))).toBe(false);
    expect(windowStateAt(xnys, window, at('2028-01-03T12:00-05:00'))).toEqual({ inside: false });
    expect(windowOf(xnys, window, '2028-01-03')).toBeUndefined();
  });
});

describe('the window of the trading hours', () => {
  it('holds exactly the open session', () => {
    const window = parseWindow('open..close');
    expect(inWindow(xkrx, window, at('2026-11-19T09:59:59+09:00'))).toBe(false);
    expect(inWindow(xkrx, window, at('2026-11-19T10:00+09:00'))).toBe(true);
    expect(inWindow(xkrx, window, at('2026-11-19T16:29:59+09:00'))).toBe(true);
    expect(inWindow(xkrx, window, at('2026-11-19T16:30+09:00'))).toBe(false);
  });
});

describe('a window from a closing to an opening', () => {
  const window = parseWindow('close+1h..open-1h');

  it('lies between two sessions, weekends and holidays included', () => {
    const friday = windowStateAt(xkrx, window, at('2026-11-20T16:30+09:00'));
    expect(friday).toEqual({ inside: true, untilMs: at('2026-11-23T08:00+09:00') });
    expect(inWindow(xkrx, window, at('2026-02-17T12:00+09:00'))).toBe(true);
    expect(inWindow(xkrx, window, at('2026-11-20T12:00+09:00'))).toBe(false);
  });

  it('does not begin after the last session, because its end is not known', () => {
    expect(inWindow(xkrx, window, at('2027-12-30T20:00+09:00'))).toBe(false);
  });
});

describe('a window that is empty on short days', () => {
  const window = parseWindow('open+4h..close-30m');

  it('stays shut on those days and is open on the others', () => {
    expect(windowOf(xnys, window, '2026-11-27')).toBeUndefined();
    expect(windowOf(xnys, window, '2026-11-25')).toBeDefined();
    const state = windowStateAt(xnys, window, at('2026-11-27T10:00-05:00'));
    expect(inNewYork(state.untilMs)).toBe('2026-11-30T13:30:00-05:00');
    expect(windowProblem(xnys, window)).toBeUndefined();
  });

  it('is a problem when no session is long enough', () => {
    expect(windowProblem(xnys, parseWindow('open+4h..close-3h'))).toMatchObject({
      field: 'window',
      value: "'open+4h..close-3h'",
      message: expect.stringContaining('holds no time in any session of XNYS'),
    });
    expect(windowStateAt(xnys, parseWindow('open+4h..close-3h'), 0)).toEqual({ inside: false });
  });
});

describe('an anchor', () => {
  const fiveAfter = parseAnchor('close+5m');

  it('follows early closings and clock changes', () => {
    const found = anchorsBetween(xnys, fiveAfter, {
      afterMs: at('2026-11-24T21:05Z'),
      untilMs: at('2026-11-30T21:05Z'),
    });
    expect(found.map(inNewYork)).toEqual([
      '2026-11-25T16:05:00-05:00',
      '2026-11-27T13:05:00-05:00',
      '2026-11-30T16:05:00-05:00',
    ]);
  });

  it('follows the late hours of an exam day', () => {
    const before = at('2026-11-19T00:00+09:00');
    expect(nextAnchor(xkrx, fiveAfter, before)).toBe(at('2026-11-19T16:35+09:00'));
    expect(nextAnchor(xkrx, parseAnchor('open-10m'), before)).toBe(at('2026-11-19T09:50+09:00'));
  });

  it('does not move when time goes on and ends with the data', () => {
    const last = at('2027-12-30T15:35+09:00');
    expect(nextAnchor(xkrx, fiveAfter, last - 1)).toBe(last);
    expect(nextAnchor(xkrx, fiveAfter, last)).toBeUndefined();
    expect(previousAnchor(xkrx, fiveAfter, last)).toBe(at('2027-12-29T15:35+09:00'));
    expect(previousAnchor(xkrx, fiveAfter, at('2020-01-02T15:35+09:00'))).toBeUndefined();
  });

  it('is counted exactly over any span', () => {
    const all = countAnchors(xkrx, fiveAfter, { afterMs: 0, untilMs: Number.MAX_SAFE_INTEGER });
    expect(all).toEqual({
      count: xkrx.sessions.length,
      firstMs: at('2020-01-02T15:35+09:00'),
      lastMs: at('2027-12-30T15:35+09:00'),
    });
    expect(countAnchors(xkrx, fiveAfter, { afterMs: hourMs, untilMs: 0 })).toEqual({ count: 0 });
  });
});

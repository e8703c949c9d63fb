import { describe, expect, it } from 'vitest';
import { findError } from '../../kernel/define-errors.ts';
import { explainDay, explainSkip } from './calendar-reasons.ts';
import { coverageProblem } from './coverage-rules.ts';
import { parseWindow } from './session-terms.ts';
import { requireShippedCalendar } from './shipped-calendars.ts';

const xkrx = requireShippedCalendar('XKRX');
const xnys = requireShippedCalendar('XNYS');
const at = (text: string) => Date.parse(text);

describe('a date is explained', () => {
  it.each([
    [
      '2026-11-20',
      'session',
      'XKRX: session on 2026-11-20 from 09:00 to 15:30',
      'XKRX: 2026-11-20 09:00–15:30 개장',
    ],
    [
      '2026-11-19',
      'session',
      'XKRX: session on 2026-11-19 from 10:00 to 16:30 (late open, late close, University entrance exam day)',
      'XKRX: 2026-11-19 10:00–16:30 개장 (개장 및 폐장 지연, 대학수학능력시험일)',
    ],
    ['2026-09-24', 'holiday', 'XKRX: closed on 2026-09-24, Chuseok', 'XKRX: 2026-09-24 휴장 (추석 연휴)'],
    ['2026-11-21', 'weekly', 'XKRX: no session on a Saturday', 'XKRX: 토요일 휴장'],
    [
      '2027-12-31',
      'holiday',
      'XKRX: closed on 2027-12-31, Year-end closing',
      'XKRX: 2027-12-31 휴장 (연말 휴장일)',
    ],
    [
      '2028-01-03',
      'outside-data',
      'XKRX: calendar data ended 2027-12-30',
      'XKRX: 달력 데이터가 2027-12-30에 끝났습니다',
    ],
    [
      '2019-12-30',
      'outside-data',
      'XKRX: calendar data begin 2020-01-02',
      'XKRX: 달력 데이터는 2020-01-02부터 있습니다',
    ],
  ])('%s: %s', (date, kind, en, ko) => {
    expect(explainDay(xkrx, date)).toEqual({ kind, text: { en, ko } });
  });
});

describe('a skipped slot is explained', () => {
  const window = parseWindow('open-30m..close+15m');

  it('by the hours of a session day', () => {
    expect(explainSkip(xkrx, window, at('2026-11-19T09:00+09:00'))).toEqual({
      en: 'XKRX: outside open-30m..close+15m, on 2026-11-19 from 09:30 to 16:45 (late open, late close, University entrance exam day)',
      ko: 'XKRX: open-30m..close+15m 구간 밖, 2026-11-19에는 09:30–16:45 (개장 및 폐장 지연, 대학수학능력시험일)',
    });
  });

  it('by the day when it has no session', () => {
    const text = (instant: string) => explainSkip(xkrx, window, at(instant))?.en;
    expect(text('2026-11-21T12:00+09:00')).toBe('XKRX: no session on a Saturday');
    expect(text('2026-02-17T12:00+09:00')).toBe('XKRX: closed on 2026-02-17, Seollal (Lunar New Year)');
    expect(text('2028-01-03T12:00+09:00')).toBe('XKRX: calendar data ended 2027-12-30');
  });

  it('by a session that is too short for the window', () => {
    expect(explainSkip(xnys, parseWindow('open+4h..close'), at('2026-11-27T12:00-05:00'))?.en).toBe(
      'XNYS: nothing is left of open+4h..close on 2026-11-27 (XNYS: session on 2026-11-27 from 09:30 to 13:00 (early close, Day after Thanksgiving))',
    );
  });

  it('with both dates when the window reaches into another day', () => {
    expect(explainSkip(xkrx, parseWindow('close+1h..open-1h'), at('2026-11-20T12:00+09:00'))?.en).toBe(
      'XKRX: outside close+1h..open-1h, on 2026-11-20 from 16:30 to 2026-11-23 08:00',
    );
  });

  it('and a slot inside the window needs no explanation', () => {
    expect(explainSkip(xkrx, window, at('2026-11-19T09:30+09:00'))).toBeUndefined();
  });
});

describe('the coverage of a calendar', () => {
  it.each([
    ['2026-11-20T12:00+09:00', undefined],
    ['2027-11-29T23:59+09:00', undefined],
    ['2027-11-30T00:00+09:00', { code: 'INP-0703', severity: 'WARN', daysLeft: 30 }],
    ['2027-12-29T12:00+09:00', { code: 'INP-0703', severity: 'WARN', daysLeft: 1 }],
    ['2027-12-30T23:59+09:00', { code: 'INP-0703', severity: 'WARN', daysLeft: 0 }],
    ['2027-12-31T00:00+09:00', { code: 'INP-0704', severity: 'ERROR', daysLeft: -1 }],
    ['2019-12-31T12:00+09:00', { code: 'INP-0704', severity: 'ERROR' }],
  ])('at %s is %o', (now, problem) => {
    if (problem === undefined) expect(coverageProblem(xkrx, at(now))).toBeUndefined();
    else expect(coverageProblem(xkrx, at(now))).toMatchObject({ ...problem, lastDate: '2027-12-30' });
  });

  it('says how many days are left, and that the data ended', () => {
    const text = (now: string) => coverageProblem(xkrx, at(now))?.text.en;
    expect(text('2027-12-01T12:00+09:00')).toBe('XKRX: calendar data end 2027-12-30, in 29 days');
    expect(text('2027-12-29T12:00+09:00')).toBe('XKRX: calendar data end 2027-12-30, in 1 day');
    expect(text('2027-12-30T12:00+09:00')).toBe('XKRX: calendar data end 2027-12-30, today');
    expect(text('2028-02-01T12:00+09:00')).toBe('XKRX: calendar data ended 2027-12-30');
  });

  it('has codes that are declared with the same severity', () => {
    for (const now of ['2027-12-01T12:00+09:00', '2028-01-01T12:00+09:00']) {
      const problem = coverageProblem(xkrx, at(now));
      expect(findError(problem?.code ?? '')?.definition.severity).toBe(problem?.severity);
    }
  });
});

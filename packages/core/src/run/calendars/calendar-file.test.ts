import { describe, expect, it } from 'vitest';
import { isOpsException } from '../../kernel/ops-exception.ts';
import {
  parseCalendarCsv,
  parseCalendarJson,
  type ReadCalendar,
  readCalendarDocument,
  requireCalendar,
} from './calendar-file.ts';
import { calendarProblemsText, maxListedProblems } from './calendar-problems.ts';
import { sessionList } from './session-list.ts';
import { requireShippedCalendar, shippedCalendarIds } from './shipped-calendars.ts';

const seoul = { id: 'DESK', timeZone: 'Asia/Seoul' };

describe('a CSV file', () => {
  it('gives sessions in local hours, closed days, kinds and names', () => {
    const read = parseCalendarCsv(
      [
        '\uFEFF# sessions of the desk',
        'date, open, close, name',
        '2026-11-18,09:00,15:30',
        '2026-11-19,10:00,16:30,"Exam day, one hour late"',
        '',
        '2026-11-20,09:00,15:30',
        '2026-11-23,,,Founding day',
        '2026-11-24,9:00,12:00:30',
      ].join('\r\n'),
      seoul,
    );
    const calendar = requireCalendar(read, 'desk.csv');
    expect(calendar).toMatchObject({ id: 'DESK', timeZone: 'Asia/Seoul', weekdays: [2, 3, 4, 5] });
    expect([calendar.firstDate, calendar.lastDate]).toEqual(['2026-11-18', '2026-11-24']);
    expect(calendar.sessions.map(({ kind }) => kind)).toEqual([
      ...['regular', 'late-open-late-close', 'regular', 'early-close'],
    ]);
    expect(calendar.sessions[1]?.name?.en).toBe('Exam day, one hour late');
    expect(calendar.closedDays).toEqual([
      { date: '2026-11-23', name: { en: 'Founding day', ko: 'Founding day' } },
    ]);
    expect(calendar.sessions[3]?.closeMs).toBe(Date.parse('2026-11-24T12:00:30+09:00'));
  });

  it('may give its hours in UTC and sessions across midnight', () => {
    const calendar = requireCalendar(
      parseCalendarCsv('date,open_utc,close_utc\n2026-11-23,23:00-1d,22:00\n2026-11-24,23:00-1d,22:00\n', {
        id: 'NIGHT',
        timeZone: 'America/Chicago',
      }),
      'night.csv',
    );
    expect(calendar.sessions[0]?.openMs).toBe(Date.parse('2026-11-22T23:00Z'));
    expect(calendar.sessions.every(({ kind }) => kind === 'regular')).toBe(true);
  });

  it.each(shippedCalendarIds)('that lists the sessions of %s gives the same sessions', (id) => {
    const shipped = requireShippedCalendar(id);
    const read = parseCalendarCsv(sessionList(shipped), { id, timeZone: shipped.timeZone });
    const sessions = requireCalendar(read, id).sessions;
    expect(sessions).toEqual(shipped.sessions.map(({ name: _, ...session }) => session));
  });

  it('reports everything that is wrong at once, with line, field, value and remedy', () => {
    const read = parseCalendarCsv(
      [
        'date,open,close',
        '2026-11-18,09:00,15:30',
        '2026-11-18,09:00,15:30',
        '2026-11-16,09:00,15:30',
        '2026-02-30,09:00,25:00',
        '2026-11-20,09:00',
        '2026-11-23,15:30,09:00',
        '2026-11-24,00:00,23:00+1d',
        '2026-11-25,09:00,15:30,surplus',
        '2026-11-26,15:00-1d,12:00',
        '"2026-11-27,09:00,15:30',
        '27.11.2026,nine,15:30',
      ].join('\n'),
      { id: 'DESK', timeZone: 'Asia/Soul' },
    );
    expect(problemsOf(read)).toEqual([
      ['timeZone', "'Asia/Soul'", 'this is not a time zone'],
      ['11 file', `'"2026-11-27,09:00,15:30'`, 'a quotation mark is not closed'],
      ['9 file', "'2026-11-25,09:00,15:30,surplus'", 'the line has 4 cells, the header 3'],
      ['5 date', "'2026-02-30'", 'this is not a date of the calendar'],
      ['5 close', "'25:00'", 'this is not a time of day'],
      ['6 close', 'absent', 'the time is missing'],
      ['7 close', "'09:00'", 'the session closes before it opens at 15:30'],
      ['8 close', "'23:00+1d'", 'the session lasts longer than 24 hours'],
      ['12 date', "'27.11.2026'", 'this is not a date of the calendar'],
      ['12 open', "'nine'", 'this is not a time of day'],
      ['4 date', "'2026-11-16'", 'the date comes after 2026-11-18 in the file'],
      ['3 date', "'2026-11-18'", 'the date is there twice; first in line 2'],
      ['10 open', "'15:00-1d'", 'the session opens before that of 2026-11-25 has closed at 15:30'],
    ]);
  });

  it('reports hours that the clock skips or shows twice', () => {
    const read = parseCalendarCsv('date,open,close\n2026-03-08,02:30,12:00\n2026-11-01,01:30,12:00\n', {
      id: 'DESK',
      timeZone: 'America/New_York',
    });
    expect(problemsOf(read).map(([, , message]) => message)).toEqual([
      'the clock of America/New_York skips this time on 2026-03-08',
      'the clock of America/New_York shows this time twice on 2026-11-01',
    ]);
  });

  it.each([
    ['', 'header', 'the file is empty'],
    [
      '2026-11-18,09:00,15:30',
      '1 header',
      'the header has no column date, open, close; the header has an unknown',
    ],
    ['date;open;close\n', '1 header', 'the header has no column date, open, close'],
    ['date,open,close_utc\n', '1 header', 'the header has no column close'],
    ['date,open,close,open\n', '1 header', 'unknown or repeated column open'],
    ['date,open_utc,close_utc,open\n', '1 header', 'unknown or repeated column open'],
  ])('with the header %j is refused', (text, place, message) => {
    const [problem] = problemsOf(parseCalendarCsv(text, seoul));
    expect(problem?.[0]).toBe(place);
    expect(problem?.[2]).toContain(message);
  });

  it('without a session or a zone is refused', () => {
    expect(problemsOf(parseCalendarCsv('date,open,close\n2026-11-18,,\n', seoul))).toEqual([
      ['file', 'absent', 'there is no session in the calendar'],
    ]);
    expect(problemsOf(parseCalendarCsv('date,open,close\n2026-11-18,09:00,15:30\n', { id: 'DESK' }))).toEqual(
      [['timeZone', 'absent', 'the time zone is missing']],
    );
  });

  it('of many wrong lines is reported in part and counted in full', () => {
    const read = parseCalendarCsv(`date,open,close\n${'x,09:00,15:30\n'.repeat(500)}`, seoul);
    const problems = read.ok ? [] : read.problems;
    expect(problems).toHaveLength(maxListedProblems + 1);
    expect(problems.at(-1)).toMatchObject({ value: '500 problems', message: 'there are 400 more problems' });
  });

  it('longer than a lifetime of sessions is refused', () => {
    const read = parseCalendarCsv(`date,open,close\n${'2026-11-18,09:00,15:30\n'.repeat(20_001)}`, seoul);
    expect(problemsOf(read)[0]?.[2]).toBe('the file is too long for a calendar');
  });
});

describe('a document', () => {
  it('repeats a week and takes closed days and sessions as its exceptions', () => {
    const read = parseCalendarJson(
      JSON.stringify({
        name: { en: 'Desk', ko: '데스크' },
        timeZone: 'Asia/Seoul',
        week: {
          days: ['mon', 'tue', 'wed', 'thu', 'fri'],
          open: '09:00',
          close: '15:30',
          from: '2026-11-16',
          to: '2026-11-27',
        },
        closed: ['2026-11-17', { date: '2026-11-18', name: 'Outing' }],
        sessions: [
          { date: '2026-11-19', open: '10:00', close: '16:30', name: { en: 'Exam day', ko: '수능일' } },
          { date: '2026-11-21', open: '10:00', close: '12:00' },
        ],
      }),
      { id: 'DESK' },
    );
    const calendar = requireCalendar(read, 'desk.json');
    expect(calendar.sessions.map(({ date, kind }) => `${date} ${kind}`)).toEqual([
      '2026-11-16 regular',
      '2026-11-19 late-open-late-close',
      '2026-11-20 regular',
      '2026-11-21 late-open-early-close',
      ...['23', '24', '25', '26', '27'].map((day) => `2026-11-${day} regular`),
    ]);
    expect(calendar).toMatchObject({ name: { en: 'Desk', ko: '데스크' }, weekdays: [1, 2, 3, 4, 5, 6] });
    expect(calendar.closedDays.map(({ date }) => date)).toEqual(['2026-11-17', '2026-11-18']);
    expect(calendar.sessions[1]?.name).toEqual({ en: 'Exam day', ko: '수능일' });
  });

  it('may list its sessions in UTC and take the zone from the configuration', () => {
    const document = { times: 'utc', sessions: [{ date: '2026-11-18', open: '00:00', close: '06:30' }] };
    const calendar = requireCalendar(readCalendarDocument(document, seoul), 'desk.yaml');
    expect(sessionList(calendar)).toBe('date,open_utc,close_utc\n2026-11-18,00:00,06:30\n');
  });

  it('reports everything that is wrong at once, with the path of each value', () => {
    const document = {
      timezone: 'Asia/Seoul',
      timeZone: 'UTC',
      times: 'kst',
      week: { days: ['mon', 'fryday'], open: '09:00', close: '15:30', from: '2026-11-16', to: '2026-11-06' },
      closed: ['2026-11-18', { day: '2026-11-19' }, 20261120],
      sessions: [
        { date: '2026-11-18', open: '9', close: '15:30' },
        { date: '2026-11-17', open: 540 },
      ],
    };
    expect(problemsOf(readCalendarDocument(document, seoul))).toEqual([
      ['timezone', "'Asia/Seoul'", 'this field is not known'],
      ['closed[1].day', "'2026-11-19'", 'this field is not known'],
      ['closed[1].date', 'absent', 'this is missing'],
      ['closed[2]', '20261120', 'this is not an object'],
      ['sessions[1].open', '540', 'this is not a text'],
      ['sessions[1].close', 'absent', 'this is missing'],
      ['week.days[1]', "'fryday'", 'this word is not known'],
      ['week.to', "'2026-11-06'", 'the week cannot repeat from 2026-11-16 to 2026-11-06'],
      ['times', "'kst'", 'this word is not known'],
      ['timeZone', "'UTC'", "the configuration says 'Asia/Seoul'"],
      ['sessions[0].open', "'9'", 'this is not a time of day'],
    ]);
  });

  it('reports one wrong time of a week once, and a date that is closed and open', () => {
    const week = {
      days: ['mon', 'tue'],
      open: '15:30',
      close: '09:00',
      from: '2026-11-16',
      to: '2026-11-27',
    };
    const sessions = [{ date: '2026-11-18', open: '09:00', close: '15:30' }];
    expect(problemsOf(readCalendarDocument({ week, sessions, closed: ['2026-11-18'] }, seoul))).toEqual([
      ['week.close', "'09:00'", 'the session closes before it opens at 15:30'],
      ['sessions[0].date', "'2026-11-18'", 'the date is there twice; first as closed[0].date'],
    ]);
  });

  it.each([
    ['[]', 'file', 'this is not an object'],
    ['{', 'file', 'this is not JSON'],
    ['null', 'file', 'this is not an object'],
  ])('that is %s is refused', (text, place, message) => {
    const [problem] = problemsOf(parseCalendarJson(text, seoul));
    expect(problem?.[0]).toBe(place);
    expect(problem?.[2]).toContain(message);
  });
});

describe('the error about a calendar file', () => {
  it('names the file and every problem with what is allowed and what to do', () => {
    const read = parseCalendarCsv('date,open,close\n2026-11-18,09:00,9:5\n', seoul);
    try {
      requireCalendar(read, 'calendars/desk.csv');
      expect.unreachable();
    } catch (error) {
      expect(isOpsException(error) && error.code).toBe('INP-0701');
      expect(isOpsException(error) && error.message).toBe(
        [
          'calendar calendars/desk.csv has 1 problem:',
          "  line 2, close: this is not a time of day ('9:5')",
          "    allowed: a time such as 09:30, with -1d or +1d for the day before or after: '18:00-1d'",
          '    remedy: write hours and minutes; leave both times empty for a closed day',
        ].join('\n'),
      );
      expect(isOpsException(error) && error.data).toMatchObject({ source: 'calendars/desk.csv' });
    }
  });

  it('shows no control characters and cuts long values', () => {
    const read = parseCalendarCsv(`date,open,close\n\u001B[31m${'9'.repeat(100)},09:00,15:30\n`, seoul);
    const [problem] = read.ok ? [] : read.problems;
    expect(problem?.value).toBe(`'\\u{1b}[31m${'9'.repeat(50)}…'`);
    expect(calendarProblemsText('x', read.ok ? [] : read.problems)).not.toContain('\u001B');
  });
});

it('names in its text what was seen, once', () => {
  const read = parseCalendarCsv('date,open,close\n2026-13-19,09:00,15:30\n,09:00,15:30\n', seoul);
  const text = calendarProblemsText('desk.csv', read.ok ? [] : read.problems);
  expect(text).toContain("  line 2, date: this is not a date of the calendar ('2026-13-19')\n");
  expect(text).toContain('  line 3, date: the date is missing\n');
});

/** Place, value and message of each problem; that allowed values and remedies are there is checked on the way. */
function problemsOf(read: ReadCalendar): string[][] {
  return (read.ok ? [] : read.problems).map(({ line, field, value, message, allowed, remedy }) => {
    expect(allowed.length * remedy.length).toBeGreaterThan(0);
    return [line === undefined ? field : `${line} ${field}`, value, message];
  });
}

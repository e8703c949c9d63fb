import { describe, expect, it } from 'vitest';
import { nodeCronGrammar } from '../../adapters/cron-node/cron-grammar.ts';
import { parseAnchor, parseWindow } from '../calendars/session-terms.ts';
import { requireShippedCalendar } from '../calendars/shipped-calendars.ts';
import type { DayMatch } from './cron-days.ts';
import { type ExpressionContext, explainExpression, explainSchedule } from './explain-schedule.ts';
import { EXPLAINED_EXPRESSIONS } from './fixtures/explained-expressions.ts';
import type { IntervalSchedule } from './schedule.ts';
import { nextOpenSlot } from './session-slots.ts';

const nowMs = Date.UTC(2026, 10, 20);

function explain(expression: string, options: Partial<ExpressionContext> = {}) {
  const context = { timeZone: 'Asia/Seoul', language: 'en', nowMs, ...options } as const;
  const explained = explainExpression(expression, nodeCronGrammar, context);
  if (!explained.ok) throw new Error(JSON.stringify(explained.problems));
  return explained;
}

describe('an expression in words', () => {
  it.each(EXPLAINED_EXPRESSIONS)('%s', (row, english, korean) => {
    const expression = row.replace(/ (and|or|\?)$/, '');
    const mode = row.slice(expression.length + 1);
    const dayMatch: DayMatch | undefined = mode === 'and' || mode === 'or' ? mode : undefined;
    const zone = ' (Asia/Seoul)';
    expect({
      en: explain(expression, { dayMatch }).text.replace(zone, ''),
      ko: explain(expression, { dayMatch, language: 'ko' }).text.replace(zone, ''),
    }).toEqual({ en: english, ko: korean });
  });

  it('ends with the zone whose clock counts', () => {
    expect(explain('0 17 * * 1-5', { timeZone: 'UTC' }).text).toBe('At 17:00, Monday to Friday (UTC).');
    expect(explain('0 17 * * 1-5', { language: 'ko' }).text).toBe('평일 17:00 (Asia/Seoul)');
  });

  it('comes with the next five slots', () => {
    const { nextSlots } = explain('0 17 * * 1-5', { timeZone: 'America/New_York' });
    expect(nextSlots.map((slot) => new Date(slot).toISOString())).toEqual([
      '2026-11-20T22:00:00.000Z',
      '2026-11-23T22:00:00.000Z',
      '2026-11-24T22:00:00.000Z',
      '2026-11-25T22:00:00.000Z',
      '2026-11-26T22:00:00.000Z',
    ]);
  });
});

describe('hints', () => {
  it.each([
    ['*/7 * * * *', /^7 does not divide an hour evenly: from minute 56 to minute 0 it is 4 minutes, not 7/],
    ['*/25 * * * * *', /^25 does not divide a minute evenly: from second 50 to second 0 it is 10 seconds/],
    ['0 */5 * * *', /^5 does not divide a day evenly: from hour 20 to hour 0 it is 4 hours/],
    ['0 0 */2 * *', /^The steps begin anew every month: from the 31st to the 1st it is 1 day after/],
    ['0 0 31 * *', /^No run in February, April, June, September and November: there is no such day\.$/],
    ['0 0 L-30 * *', /^No run in February, April, June, September and November/],
    ['0 0 29 * *', /^In February it runs in leap years only\.$/],
    ['0 0 29 2 *', /^It runs in leap years only\.$/],
    ['0 0 15W * *', /^When the 15th of a month is a Saturday it runs on the Friday before/],
    ['0 0 * * 1#5', /^Months that have such a weekday only four times are left out\.$/],
  ])('of %s', (expression, hint) => {
    expect(explain(expression, { timeZone: 'UTC' }).notes).toEqual([expect.stringMatching(hint)]);
    const korean = explain(expression, { timeZone: 'UTC', language: 'ko' }).notes;
    expect(korean).toEqual([expect.stringMatching(/^[^a-z]+$/)]);
  });

  it.each([
    '*/5 * * * *',
    '5-59/10 * * * *',
    '0 8-18/2 * * *',
    '0 0 28 * *',
    '0 0 31,L * *',
    '0 0 30 1-12/3 *',
  ])('are not made up for %s', (expression) => {
    expect(explain(expression, { timeZone: 'UTC' }).notes).toEqual([]);
  });
});

describe('clock changes in words', () => {
  const spring = 'On 2027-03-14 the clock of America/New_York goes forward from 02:00 to 03:00: ';
  const autumn = 'On 2027-11-07 the clock of America/New_York goes back from 02:00 to 01:00: ';

  it.each([
    ['30 2 * * *', 'run', '02:30 does not exist, it runs at 03:00.', 'no run is touched.'],
    ['30 2 * * *', 'skip', '02:30 does not exist and is left out.', 'no run is touched.'],
    [
      '*/15 1-2 * * *',
      'run',
      '02:00, 02:15, 02:30 and 02:45 do not exist, all of them run once at 03:00.',
      '01:00, 01:15, 01:30 and 01:45 come twice and run the first time only.',
    ],
    ['30 1 * * *', 'run', 'no run is touched.', '01:30 comes twice and runs the first time only.'],
    [
      '*/10 * * * *',
      'run',
      'it follows real time, after the run at 01:50 the next is at 03:00, 10 minutes later (6 wall times do not exist).',
      'it follows real time, after the run at 01:50 the next is at 01:00, 10 minutes later (6 wall times come twice and run both times).',
    ],
    [
      '* * 2 * * *',
      'skip',
      '02:00, 02:00:01, 02:00:02, 02:00:03 and 3596 more do not exist and are left out.',
      'no run is touched.',
    ],
  ] as const)('%s with dstGap %s', (expression, dstGap, inSpring, inAutumn) => {
    const { notes } = explain(expression, { timeZone: 'America/New_York', dstGap });
    expect(notes).toEqual([spring + inSpring, autumn + inAutumn]);
  });

  it('in Korean', () => {
    const options = { timeZone: 'America/New_York', language: 'ko' } as const;
    expect(explain('*/15 2 * * *', options).notes).toEqual([
      '2027-03-14 America/New_York 시계 02:00→03:00 앞당김: 없는 시각 02:00, 02:15, 02:30, 02:45 대신 03:00에 모아서 한 번 실행합니다.',
      '2027-11-07 America/New_York 시계 02:00→01:00 되돌림: 영향을 받는 실행이 없습니다.',
    ]);
    expect(explain('*/15 * * * *', options).notes).toEqual([
      '2027-03-14 America/New_York 시계 02:00→03:00 앞당김: 실제로 흐른 시간을 따릅니다. 01:45 다음은 15분 뒤 03:00 (없는 시각 4개).',
      '2027-11-07 America/New_York 시계 02:00→01:00 되돌림: 실제로 흐른 시간을 따릅니다. 01:45 다음은 15분 뒤 01:00 (두 번 나타나는 시각 4개는 두 번 다 실행).',
    ]);
  });

  it('across midnight name both dates', () => {
    expect(explain('30 23 * * *', { timeZone: 'Africa/Cairo' }).notes[1]).toBe(
      'On 2027-10-29 the clock of Africa/Cairo goes back from 00:00 to 2027-10-28 23:00: 23:30 comes twice and runs the first time only.',
    );
  });

  it('are one line when they do nothing, and none where there are none', () => {
    expect(explain('0 17 * * 1-5', { timeZone: 'Europe/London' }).notes).toEqual([
      'No run is touched by the next changes of the clock of Europe/London: 2027-03-28 and 2027-10-31.',
    ]);
    expect(explain('0 17 * * 1-5').notes).toEqual([
      'The clock of Asia/Seoul does not change in the next two years.',
    ]);
    expect(explain('0 17 * * 1-5', { timeZone: 'UTC' }).notes).toEqual([]);
  });
});

describe('day fields that nobody has decided', () => {
  it('are explained in both readings, each with its next dates', () => {
    const { text, notes, nextSlots, undecided } = explain('0 9 1-7 * 1');
    expect({ undecided, nextSlots }).toEqual({ undecided: true, nextSlots: [] });
    expect(text).toContain('whether a day must satisfy both is not decided');
    expect(notes).toEqual([
      expect.stringContaining("write dayMatch 'and' (a day must satisfy both) or 'or'"),
      "With 'and': At 09:00 on Monday, but only on the 1st through the 7th of the month (Asia/Seoul). Next: 2026-12-07 09:00, 2027-01-04 09:00, 2027-02-01 09:00.",
      "With 'or': At 09:00 on the 1st through the 7th of every month, and also on Monday (Asia/Seoul). Next: 2026-11-23 09:00, 2026-11-30 09:00, 2026-12-01 09:00.",
    ]);
    expect(explain('0 9 1-7 * 1', { language: 'ko' }).notes[1]).toBe(
      "'and'이면: 매월 1~7일이면서 월요일인 날 09:00 (Asia/Seoul). 다음 실행: 2026-12-07 09:00, 2027-01-04 09:00, 2027-02-01 09:00.",
    );
  });

  it('say when one reading never runs', () => {
    expect(explain('0 9 1-7 * 1#3').notes[1]).toMatch(/ Never\.$/);
    expect(explain('0 9 1-7 * 1#3', { dayMatch: 'and' })).toMatchObject({
      undecided: false,
      nextSlots: [],
      notes: ['It never runs: no day satisfies both day fields.'],
    });
  });
});

describe('an expression that is none', () => {
  it('is explained field by field, the zone included', () => {
    const context = { timeZone: 'Mars/Olympus', language: 'en', nowMs } as const;
    const explained = explainExpression('61 25 * * 9', nodeCronGrammar, context);
    expect(explained).toMatchObject({
      ok: false,
      problems: [
        { field: 'minute', value: '61', message: expect.stringContaining('allowed is 0-59') },
        { field: 'hour', value: '25' },
        { field: 'dayOfWeek', value: '9' },
        { field: 'timeZone', value: 'Mars/Olympus' },
      ],
    });
  });

  it('of a schedule with an unknown zone is a note, never a throw', () => {
    const { schedule } = explain('0 17 * * 1-5');
    const { notes, nextSlots } = explainSchedule({ ...schedule, timeZone: 'Mars/Olympus' }, 'ko', nowMs);
    expect(notes[0]).toContain("'Mars/Olympus'");
    expect(nextSlots).toEqual([]);
  });
});

describe('sessions of a trading calendar', () => {
  const calendar = requireShippedCalendar('XKRX');
  const { schedule } = explain('*/5 * * * 1-5');

  it('are named first, because they take slots away', () => {
    const days = explainSchedule({ ...schedule, sessions: { calendar } }, 'en', nowMs);
    expect(days.notes[0]).toBe('Only on days with a session of XKRX; other slots are skipped (calendar).');
    expect(days.nextSlots[0]).toBe(nextOpenSlot({ ...schedule, sessions: { calendar } }, nowMs));
    const window = parseWindow('open-30m..close+15m');
    const hours = explainSchedule({ ...schedule, sessions: { calendar, window } }, 'ko', nowMs);
    expect(hours.notes[0]).toBe(
      'XKRX 거래 시간 open-30m..close+15m 안에서만 실행하고 다른 슬롯은 건너뜁니다(calendar).',
    );
  });
});

describe('a moment of every session in words', () => {
  const calendar = requireShippedCalendar('XKRX');

  it.each([
    ['open', 'At the opening of', '개장 시각'],
    ['open-30m', '30 minutes before the opening of', '개장 30분 전'],
    ['close+5m', '5 minutes after the closing of', '폐장 5분 후'],
  ])('names the moment and the zone (%s)', (text, english, korean) => {
    const schedule = { kind: 'anchor', calendar, anchor: parseAnchor(text) } as const;
    const [en, ko] = [explainSchedule(schedule, 'en', nowMs), explainSchedule(schedule, 'ko', nowMs)];
    expect(en.text).toBe(`${english} every session of XKRX (Asia/Seoul).`);
    expect(ko.text).toBe(`XKRX 거래일마다 ${korean} (Asia/Seoul)`);
    expect(en.notes[1]).toMatch(/^Sessions of XKRX are known until 2027-12-30/);
    expect(ko.notes).toHaveLength(2);
    expect(en.nextSlots).toHaveLength(5);
  });
});

describe('an interval in words', () => {
  const every = (everyMs: number, options: Partial<IntervalSchedule> = {}): IntervalSchedule => {
    return { kind: 'interval', everyMs, mode: 'rate', phaseMs: 0, runOnStart: false, ...options };
  };

  it.each([
    [
      every(300_000),
      'Every 5 minutes, at 00:00, 00:05, 00:10 UTC and so on.',
      '매 5분마다 (00:00, 00:05, 00:10 … UTC)',
    ],
    [every(43_200_000), 'Every 12 hours, at 00:00 and 12:00 UTC.', '매 12시간마다 (00:00, 12:00 UTC)'],
    [
      every(3_600_000, { phaseMs: 90_000 }),
      'Every hour, at 00:01:30, 01:01:30, 02:01:30 UTC and so on.',
      '매 1시간마다 (00:01:30, 01:01:30, 02:01:30 … UTC)',
    ],
    [
      every(1_000),
      'Every second, counted from 1970-01-01 00:00 UTC.',
      '매 1초마다 (1970-01-01 00:00 UTC 기준)',
    ],
    [
      every(420_000),
      'Every 7 minutes, counted from 1970-01-01 00:00 UTC.',
      '매 7분마다 (1970-01-01 00:00 UTC 기준)',
    ],
    [
      every(60_000, { phaseMs: 12_300 }),
      'Every minute, counted from 1970-01-01 00:00 UTC plus 12.3 seconds.',
      '매 1분마다 (1970-01-01 00:00 UTC에서 12.3초 뒤 기준)',
    ],
    [
      every(5_000, { mode: 'delay', runOnStart: true }),
      '5 seconds after the end of the previous run, and once when the engine starts.',
      '이전 실행이 끝나고 5초 뒤, 엔진을 시작할 때도 한 번',
    ],
  ])('(%#)', (schedule, english, korean) => {
    const [en, ko] = [explainSchedule(schedule, 'en', nowMs), explainSchedule(schedule, 'ko', nowMs)];
    expect([en.text, ko.text]).toEqual([english, korean]);
    expect(en.notes).toHaveLength(ko.notes.length);
    expect(en.nextSlots).toHaveLength(5);
  });

  it('says that clock changes do not matter and that a shift is lasting', () => {
    const { notes } = explainSchedule(every(60_000, { phaseMs: 12_300 }), 'en', nowMs);
    expect(notes).toEqual([
      'It follows real time: no clock change of any zone moves it.',
      'The shift is the same on every machine and after every restart.',
    ]);
  });
});

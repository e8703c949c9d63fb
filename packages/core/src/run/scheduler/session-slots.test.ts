import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeCronGrammar } from '../../adapters/cron-node/cron-grammar.ts';
import type { SessionWindow, TradingCalendar } from '../calendars/calendar.ts';
import { parseCalendarCsv, requireCalendar } from '../calendars/calendar-file.ts';
import { parseAnchor, parseWindow } from '../calendars/session-terms.ts';
import { requireShippedCalendar } from '../calendars/shipped-calendars.ts';
import { nextSlot } from './next-slot.ts';
import type { CronSchedule, IntervalSchedule, Schedule, SessionFilter } from './schedule.ts';
import {
  countOpenSlots,
  explainClosedSlot,
  isOpenSlot,
  nextOpenSlot,
  openSlotsBetween,
  upcomingOpenSlots,
} from './session-slots.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const xkrx = requireShippedCalendar('XKRX');
const xnys = requireShippedCalendar('XNYS');
const at = (text: string) => Date.parse(text);

/** Trades from the evening before to the morning of the date it belongs to. */
const nightCsv = `date,open,close
2026-03-06,18:00-1d,05:00
2026-03-09,18:00-1d,05:00
2026-03-10,18:00-1d,05:00
2026-03-12,18:00-1d,05:00
`;
const night = requireCalendar(parseCalendarCsv(nightCsv, { id: 'NIGHT', timeZone: 'America/New_York' }), 'x');

function every(everyMs: number, sessions?: SessionFilter, mode: 'rate' | 'delay' = 'rate'): IntervalSchedule {
  const filter = sessions === undefined ? {} : { sessions };
  return { kind: 'interval', everyMs, mode, phaseMs: 0, runOnStart: false, ...filter };
}

function cron(expression: string, sessions: SessionFilter, timeZone = 'Asia/Seoul'): CronSchedule {
  const parsed = nodeCronGrammar.parse(expression);
  if (!parsed.ok) throw new Error(parsed.errors.map(({ message }) => message).join('; '));
  return { kind: 'cron', expression, fields: parsed.fields, timeZone, dstGap: 'run', sessions };
}

const trading = (text: string, calendar = xkrx): SessionFilter => ({ calendar, window: parseWindow(text) });

/** What the rules must say within some days after an instant, worked out from the list of sessions alone. */
function openAround({ calendar, window }: SessionFilter, startMs: number): (instantMs: number) => boolean {
  const near = (ms: number) => ms > startMs - 20 * dayMs && ms < startMs + 40 * dayMs;
  const indexes = [...calendar.sessions.keys()].filter((index) =>
    near(calendar.sessions[index]?.openMs ?? 0),
  );
  if (window !== undefined) {
    const bounds = indexes.map((index) => boundsOf(calendar, window, index));
    return (ms) => bounds.some(({ fromMs, toMs }) => fromMs <= ms && ms < toMs);
  }
  const dates = new Set(calendar.sessions.map(({ date }) => date));
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: calendar.timeZone });
  return (ms) => dates.has(format.format(ms));
}

/** Beginning and end of the window of one session. */
function boundsOf(calendar: TradingCalendar, { from, to }: SessionWindow, index: number) {
  const first = calendar.sessions[index];
  const last = calendar.sessions[from.edge === 'close' && to.edge === 'open' ? index + 1 : index];
  if (first === undefined || last === undefined) return { fromMs: 0, toMs: 0 };
  return {
    fromMs: (from.edge === 'open' ? first.openMs : first.closeMs) + from.offsetMs,
    toMs: (to.edge === 'open' ? last.openMs : last.closeMs) + to.offsetMs,
  };
}

/** Every slot of a span, one by one. */
function slotsOf(schedule: Schedule, afterMs: number, untilMs: number): number[] {
  const slots: number[] = [];
  let slotMs = nextSlot(schedule, afterMs, afterMs);
  while (slotMs !== undefined && slotMs <= untilMs) {
    slots.push(slotMs);
    slotMs = nextSlot(schedule, slotMs, afterMs);
  }
  return slots;
}

describe('a slot and a trading calendar', () => {
  it('pass each other by without a filter', () => {
    const schedule = every(minuteMs);
    expect(isOpenSlot(schedule, 0)).toBe(true);
    expect(nextOpenSlot(schedule, 0)).toBe(minuteMs);
    expect(countOpenSlots(schedule, { afterMs: 0, untilMs: hourMs })).toEqual({
      open: { count: 60, capped: false, firstMs: minuteMs, lastMs: hourMs },
      closed: 0,
      capped: false,
    });
    expect(explainClosedSlot(schedule, 0)).toBeUndefined();
  });

  it('agree from the opening (inclusive) to the closing (exclusive)', () => {
    const schedule = every(minuteMs, trading('open..close'));
    const [openMs, closeMs] = [at('2026-11-19T10:00+09:00'), at('2026-11-19T16:30+09:00')];
    expect([openMs - 1, openMs, closeMs - 1, closeMs].map((ms) => isOpenSlot(schedule, ms))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(nextOpenSlot(schedule, openMs - 1)).toBe(openMs);
    expect(nextOpenSlot(schedule, closeMs - minuteMs)).toBe(at('2026-11-20T09:00+09:00'));
  });

  it('agree on the whole day of a session when there is no window', () => {
    const schedule = every(hourMs, { calendar: xnys });
    expect(nextOpenSlot(schedule, at('2026-11-25T23:00-05:00'))).toBe(at('2026-11-27T00:00-05:00'));
    expect(nextOpenSlot(schedule, at('2026-03-06T23:00-05:00'))).toBe(at('2026-03-09T00:00-04:00'));
    expect(explainClosedSlot(schedule, at('2026-11-26T12:00-05:00'))?.en).toBe(
      'XNYS: closed on 2026-11-26, Thanksgiving Day',
    );
  });

  it.each(['2010-11-06', '2010-11-07'])(
    'agree on %s although its clock is set back over midnight',
    (date) => {
      const csv = `date,open,close\n${date},09:00,15:00\n`;
      const calendar = requireCalendar(
        parseCalendarCsv(csv, { id: 'STJ', timeZone: 'America/St_Johns' }),
        'csv',
      );
      // At 00:01 on the 7th the clock goes back to 23:01 on the 6th.
      const span = { afterMs: at('2010-11-06T23:50:00-02:30'), untilMs: at('2010-11-07T00:10:00-03:30') };
      const schedule = every(10_000, { calendar });
      const isOpen = openAround({ calendar }, span.afterMs);
      const slots = slotsOf(schedule, span.afterMs, span.untilMs);
      const open = slots.filter(isOpen);
      expect(countOpenSlots(schedule, span)).toMatchObject({
        open: { count: open.length },
        closed: slots.length - open.length,
      });
      expect(upcomingOpenSlots(schedule, span.afterMs, open.length)).toEqual(open);
    },
  );

  it('disagree with a reason in both languages', () => {
    const schedule = cron('0 * * * *', trading('open-30m..close+15m'));
    expect(explainClosedSlot(schedule, at('2026-11-19T09:00+09:00'))).toEqual({
      en: expect.stringContaining('on 2026-11-19 from 09:30 to 16:45'),
      ko: expect.stringContaining('09:30–16:45'),
    });
    expect(explainClosedSlot(schedule, at('2026-11-19T10:00+09:00'))).toBeUndefined();
  });

  it('never meet again after the end of the data, nor where no session has a slot', () => {
    expect(
      nextOpenSlot(every(minuteMs, trading('open..close')), at('2027-12-30T15:30+09:00')),
    ).toBeUndefined();
    expect(nextOpenSlot(every(hourMs, { calendar: xkrx }), at('2028-01-01T00:00Z'))).toBeUndefined();
    expect(nextOpenSlot(cron('0 3 * * *', trading('open..close')), at('2026-01-01T00:00Z'))).toBeUndefined();
  });

  it('are always of one mind at a moment of a session', () => {
    const schedule = { kind: 'anchor', calendar: xkrx, anchor: parseAnchor('close+5m') } as const;
    const slotMs = at('2026-11-19T16:35+09:00');
    expect(isOpenSlot(schedule, slotMs)).toBe(true);
    expect(nextOpenSlot(schedule, slotMs - 1)).toBe(slotMs);
    const span = { afterMs: slotMs - 1, untilMs: slotMs + dayMs };
    expect(countOpenSlots(schedule, span)).toMatchObject({ open: { count: 2 }, closed: 0 });
  });

  it('meet one interval after a run, or at the first such distance inside the window', () => {
    const schedule = every(50 * minuteMs, trading('open..close'), 'delay');
    const endedMs = at('2026-11-20T15:00+09:00');
    expect(nextOpenSlot(schedule, endedMs)).toBe(
      at('2026-11-23T09:00+09:00') - 10 * minuteMs + 50 * minuteMs,
    );
    const span = { afterMs: endedMs, untilMs: at('2026-11-23T10:00+09:00') };
    expect(countOpenSlots(schedule, span)).toMatchObject({ open: { count: 1 }, closed: 79 });
  });
});

describe('whatever the schedule and the window', () => {
  const windows = [
    'open..close',
    'open-30m..close+15m',
    'close+6h..open-1h',
    'close-10m..close+20h',
    'open-12h..open',
  ];
  const filters = fc
    .tuple(fc.constantFrom(xkrx, xnys, night), fc.option(fc.constantFrom(...windows), { nil: undefined }))
    .map(([calendar, text]): SessionFilter => (text === undefined ? { calendar } : trading(text, calendar)));
  const expressions = ['*/20 * * * *', '0 9,15-16 * * *', '30 2 * * *', '0 0 * * 1-5', '59 23 * * *'];
  const schedules = filters.chain((sessions) =>
    fc.oneof(
      fc
        .tuple(fc.integer({ min: 7, max: 2_000 }), fc.constantFrom('rate', 'delay'))
        .map(([minutes, mode]) => {
          return every(minutes * minuteMs, sessions, mode);
        }),
      fc
        .tuple(fc.constantFrom(...expressions), fc.constantFrom('Asia/Seoul', 'America/New_York'))
        .map(([expression, zone]) => cron(expression, sessions, zone)),
    ),
  );
  // Weeks around both clock changes of New York and around holidays of both exchanges, and the end of the data.
  const starts = fc
    .tuple(
      fc.constantFrom('2026-03-04', '2026-10-29', '2026-11-17', '2026-12-23', '2027-12-28').map(at),
      fc.integer({ min: 0, max: 5 * 24 * 60 }),
    )
    .map(([dateMs, minutes]) => dateMs + minutes * minuteMs);

  it('every slot is on exactly one side, the counts are those of a walk, and the next one is the next', () => {
    fc.assert(
      fc.property(
        schedules,
        starts,
        fc.integer({ min: 1, max: 9 * 24 * 60 }),
        (schedule, afterMs, minutes) => {
          const untilMs = afterMs + minutes * minuteMs;
          const { sessions } = schedule;
          if (sessions === undefined) throw new Error('no filter');
          const slots = slotsOf(schedule, afterMs, untilMs);
          const isOpen = openAround(sessions, afterMs);
          const open = slots.filter(isOpen);
          const closed = slots.filter((slotMs) => !isOpen(slotMs));
          expect(slots.filter((slotMs) => isOpenSlot(schedule, slotMs))).toEqual(open);
          const next = nextOpenSlot(schedule, afterMs) ?? Number.POSITIVE_INFINITY;
          expect(next > untilMs ? undefined : next).toBe(open[0]);
          const span = { afterMs, untilMs };
          expect(countOpenSlots(schedule, span)).toEqual({
            open: { count: open.length, capped: false, ...edges(open, 'firstMs', 'lastMs') },
            closed: closed.length,
            capped: false,
            ...edges(closed, 'firstClosedMs', 'lastClosedMs'),
          });
          expect(openSlotsBetween(schedule, span, 5)).toEqual(open.slice(-5));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('a cap stops the counting of cron on each side and leaves the outermost slots exact', () => {
    fc.assert(
      fc.property(filters, starts, fc.integer({ min: 1, max: 40 }), (sessions, afterMs, cap) => {
        const schedule = cron('*/20 * * * *', sessions);
        const span = { afterMs, untilMs: afterMs + 4 * dayMs };
        const exact = countOpenSlots(schedule, span, 10_000);
        const counted = countOpenSlots(schedule, span, cap);
        expect(counted).toEqual({
          ...exact,
          open: { ...exact.open, count: Math.min(cap, exact.open.count), capped: exact.open.count > cap },
          closed: Math.min(cap, exact.closed),
          capped: exact.closed > cap,
        });
      }),
      { numRuns: 100 },
    );
  });
});

function edges(slots: readonly number[], first: string, last: string): object {
  return slots.length === 0 ? {} : { [first]: slots[0], [last]: slots.at(-1) };
}

describe('the cost', () => {
  /** An interval of one second that counts how often a slot is worked out. */
  function watched(sessions: SessionFilter): { schedule: IntervalSchedule; asked: () => number } {
    let asked = 0;
    const schedule: IntervalSchedule = {
      ...every(1_000, sessions),
      get everyMs() {
        asked += 1;
        return 1_000;
      },
    };
    return { schedule, asked: () => asked };
  }

  it('of a day, a holiday week or a year of one-second slots does not grow with the slots', () => {
    const { schedule, asked } = watched(trading('open..close'));
    const afterMs = at('2026-01-01T00:00+09:00');
    expect(
      countOpenSlots(schedule, {
        afterMs: at('2026-11-19T00:00+09:00'),
        untilMs: at('2026-11-20T00:00+09:00'),
      }),
    ).toMatchObject({
      open: { count: 23_400, capped: false },
      closed: 63_000,
    });
    expect(asked()).toBeLessThan(60);
    expect(nextOpenSlot(schedule, at('2026-12-30T15:30+09:00'))).toBe(at('2027-01-04T10:00+09:00'));
    expect(asked()).toBeLessThan(70);
    const year = countOpenSlots(schedule, { afterMs, untilMs: at('2027-01-01T00:00+09:00') });
    expect(year.open.count + year.closed).toBe(365 * 86_400);
    expect(asked()).toBeLessThan(70 + 12 * 2 * 250);
  });

  it('of listing the newest slots does not grow with them either', () => {
    const { schedule, asked } = watched({ calendar: xkrx });
    const span = { afterMs: at('2026-11-20T00:00+09:00'), untilMs: at('2026-11-22T12:00+09:00') };
    expect(openSlotsBetween(schedule, span, 3)).toEqual(
      [57, 58, 59].map((second) => at('2026-11-20T23:59:00+09:00') + second * 1_000),
    );
    expect(asked()).toBeLessThan(60);
  });
});

it('the next slots of a screen are those that will run', () => {
  expect(upcomingOpenSlots(cron('0 17 * * *', { calendar: xkrx }), at('2026-12-30T00:00+09:00'), 3)).toEqual([
    at('2026-12-30T17:00+09:00'),
    at('2027-01-04T17:00+09:00'),
    at('2027-01-05T17:00+09:00'),
  ]);
});

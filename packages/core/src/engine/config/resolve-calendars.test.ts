import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Schedule } from '../../run/scheduler/schedule.ts';
import { at, cron, every } from './define-config.ts';
import { requireConfig, resolveConfig } from './resolve-config.ts';

const nowMs = Date.UTC(2026, 10, 20);
const run = () => undefined;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'qts-calendars-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  writeFileSync(path.join(folder, name), text);
  return `./${name}`;
}

const nightCsv = `date,open,close
2026-11-19,18:00-1d,05:00
2026-12-01,18:00-1d,05:00
`;

function input(options: object, others: object = {}) {
  return { instance: 'desk', targets: [{ id: 't', on: every('1m'), run, ...options }], ...others };
}

function problemsOf(options: object, others: object = {}, atMs = nowMs) {
  const resolution = resolveConfig(input(options, others), { env: {}, nowMs: atMs, folder });
  return resolution.ok ? [] : resolution.problems;
}

function configOf(options: object, others: object = {}, atMs = nowMs) {
  return requireConfig(input(options, others), { env: {}, nowMs: atMs, folder });
}

function scheduleOf(options: object, others: object = {}): Schedule | undefined {
  return configOf(options, others).targets[0]?.schedule;
}

describe('a calendar of a target', () => {
  it('takes slots away outside of the days or the window of its sessions', () => {
    expect(scheduleOf({ calendar: 'XKRX' })).toMatchObject({
      kind: 'interval',
      sessions: { calendar: { id: 'XKRX' } },
    });
    expect(
      scheduleOf({ on: cron('*/5 * * * *'), calendar: 'XNYS', window: 'open-30m..close+15m' }),
    ).toMatchObject({
      kind: 'cron',
      sessions: { calendar: { id: 'XNYS' }, window: { from: { edge: 'open', offsetMs: -1_800_000 } } },
    });
    const interval = { on: undefined, intervalMs: 1_000, calendar: 'XKRX' };
    expect(scheduleOf(interval)).toMatchObject({ everyMs: 1_000, sessions: {} });
  });

  it('gives the moments a target may run at', () => {
    expect(scheduleOf({ on: at('close+5m', { calendar: 'XKRX' }) })).toEqual({
      kind: 'anchor',
      calendar: expect.objectContaining({ id: 'XKRX' }),
      anchor: { edge: 'close', offsetMs: 300_000 },
    });
  });

  it.each([
    [{ calendar: 'XKRS' }, 'calendar', "did you mean 'XKRX'?"],
    [{ calendar: 5 }, 'calendar', /add a file/],
    [{ window: 'open..close' }, 'window', /name the calendar/],
    [{ calendar: 'XKRX', window: 'open' }, 'window', /'open\.\.close' for the trading hours/],
    [{ calendar: 'XKRX', window: 5 }, 'window', /trading hours/],
    [{ calendar: 'XKRX', window: 'close..open..' }, 'window', /trading hours/],
    [{ calendar: 'XKRX', window: 'close+1h..close' }, 'window', /swap the two/],
    [{ calendar: 'XKRX', window: 'open+8h..close' }, 'window', /smaller offsets/],
    [{ on: { at: 'close+5m' } }, 'on.calendar', "name the calendar, such as calendar: 'XKRX'"],
    [{ on: { at: 'noon', calendar: 'XKRX' } }, 'on.at', /close\+5m/],
    [{ on: { at: 5, calendar: 'XKRX' } }, 'on.at', /close\+5m/],
    [{ on: { at: 'close', cron: '* * * * *', calendar: 'XKRX' } }, 'on', /two schedules are two targets/],
    [{ on: { at: 'close', calender: 'XKRX', calendar: 'XKRX' } }, 'on.calender', "did you mean 'calendar'?"],
    [{ on: 'close+5m' }, 'on', "write { at: 'close+5m', calendar: 'XKRX' }"],
  ])('is refused with a remedy: %j', (options, key, remedy) => {
    expect(problemsOf(options)).toMatchObject([
      {
        path: `targets[0].${key}`,
        remedy: typeof remedy === 'string' ? remedy : expect.stringMatching(remedy),
      },
    ]);
  });

  it('and a schedule that never meet are refused', () => {
    expect(problemsOf({ on: cron('0 3 * * *'), calendar: 'XKRX', window: 'open..close' })).toEqual([]);
    const korean = { on: cron('0 3 * * *', { timeZone: 'Asia/Seoul' }), calendar: 'XKRX' };
    expect(problemsOf({ ...korean, window: 'open..close' })).toMatchObject([
      {
        path: 'targets[0].window',
        message: expect.stringContaining("'0 3 * * * in XKRX open..close' never runs"),
      },
    ]);
    expect(
      problemsOf({ on: cron('0 12 * * 6', { timeZone: 'Asia/Seoul' }), calendar: 'XKRX' }),
    ).toMatchObject([{ path: 'targets[0].calendar' }]);
  });
});

describe('the end of the data', () => {
  const all = [
    { id: 'a', on: every('1m'), run, calendar: 'XKRX' },
    { id: 'b', on: at('close', { calendar: 'XKRX' }), run },
  ];

  it('is a warning thirty days before, once for each calendar', () => {
    expect(configOf({}, { targets: all }).warnings).toEqual([]);
    expect(configOf({}, { targets: all }, Date.UTC(2027, 11, 10)).warnings).toEqual([
      {
        code: 'INP-0703',
        path: 'targets[0].calendar',
        text: { en: 'XKRX: calendar data end 2027-12-30, in 20 days', ko: expect.stringContaining('20일') },
      },
    ]);
  });

  it('is no reason to say that a schedule never runs', () => {
    const atMs = Date.parse('2027-12-30T20:00+09:00');
    expect(configOf({ calendar: 'XKRX' }, {}, atMs).warnings).toHaveLength(1);
  });

  it('warns with another code once it has come, and of a clock before the data, but other targets still load', () => {
    const ended = configOf(
      {},
      { targets: [...all, { id: 'c', on: every('1m'), run }] },
      Date.UTC(2028, 0, 10),
    );
    expect(ended.targets).toHaveLength(3);
    expect(ended.warnings).toMatchObject([
      { code: 'INP-0704', path: 'targets[0].calendar', text: { en: 'XKRX: calendar data ended 2027-12-30' } },
    ]);
    expect(configOf({ calendar: 'XKRX' }, {}, 0).warnings).toMatchObject([
      { code: 'INP-0704', text: { en: expect.stringContaining('begin') } },
    ]);
  });
});

describe('a calendar file', () => {
  it('is read from beside the config, in the zone of its entry or of the config', () => {
    const file = write('night.csv', nightCsv);
    const own = { calendars: { KRX_NIGHT: { file, timeZone: 'Asia/Seoul' } } };
    expect(scheduleOf({ calendar: 'KRX_NIGHT' }, own)).toMatchObject({
      sessions: { calendar: { id: 'KRX_NIGHT', timeZone: 'Asia/Seoul', lastDate: '2026-12-01' } },
    });
    const configured = { timeZone: 'America/New_York', calendars: { NIGHT: file } };
    const schedule = scheduleOf({ on: at('close', { calendar: 'NIGHT' }) }, configured);
    expect(schedule).toMatchObject({ calendar: { timeZone: 'America/New_York' } });
    expect(configOf({ calendar: 'NIGHT' }, configured).warnings).toMatchObject([{ code: 'INP-0703' }]);
  });

  it.each(['json', 'yaml'])('may be %s, which may name its zone itself', (ending) => {
    const sessions = [
      { date: '2026-12-01', open: '09:00', close: '15:00' },
      { date: '2026-11-20', open: '09:00', close: '15:00' },
    ];
    const file = write(
      `own.${ending}`,
      JSON.stringify({ timeZone: 'Asia/Tokyo', sessions: sessions.reverse() }),
    );
    const configured = { timeZone: 'Asia/Seoul', calendars: { OWN: file } };
    expect(scheduleOf({ calendar: 'OWN' }, configured)).toMatchObject({
      sessions: { calendar: { timeZone: 'Asia/Tokyo' } },
    });
    const silent = write(`silent.${ending}`, JSON.stringify({ sessions }));
    expect(scheduleOf({ calendar: 'OWN' }, { ...configured, calendars: { OWN: silent } })).toMatchObject({
      sessions: { calendar: { timeZone: 'Asia/Seoul' } },
    });
  });

  it('is reported with all its problems, and its name is not reported again', () => {
    const file = write('broken.csv', 'date,open,close\n2026-11-31,09:00,15:00\n2026-12-01,9am,15:00\n');
    const calendars = { OWN: { file, timeZone: 'Asia/Seoul' } };
    expect(problemsOf({ calendar: 'OWN' }, { calendars })).toMatchObject([
      { path: 'calendars.OWN', message: expect.stringMatching(/^broken\.csv, line 2, date: /) },
      { path: 'calendars.OWN', message: expect.stringMatching(/^broken\.csv, line 3, open: /) },
    ]);
  });

  it('without any zone is refused', () => {
    const file = write('zoneless.csv', nightCsv);
    expect(problemsOf({ calendar: 'OWN' }, { calendars: { OWN: file } })).toMatchObject([
      { message: expect.stringContaining('the time zone is missing') },
    ]);
  });

  it.each([
    ['./nowhere.csv', /does not exist/],
    ['./folder.csv', /is a folder/],
    ['./text.txt', /'\.txt' is not the ending/],
    ['./half.yaml', /^line 1: /],
    [5, /is not a calendar file/],
    [{ file: './night.csv', timeZone: 'Asia/Soul' }, /is not a time zone/],
    [{ path: './night.csv' }, /is missing/],
  ])('that cannot be read is named: %j', (entry, message) => {
    mkdirSync(path.join(folder, 'folder.csv'), { recursive: true });
    write('text.txt', nightCsv);
    write('half.yaml', '{ sessions: [');
    const [problem] = problemsOf({ calendar: 'OWN' }, { calendars: { OWN: entry } });
    expect(problem?.path).toMatch(/^calendars\.OWN/);
    expect(problem?.message).toMatch(message);
  });

  it.each(['XKRX', '1st', 'a b'])('cannot be called %s', (name) => {
    const file = write('named.csv', nightCsv);
    const calendars = { [name]: { file, timeZone: 'Asia/Seoul' } };
    expect(problemsOf({}, { calendars })).toMatchObject([{ value: `'${name}'` }]);
  });

  it('belongs to a set of names', () => {
    expect(problemsOf({}, { calendars: ['./night.csv'] })).toMatchObject([{ path: 'calendars' }]);
  });
});

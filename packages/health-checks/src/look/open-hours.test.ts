import { expect, it } from 'vitest';
import { hoursOption, openStateAt } from './open-hours.ts';

const seoul = hoursOption.parse({
  timeZone: 'Asia/Seoul',
  from: '09:00',
  to: '15:30',
  closedOn: ['2026-12-25'],
});
const night = hoursOption.parse({
  timeZone: 'America/New_York',
  from: '22:00',
  to: '04:00',
  days: ['SAT', 'SUN'],
});

it.for([
  ['2026-11-20T00:00:00Z', '2026-11-20T00:00:00Z', 'at the opening'],
  ['2026-11-20T06:29:59Z', '2026-11-20T00:00:00Z', 'to the end'],
  ['2026-11-20T06:30:00Z', undefined, 'not at the end'],
  ['2026-11-21T01:00:00Z', undefined, 'not on a Saturday'],
  ['2026-12-25T01:00:00Z', undefined, 'not on a day without work'],
] as const)('%s is open since %s: %s', ([now, since]) => {
  const state = openStateAt({ hours: seoul }, Date.parse(now));
  expect(state).toEqual(
    since === undefined ? { isOpen: false } : { isOpen: true, sinceMs: Date.parse(since) },
  );
});

it('finds the opening of a night in which the clock changes', () => {
  const autumn = openStateAt({ hours: night }, Date.parse('2026-11-01T08:30:00Z'));
  expect(autumn).toEqual({ isOpen: true, sinceMs: Date.parse('2026-11-01T02:00:00Z') });
  const spring = openStateAt({ hours: night }, Date.parse('2026-03-08T07:30:00Z'));
  expect(spring).toEqual({ isOpen: true, sinceMs: Date.parse('2026-03-08T03:00:00Z') });
  expect(openStateAt({ hours: night }, Date.parse('2026-11-03T04:00:00Z'))).toEqual({ isOpen: false });
});

it('is always open without hours', () => {
  expect(openStateAt({}, 0)).toEqual({ isOpen: true, sinceMs: Number.NEGATIVE_INFINITY });
});

it.for([
  ['2026-11-19T00:30:00Z', undefined, 'a late opening is not open at the usual time'],
  ['2026-11-19T01:30:00Z', '2026-11-19T01:00:00Z', 'it is open from its own'],
  ['2026-11-19T07:15:00Z', '2026-11-19T01:00:00Z', 'and to its own end'],
  ['2026-12-30T03:10:00Z', undefined, 'a half day ends early'],
  ['2026-11-21T01:00:00Z', '2026-11-21T00:00:00Z', 'a session on a Saturday is one'],
  ['2026-11-20T06:29:59Z', '2026-11-20T00:00:00Z', 'other days are as usual'],
] as const)('at %s it is open since %s: %s', ([now, since]) => {
  const hours = hoursOption.parse({
    timeZone: 'Asia/Seoul',
    from: '09:00',
    to: '15:30',
    otherDays: [
      { date: '2026-11-19', from: '10:00', to: '16:30' },
      { date: '2026-12-30', from: '09:00', to: '12:00' },
      { date: '2026-11-21', from: '09:00', to: '15:30' },
    ],
  });
  const state = openStateAt({ hours }, Date.parse(now));
  expect(state).toEqual(
    since === undefined ? { isOpen: false } : { isOpen: true, sinceMs: Date.parse(since) },
  );
});

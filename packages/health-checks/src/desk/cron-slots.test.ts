import { expect, it } from 'vitest';
import { lastSlot, parseCron } from './cron-slots.ts';

const seoul = 'Asia/Seoul';
const berlin = 'Europe/Berlin';

it.for([
  ['*/5 * * * *', 'UTC', '2026-11-20T10:03:30Z', '2026-11-20T10:00:00Z'],
  ['0 17 * * 1-5', seoul, '2026-11-22T10:00:00Z', '2026-11-20T08:00:00Z'],
  ['30 2 * * *', berlin, '2026-03-30T10:00:00Z', '2026-03-30T00:30:00Z'],
  ['30 2 * * *', berlin, '2026-03-29T20:00:00Z', '2026-03-28T01:30:00Z'],
  ['30 2 * * *', berlin, '2026-10-25T20:00:00Z', '2026-10-25T01:30:00Z'],
  ['0 0 1 JAN *', 'UTC', '2026-11-20T00:00:00Z', '2026-01-01T00:00:00Z'],
  ['0 12 29 2 *', 'UTC', '2026-11-20T00:00:00Z', '2024-02-29T12:00:00Z'],
  ['0 0 13 * FRI', 'UTC', '2026-11-19T00:00:00Z', '2026-11-13T00:00:00Z'],
  ['0 0 13 * FRI', 'UTC', '2026-10-15T00:00:00Z', '2026-10-13T00:00:00Z'],
  ['15,45 9-15/3 * * sun', 'UTC', '2026-11-20T00:00:00Z', '2026-11-15T15:45:00Z'],
  ['30 1 * * *', 'Australia/Lord_Howe', '2026-10-04T12:00:00Z', '2026-10-03T15:00:00Z'],
  ['0 8 * * 7', 'UTC', '2026-11-16T00:00:00Z', '2026-11-15T08:00:00Z'],
] as const)('the last slot of %s in %s before %s was %s', ([expression, timeZone, before, slot]) => {
  const fields = parseCron(expression);
  if (fields === undefined) throw new Error(`${expression} is a cron expression`);
  expect(lastSlot(fields, { timeZone, beforeMs: Date.parse(before) })).toBe(Date.parse(slot));
});

it('goes back no further than to a slot that is known', () => {
  const fields = parseCron('0 0 1 1 *');
  if (fields === undefined) throw new Error('is a cron expression');
  const knownMs = Date.parse('2026-01-01T00:00:00Z');
  expect(lastSlot(fields, { timeZone: 'UTC', beforeMs: Date.parse('2026-11-20T00:00:00Z'), knownMs })).toBe(
    knownMs,
  );
});

it.for([
  '',
  '* * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * 30 2 *',
  '* * * 13 *',
  '5-1 * * * *',
  '*/0 * * * *',
  '* * * * XYZ',
  '0 0 0 * * *',
])('%j is none, or can never be', (expression) => {
  expect(parseCron(expression)).toBeUndefined();
});

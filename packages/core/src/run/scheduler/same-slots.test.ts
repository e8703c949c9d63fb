import { describe, expect, it } from 'vitest';
import { nodeCronGrammar } from '../../adapters/cron-node/cron-grammar.ts';
import { parseAnchor, parseWindow } from '../calendars/session-terms.ts';
import { requireShippedCalendar } from '../calendars/shipped-calendars.ts';
import { haveSameSlots } from './same-slots.ts';
import type { AnchorSchedule, CronSchedule, IntervalSchedule } from './schedule.ts';

const calendar = requireShippedCalendar('XKRX');

function every(options: Partial<IntervalSchedule> = {}): IntervalSchedule {
  return { kind: 'interval', everyMs: 1_000, mode: 'rate', phaseMs: 0, runOnStart: false, ...options };
}

function cron(expression: string, options: Partial<CronSchedule> = {}): CronSchedule {
  const parsed = nodeCronGrammar.parse(expression);
  if (!parsed.ok) throw new Error(parsed.errors.map(({ message }) => message).join('; '));
  return { kind: 'cron', expression, fields: parsed.fields, timeZone: 'UTC', dstGap: 'run', ...options };
}

function at(text: string, id = 'XKRX'): AnchorSchedule {
  return { kind: 'anchor', calendar: requireShippedCalendar(id), anchor: parseAnchor(text) };
}

describe('two schedules', () => {
  it.each([
    [every(), every()],
    [every({ sessions: { calendar } }), every({ sessions: { calendar } })],
    [cron('0 17 * * 1-5'), cron('0 17 * * MON-FRI')],
    [cron('0 17 * * *', { dayMatch: 'and' }), cron('0 17 * * *')],
    [at('close+5m'), at('close+300s')],
  ])('are due at the same instants (%#)', (one, other) => {
    expect(haveSameSlots(one, other)).toBe(true);
  });

  it.each([
    [every(), every({ everyMs: 2_000 })],
    [every(), every({ phaseMs: 1 })],
    [every(), every({ runOnStart: true })],
    [every({ mode: 'delay' }), every({ mode: 'delay' })],
    [every({ sessions: { calendar } }), every()],
    [
      every({ sessions: { calendar } }),
      every({ sessions: { calendar, window: parseWindow('open..close') } }),
    ],
    [cron('0 17 * * 1-5'), cron('0 17 * * 1-5', { timeZone: 'Asia/Seoul' })],
    [cron('0 17 1 * 1', { dayMatch: 'and' }), cron('0 17 1 * 1', { dayMatch: 'or' })],
    [cron('* * * * * *'), every()],
    [at('close+5m'), at('close+6m')],
    [at('close+5m'), at('close+5m', 'XNYS')],
  ])('are not (%#)', (one, other) => {
    expect(haveSameSlots(one, other)).toBe(false);
    expect(haveSameSlots(other, one)).toBe(false);
  });
});

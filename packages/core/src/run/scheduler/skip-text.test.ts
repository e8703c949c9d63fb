import { describe, expect, it } from 'vitest';
import { nodeCronGrammar } from '../../adapters/cron-node/cron-grammar.ts';
import { testTarget } from '../../testing/test-targets.ts';
import { parseWindow } from '../calendars/session-terms.ts';
import { requireShippedCalendar } from '../calendars/shipped-calendars.ts';
import { SKIP_REASONS } from '../executions/execution.ts';
import type { Schedule } from './schedule.ts';
import { explainSkippedSlot } from './skip-text.ts';

const done = () => 'done';
const calendar = requireShippedCalendar('XKRX');
const window = parseWindow('open-30m..close+15m');
const every: Schedule = { kind: 'interval', everyMs: 60_000, mode: 'rate', phaseMs: 0, runOnStart: false };

function daily(): Schedule {
  const parsed = nodeCronGrammar.parse('0 17 * * 1-5');
  if (!parsed.ok) throw new Error('the expression cannot be read');
  const { fields } = parsed;
  return {
    kind: 'cron',
    expression: '0 17 * * 1-5',
    fields,
    timeZone: 'Asia/Seoul',
    dstGap: 'run',
    sessions: { calendar },
  };
}

describe('why a slot was skipped', () => {
  it('is the day and its name for a trading calendar', () => {
    const report = testTarget('report', done, { schedule: daily() });
    expect(explainSkippedSlot(report, 'calendar', Date.parse('2026-09-24T17:00:00+09:00'))).toEqual({
      en: 'XKRX: closed on 2026-09-24, Chuseok',
      ko: 'XKRX: 2026-09-24 휴장 (추석 연휴)',
    });
  });

  it('is the window with its hours on that day', () => {
    const pipeline = testTarget('pipeline', done, { schedule: { ...every, sessions: { calendar, window } } });
    const early = Date.parse('2026-11-19T08:45:00+09:00');
    expect(explainSkippedSlot(pipeline, 'calendar', early).en).toMatch(
      /^XKRX: outside open-30m\.\.close\+15m, on 2026-11-19 from 09:30 to 16:45 \(late open, late close/,
    );
  });

  it('names the parents of a dependent', () => {
    const comesAfter = (on: 'success' | 'any-failed') =>
      testTarget('mail', done, { policies: { dependency: { after: ['a', 'b'], on } } });
    expect(explainSkippedSlot(comesAfter('success'), 'upstream', 0).en).toBe(
      'after a, b: that slot was skipped there or did not succeed',
    );
    expect(explainSkippedSlot(comesAfter('any-failed'), 'upstream', 0).en).toBe(
      'after a, b: nothing failed there',
    );
  });

  it('has a text in both languages for every reason', () => {
    const plain = testTarget('plain', done, { schedule: every });
    for (const reason of SKIP_REASONS) {
      const { en, ko } = explainSkippedSlot(plain, reason, 0);
      expect(en).not.toBe('');
      expect(ko).toMatch(/[가-힣]/u);
    }
  });
});

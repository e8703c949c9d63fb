import { describe, expect, it } from 'vitest';
import { sampleNotice } from '../../testing/describe-store-alerts.ts';
import type { OutboxRow } from './outbox.ts';
import { backoffMs, checkedResult, clampRetryAfter, pickRows, settleRow } from './outbox-rules.ts';

const nowMs = 1_000_000;
const limits = { nowMs, most: 10, isLive: () => false, criticalOnly: false };
const measured = { startedAtMs: nowMs - 5, endedAtMs: nowMs, durationMs: 5, timedOut: false };
const row = (id: string, more: Partial<OutboxRow> = {}) =>
  sampleNotice(id, 1, { createdAtMs: nowMs, nextAtMs: 0, ...more });
const sending = row('n', { status: 'sending', attempts: 1, leaseBootId: 'boot' });

describe('what is sent next', () => {
  it('is critical first, then the oldest; not what waits for its time or for an earlier one', () => {
    const rows = [
      row('a'),
      row('later', { nextAtMs: nowMs + 5 }),
      row('crit', { level: 'CRITICAL' }),
      row('after', { afterIds: ['a'] }),
      row('busy', { status: 'sending' }),
      row('b'),
    ];
    const picked = pickRows(rows, { ...limits, isLive: (id) => id === 'a' });
    expect(picked.rows.map(({ id }) => id)).toEqual(['crit', 'a', 'b']);
    expect(picked.nextMs).toBe(nowMs + 5);
  });

  it('of a channel that just failed is only what is critical and was never tried', () => {
    const rows = [
      row('a'),
      row('tried', { level: 'CRITICAL', attempts: 1, status: 'retry' }),
      row('new', { level: 'CRITICAL' }),
    ];
    expect(pickRows(rows, { ...limits, criticalOnly: true }).rows.map(({ id }) => id)).toEqual(['new']);
  });
});

describe('after an attempt', () => {
  it.each([
    ['INFO', 3_600_000],
    ['WARN', 6 * 3_600_000],
    ['ERROR', 24 * 3_600_000],
    ['CRITICAL', 24 * 3_600_000],
  ] as const)('a failed %s notice is given up after %i ms, not before', (level, ageMs) => {
    const failed = { status: 'retry', reason: 'no route' } as const;
    const aged = (extraMs: number) => ({ ...sending, level, createdAtMs: nowMs - ageMs - extraMs });
    expect(settleRow(aged(0), failed, measured).row.status).toBe('retry');
    expect(settleRow(aged(1), failed, measured).row.status).toBe('dead');
  });

  it('that may have arrived the next one says that it may be a repeat, and so do all after it', () => {
    const refused = { status: 'retry', reason: 'no connection' } as const;
    const unheard = { ...refused, mayHaveArrived: true };
    const repeatAfter = (result: typeof refused, more: object = {}) =>
      settleRow({ ...sending, ...more }, result, measured).row.maybeRepeat;
    expect(repeatAfter(refused)).toBe(false);
    expect(repeatAfter(unheard)).toBe(true);
    expect(repeatAfter(refused, { maybeRepeat: true })).toBe(true);
    expect(settleRow(sending, refused, { ...measured, timedOut: true }).row.maybeRepeat).toBe(true);
  });

  it('a long or strange answer is cut and cleaned before it is kept', () => {
    const reason = `bad\u0007\n${'x'.repeat(500)}`;
    const { end } = settleRow(sending, { status: 'retry', reason }, measured);
    expect(end.text).toHaveLength(256);
    expect(end.text?.startsWith('bad x')).toBe(true);
  });

  it.each([[undefined], [null], ['sent'], [{}], [{ status: 'maybe' }]])(
    'an answer that is none (%s) is a failure nobody classified',
    (answer) => {
      expect(checkedResult(answer)).toMatchObject({ status: 'retry' });
    },
  );
});

describe('waiting', () => {
  it('grows from about 5 s to at most 15 min and differs between notices', () => {
    for (let attempts = 1; attempts < 40; attempts++) {
      const waits = Array.from({ length: 50 }, (_, n) => backoffMs({ id: `n${n}`, attempts }));
      const most = Math.min(900_000, 5000 * 2 ** (attempts - 1));
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(1000);
      expect(Math.max(...waits)).toBeLessThanOrEqual(most);
      expect(new Set(waits).size).toBeGreaterThan(20);
    }
  });

  it('as long as the other side asks is bounded on both sides', () => {
    expect([0, -5, 30_000, 9e9, Number.NaN].map(clampRetryAfter)).toEqual([
      1000, 1000, 30_000, 3_600_000, 900_000,
    ]);
  });
});

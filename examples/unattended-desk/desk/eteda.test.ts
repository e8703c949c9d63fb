import { expect, it } from 'vitest';
import { generatedSource } from './bar-sources.ts';
import type { Bar } from './bars.ts';
import { freshState } from './desk-state.ts';
import { type Cycle, type Desk, evaluate, runEteda, SLOW_WINDOW, transform } from './eteda.ts';
import { equityOf, fillOrder, openLedger } from './ledger.ts';

const fresh: Desk = freshState('test');

function run(desk: Desk, closes: readonly number[]) {
  const cycles: Cycle[] = [];
  for (const [seq, close] of closes.entries()) {
    const bar: Bar = {
      symbol: 'A',
      timeMs: seq * 60_000,
      open: close,
      high: close,
      low: close,
      close,
      volume: 1,
    };
    const previous = cycles.at(-1)?.desk ?? desk;
    cycles.push(runEteda(previous, bar, { seq, sourceId: 'test' }));
  }
  return cycles;
}

const rising = Array.from({ length: 25 }, (_, index) => 1_000 + index * 5);

it('holds until it has enough closes, then buys a rising symbol once and within a tenth of the equity', () => {
  const decisions = run(fresh, rising).map((cycle) => cycle.decision);
  expect(decisions.slice(0, SLOW_WINDOW - 1).every((decision) => decision.action === 'HOLD')).toBe(true);
  expect(decisions[SLOW_WINDOW - 1]).toMatchObject({ action: 'BUY', quantity: 9_132, riskApproved: true });
  expect(decisions.slice(SLOW_WINDOW).map((decision) => decision.reason)).toEqual(
    Array(5).fill('already invested'),
  );
});

it('sells everything when the price falls below the stop loss', () => {
  const last = run(fresh, [...rising, 1_000]).at(-1);
  expect(last?.decision).toMatchObject({
    action: 'SELL',
    quantity: 9_132,
    reason: expect.stringContaining('stop loss'),
  });
  expect(last?.desk.ledger.positions).toEqual({});
  expect(last?.equity).toBe(last?.desk.ledger.cash);
});

it('warns of a price jump and goes on trading', () => {
  const last = run(fresh, [...rising, 2_000]).at(-1);
  expect(last?.pattern).toMatchObject({ severity: 'WARN', conditions: ['price_jump'] });
  expect(last?.desk.safety).toEqual({ state: 'WARNING', code: 'AN001' });
});

it('decides NONE and says why while safety forbids trading', () => {
  const desk: Desk = { ...fresh, safety: { state: 'FAIL', code: 'FS050' } };
  const last = run(desk, rising).at(-1);
  expect(last?.decision).toMatchObject({ action: 'NONE', reason: 'safety is FAIL (FS050)' });
});

it('blocks a bar whose features are not numbers', () => {
  expect(evaluate(transform([1, Number.NaN]))).toMatchObject({
    severity: 'BLOCK',
    safetyEvent: { kind: 'fail-safe', code: 'FS020' },
  });
});

it('fails safe when nothing is left', () => {
  const desk: Desk = { ...fresh, ledger: { ...fresh.ledger, cash: 0 } };
  expect(run(desk, [1_000]).at(-1)?.desk.safety).toEqual({ state: 'FAIL', code: 'FS050' });
});

it('keeps cash, positions, fees and profit in balance over a long generated stream', () => {
  const source = generatedSource(9);
  let desk = fresh;
  for (let seq = 0; seq < 5_000; seq++) {
    const bar = source.barAt(seq, (symbol) => desk.closes[symbol]?.at(-1));
    if (bar === undefined) throw new Error('the stream ended');
    desk = runEteda(desk, bar, { seq, sourceId: 'test' }).desk;
    expect(desk.ledger.cash).toBeGreaterThanOrEqual(0);
  }
  const { ledger } = desk;
  expect(ledger.fees).toBeGreaterThan(0);
  expect(equityOf(ledger, () => undefined)).toBeCloseTo(
    ledger.startCash + ledger.realizedPnl - ledger.fees,
    3,
  );
});

it('refuses to book what cash or shares do not cover', () => {
  const ledger = openLedger(1_000);
  const order = { symbol: 'A', quantity: 1, price: 1_000 };
  expect(() => fillOrder(ledger, { ...order, side: 'BUY' })).toThrow(/not covered/);
  expect(() => fillOrder(ledger, { ...order, side: 'SELL' })).toThrow(/not covered/);
});

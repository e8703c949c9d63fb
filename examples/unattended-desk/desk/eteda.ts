import type { Bar } from './bars.ts';
import { buyingCost, equityOf, type Fill, fillOrder, type Ledger, type Position } from './ledger.ts';
import { mayTrade, type Safety, type SafetyEvent, stepSafety } from './safety.ts';

/** What the desk knows between two bars. */
export interface Desk {
  readonly ledger: Ledger;
  /** The last closes of each symbol, oldest first, at most `SLOW_WINDOW`. */
  readonly closes: Readonly<Record<string, readonly number[]>>;
  readonly safety: Safety;
}

/** One bar at its place in the stream: `seq` counts from 0 and is the identity of everything made from it. */
export interface Snapshot {
  readonly seq: number;
  readonly sourceId: string;
  readonly bar: Bar;
}

/** Numbers derived from a snapshot and the closes before it; absent while there are too few closes. */
export interface Features {
  readonly samples: number;
  readonly returnRate?: number;
  readonly fastAverage?: number;
  readonly slowAverage?: number;
  readonly volatility?: number;
}

/** What the features mean. */
export interface Pattern {
  readonly trend: 'UP' | 'DOWN' | 'FLAT' | 'UNKNOWN';
  readonly volatilityLevel: 'LOW' | 'HIGH' | 'UNKNOWN';
  readonly conditions: readonly string[];
  readonly severity: 'PASS' | 'WARN' | 'BLOCK';
  readonly safetyEvent?: SafetyEvent;
}

/** What to do about it; `quantity` is above zero for BUY and SELL and absent otherwise. */
export interface Decision {
  readonly action: 'BUY' | 'SELL' | 'HOLD' | 'NONE';
  readonly quantity?: number;
  readonly reason: string;
  readonly riskApproved: boolean;
  /** True when the order was made smaller to respect the limits of the account. */
  readonly adjusted: boolean;
}

/** Everything one cycle produced. */
export interface Cycle {
  readonly snapshot: Snapshot;
  readonly features: Features;
  readonly pattern: Pattern;
  readonly decision: Decision;
  readonly fill?: Fill;
  readonly equity: number;
  readonly desk: Desk;
}

/** Closes needed for the slow average; the desk holds until it has them. */
export const SLOW_WINDOW = 20;
const FAST_WINDOW = 5;
const TREND_BAND = 0.0005;
const HIGH_VOLATILITY = 0.05;
const PRICE_JUMP = 0.2;
const LARGEST_POSITION_SHARE = 0.1;
const STOP_LOSS = 0.03;

/** Runs Extract, Transform, Evaluate, Decide and Act for one bar; pure, so the same desk and bar give the same cycle. */
export function runEteda(desk: Desk, bar: Bar, place: { seq: number; sourceId: string }): Cycle {
  const snapshot = extract(bar, place);
  const closes = [...(desk.closes[bar.symbol] ?? []), bar.close].slice(-SLOW_WINDOW);
  const features = transform(closes);
  const pattern = evaluate(features);
  const safety = pattern.safetyEvent ? stepSafety(desk.safety, pattern.safetyEvent).safety : desk.safety;
  const observed: Desk = { ...desk, safety, closes: { ...desk.closes, [bar.symbol]: closes } };
  const decision = decide(observed, snapshot, { features, pattern });
  const acted = act(observed, snapshot, decision);
  return { snapshot, features, pattern, decision, ...acted };
}

/** Extract: gives a bar its place in the stream. */
export function extract(bar: Bar, place: { seq: number; sourceId: string }): Snapshot {
  return { ...place, bar };
}

/** Transform: numbers from the closes of one symbol, the newest last. */
export function transform(closes: readonly number[]): Features {
  const returns = closes.slice(1).map((close, index) => close / (closes[index] ?? close) - 1);
  const lastReturn = returns.at(-1);
  return {
    samples: closes.length,
    ...(lastReturn === undefined ? {} : { returnRate: lastReturn }),
    ...(closes.length < FAST_WINDOW ? {} : { fastAverage: mean(closes.slice(-FAST_WINDOW)) }),
    ...(closes.length < SLOW_WINDOW ? {} : { slowAverage: mean(closes), volatility: deviation(returns) }),
  };
}

/** Evaluate: names what the features show, and what about them endangers the desk. */
export function evaluate(features: Features): Pattern {
  const { returnRate, fastAverage, slowAverage, volatility } = features;
  const conditions: string[] = [];
  const given = [returnRate, fastAverage, slowAverage, volatility].filter((value) => value !== undefined);
  const isBroken = given.some((value) => !Number.isFinite(value));
  const hasJumped = returnRate !== undefined && Math.abs(returnRate) > PRICE_JUMP;
  if (features.samples < SLOW_WINDOW) conditions.push('warming_up');
  if (hasJumped) conditions.push('price_jump');
  if (isBroken) conditions.push('not_a_number');
  const safetyEvent: SafetyEvent | undefined = isBroken
    ? { kind: 'fail-safe', code: 'FS020' }
    : hasJumped
      ? { kind: 'anomaly', code: 'AN001' }
      : undefined;
  return {
    trend: trendOf(fastAverage, slowAverage),
    volatilityLevel: volatility === undefined ? 'UNKNOWN' : volatility > HIGH_VOLATILITY ? 'HIGH' : 'LOW',
    conditions,
    severity: isBroken ? 'BLOCK' : hasJumped ? 'WARN' : 'PASS',
    ...(safetyEvent === undefined ? {} : { safetyEvent }),
  };
}

/** Decide: one action within the limits of the account; every branch says why. */
export function decide(
  desk: Desk,
  { bar }: Snapshot,
  { features, pattern }: { features: Features; pattern: Pattern },
): Decision {
  if (!mayTrade(desk.safety)) return idle('NONE', `safety is ${desk.safety.state} (${desk.safety.code})`);
  if (pattern.severity === 'BLOCK') return idle('NONE', 'features are not numbers');
  const position = desk.ledger.positions[bar.symbol];
  if (position !== undefined && bar.close < position.averagePrice * (1 - STOP_LOSS)) {
    return sellAll(position, `stop loss: ${STOP_LOSS * 100} % below the average price`);
  }
  if (pattern.trend === 'UNKNOWN') return idle('HOLD', `${features.samples} of ${SLOW_WINDOW} closes`);
  if (pattern.trend === 'DOWN' && position !== undefined) {
    return sellAll(position, 'fast average below slow average');
  }
  if (pattern.trend !== 'UP') return idle('HOLD', `trend is ${pattern.trend}`);
  if (position !== undefined) return idle('HOLD', 'already invested');
  if (pattern.volatilityLevel === 'HIGH') return idle('HOLD', 'volatility above the limit');
  return buy(desk, bar);
}

/** Act: fills the decision on paper and looks at what is left. */
export function act(
  desk: Desk,
  { bar }: Snapshot,
  decision: Decision,
): { desk: Desk; fill?: Fill; equity: number } {
  const order =
    decision.quantity === undefined || (decision.action !== 'BUY' && decision.action !== 'SELL')
      ? undefined
      : { side: decision.action, symbol: bar.symbol, quantity: decision.quantity, price: bar.close };
  const booked = order === undefined ? { ledger: desk.ledger } : fillOrder(desk.ledger, order);
  const equity = equityOf(booked.ledger, (symbol) => desk.closes[symbol]?.at(-1));
  const safety =
    equity > 0 ? desk.safety : stepSafety(desk.safety, { kind: 'fail-safe', code: 'FS050' }).safety;
  return { ...booked, desk: { ...desk, ledger: booked.ledger, safety }, equity };
}

function buy(desk: Desk, bar: Bar): Decision {
  const equity = equityOf(desk.ledger, (symbol) => desk.closes[symbol]?.at(-1));
  const wanted = Math.floor((equity * LARGEST_POSITION_SHARE) / bar.close);
  const affordable = Math.floor(desk.ledger.cash / buyingCost(1, bar.close));
  const largest = Math.min(wanted, affordable);
  const quantity = buyingCost(largest, bar.close) > desk.ledger.cash ? largest - 1 : largest;
  if (quantity < 1) return idle('HOLD', 'the limit is below the price of one share');
  const reason = 'fast average above slow average';
  return { action: 'BUY', quantity, reason, riskApproved: true, adjusted: quantity < wanted };
}

function sellAll({ quantity }: Position, reason: string): Decision {
  return { action: 'SELL', quantity, reason, riskApproved: true, adjusted: false };
}

function idle(action: 'HOLD' | 'NONE', reason: string): Decision {
  return { action, reason, riskApproved: false, adjusted: false };
}

function trendOf(fast: number | undefined, slow: number | undefined): Pattern['trend'] {
  if (fast === undefined || slow === undefined) return 'UNKNOWN';
  if (fast > slow * (1 + TREND_BAND)) return 'UP';
  return fast < slow * (1 - TREND_BAND) ? 'DOWN' : 'FLAT';
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const average = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - average) ** 2)));
}

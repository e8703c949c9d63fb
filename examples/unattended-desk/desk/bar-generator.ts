import type { Bar } from './bars.ts';
import { DAY_MS, deskTimeOfDayMs, deskWeekday } from './desk-time.ts';

/** Which stretch of a deterministic random walk to make. */
export interface GeneratorOptions {
  /** The same seed always gives the same bars; any safe integer. */
  readonly seed: number;
  readonly symbol: string;
  readonly count: number;
  /** Start of the first bar; must fall on a weekday of the desk. */
  readonly startMs: number;
  /** Distance between two bars of a session, at least 1. */
  readonly stepMs: number;
}

/** Position of one generated bar: the walk it belongs to and its place in it, counted from 0. */
export type GeneratedPlace = Omit<GeneratorOptions, 'count'> & { readonly index: number };

/** The symbols the generated stream trades, with the price in KRW at which each walk starts. */
export const DESK_SYMBOLS: readonly { readonly symbol: string; readonly basePrice: number }[] = [
  { symbol: '005930', basePrice: 71_000 },
  { symbol: '000660', basePrice: 185_000 },
  { symbol: '035720', basePrice: 52_500 },
  { symbol: '051910', basePrice: 380_000 },
  { symbol: '006400', basePrice: 420_000 },
  { symbol: '035420', basePrice: 205_000 },
  { symbol: '068270', basePrice: 178_000 },
  { symbol: '105560', basePrice: 72_000 },
  { symbol: '055550', basePrice: 45_000 },
  { symbol: '012330', basePrice: 235_000 },
];

const SESSION_END_MS = (15 * 60 + 30) * 60_000;
const UNKNOWN_SYMBOL_PRICE = 100_000;
const STEP_RANGE = 0.008;
const LARGEST_STEP = 0.02;
const PULL_TO_BASE = 0.002;

/** Makes `count` bars of one symbol; the same options always give the same bars. */
export function generateBars(options: GeneratorOptions): Bar[] {
  const bars: Bar[] = [];
  let previousClose = basePriceOf(options.symbol);
  for (let index = 0; index < options.count; index++) {
    const bar = generateBar(previousClose, { ...options, index });
    bars.push(bar);
    previousClose = bar.close;
  }
  return bars;
}

/**
 * Makes the bar at one place of a walk from the close before it, so that a stream can go on for ever
 * without being replayed from its beginning.
 */
export function generateBar(previousClose: number, place: GeneratedPlace): Bar {
  const draw = (purpose: number) => noise(place, purpose);
  const pull = PULL_TO_BASE * (basePriceOf(place.symbol) / previousClose - 1);
  const shock = (draw(1) + draw(2) + draw(3) - 1.5) * STEP_RANGE;
  const step = Math.min(LARGEST_STEP, Math.max(-LARGEST_STEP, pull + shock));
  const open = previousClose;
  const close = roundToTick(open * (1 + step));
  const high = Math.max(open, close, roundToTick(Math.max(open, close) * (1 + draw(4) * 0.002)));
  const low = Math.min(open, close, roundToTick(Math.min(open, close) * (1 - draw(5) * 0.002)));
  const volume = Math.round(500 + 9_500 * draw(6) * (1 + 40 * Math.abs(step)));
  return { symbol: place.symbol, timeMs: barStartMs(place), open, high, low, close, volume };
}

/** Price in KRW at which the walk of a symbol starts and to which it is pulled back. */
export function basePriceOf(symbol: string): number {
  return DESK_SYMBOLS.find((entry) => entry.symbol === symbol)?.basePrice ?? UNKNOWN_SYMBOL_PRICE;
}

/** Sessions run from the time of day of `startMs` to 15:30 on weekdays; public holidays are not left out. */
function barStartMs({ startMs, stepMs, index }: GeneratedPlace): number {
  const firstWeekday = deskWeekday(startMs);
  if (firstWeekday > 4) throw new RangeError('startMs falls on a weekend; choose a weekday');
  const barsPerSession = Math.max(1, Math.floor((SESSION_END_MS - deskTimeOfDayMs(startMs)) / stepMs));
  const weekdays = firstWeekday + Math.floor(index / barsPerSession);
  const days = Math.floor(weekdays / 5) * 7 + (weekdays % 5) - firstWeekday;
  return startMs + days * DAY_MS + (index % barsPerSession) * stepMs;
}

/** Korea Exchange price steps, so that generated prices look like quotes. */
function roundToTick(price: number): number {
  const tick =
    price < 20_000 ? 10 : price < 50_000 ? 50 : price < 200_000 ? 100 : price < 500_000 ? 500 : 1_000;
  return Math.max(tick, Math.round(price / tick) * tick);
}

/** A number in 0..1 that depends only on its arguments: every bar can be made without the ones before it. */
function noise({ seed, symbol, index }: GeneratedPlace, purpose: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(seed | 0, 0x9e3779b1) ^ Math.floor(seed / 2 ** 32);
  for (const character of symbol) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  hash = mix(hash ^ Math.imul(index | 0, 0x85ebca6b));
  hash = mix(hash ^ Math.imul(purpose, 0xc2b2ae35));
  return (hash >>> 0) / 2 ** 32;
}

function mix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return hash ^ (hash >>> 16);
}

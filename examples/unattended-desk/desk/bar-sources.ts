import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { basePriceOf, DESK_SYMBOLS, generateBar } from './bar-generator.ts';
import { type Bar, type RejectedRow, readBars } from './bars.ts';

/** Where bars come from: the same cursor always gives the same bar, so a cursor is all that must be remembered. */
export interface BarSource {
  /** Names the stream; a data folder belongs to exactly one. */
  readonly id: string;
  /** Number of bars, or absent for an endless stream. */
  readonly total?: number;
  readonly rejected: readonly RejectedRow[];
  /** The bar at a cursor, or nothing beyond the end; `lastClose` is the close the desk last saw for a symbol. */
  barAt(cursor: number, lastClose: (symbol: string) => number | undefined): Bar | undefined;
}

/** Monday 2026-01-05 09:00 in Seoul: fixed, so that a seed gives the same bars on every machine and day. */
const FIRST_BAR_MS = Date.parse('2026-01-05T09:00:00+09:00');
const BAR_STEP_MS = 60_000;

/** An endless stream of one-minute bars over the desk's ten symbols. */
export function generatedSource(seed: number): BarSource {
  return {
    id: `generated:${seed}`,
    rejected: [],
    barAt(cursor, lastClose) {
      const symbol = DESK_SYMBOLS[cursor % DESK_SYMBOLS.length]?.symbol ?? '';
      const index = Math.floor(cursor / DESK_SYMBOLS.length);
      const place = { seed, symbol, index, startMs: FIRST_BAR_MS, stepMs: BAR_STEP_MS };
      return generateBar(lastClose(symbol) ?? basePriceOf(symbol), place);
    },
  };
}

/**
 * The bars of an OHLCV file, read once; the symbol is the file's name without extension unless one is given.
 * Throws when the file cannot be read or holds no usable row.
 */
export function fileSource(
  path: string,
  symbol: string = basename(path, extname(path)).toUpperCase(),
): BarSource {
  const { bars, rejected } = parseFile(path, symbol);
  if (bars.length === 0) {
    const [first] = rejected;
    const why = first === undefined ? 'it has no rows' : `line ${first.line}: ${first.reason}`;
    throw new Error(`${path} holds no usable bar (${rejected.length} rows rejected; ${why})`);
  }
  return {
    id: `file:${basename(path)}:${symbol}`,
    total: bars.length,
    rejected,
    barAt: (cursor) => bars[cursor],
  };
}

function parseFile(path: string, symbol: string) {
  try {
    return readBars(readFileSync(path, 'utf8'), symbol);
  } catch (cause) {
    throw new Error(
      `${path} cannot be used as a bar file: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  }
}

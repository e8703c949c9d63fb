import { deskInstantMs } from './desk-time.ts';

/** One price bar; `timeMs` is the start of the bar, prices are positive, `volume` is zero or more. */
export interface Bar {
  readonly symbol: string;
  readonly timeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** A line of a bar file that could not be used, kept with its reason so that no row disappears silently. */
export interface RejectedRow {
  /** Line number in the file, counted from 1 (the header). */
  readonly line: number;
  readonly reason: string;
  readonly text: string;
}

/** Everything found in one bar file: `rows` always equals `bars.length + rejected.length`. */
export interface BarFile {
  readonly rows: number;
  readonly bars: readonly Bar[];
  readonly rejected: readonly RejectedRow[];
}

const COLUMNS = ['date', 'open', 'high', 'low', 'close', 'volume'] as const;
const SYMBOL = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})(?: (\d{2}):(\d{2}))?$/;
const NUMBER = /^\d+(\.\d+)?([eE][+-]?\d+)?$/;
const REJECTED_TEXT_LIMIT = 200;

/**
 * Reads the text of an OHLCV file (`date,open,high,low,close,volume`; a byte-order mark and CRLF are tolerated).
 * Throws when the header or the symbol is not usable; a bad row is reported in `rejected` instead.
 */
export function readBars(text: string, symbol: string): BarFile {
  checkSymbol(symbol);
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  checkHeader(lines[0] ?? '');
  const bars: Bar[] = [];
  const rejected: RejectedRow[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === '') continue;
    const parsed = parseRow(line, symbol);
    if (typeof parsed === 'string') {
      rejected.push({ line: index + 1, reason: parsed, text: line.slice(0, REJECTED_TEXT_LIMIT) });
    } else {
      bars.push(parsed);
    }
  }
  return { rows: bars.length + rejected.length, bars, rejected };
}

/** Throws unless the symbol can safely name records: letters, digits, dot, dash, underscore, 1..32 characters. */
export function checkSymbol(symbol: string): void {
  if (!SYMBOL.test(symbol)) {
    throw new Error(
      `symbol ${JSON.stringify(symbol)} is not usable: 1 to 32 letters, digits, ".", "-" or "_" are allowed; pass --symbol`,
    );
  }
}

function checkHeader(line: string): void {
  const found = line.split(',').map((name) => name.trim().toLowerCase());
  if (found.join() !== COLUMNS.join()) {
    throw new Error(`the first line is ${JSON.stringify(line.slice(0, 100))}, expected ${COLUMNS.join(',')}`);
  }
}

/** The bar of a line, or the reason why there is none. */
function parseRow(line: string, symbol: string): Bar | string {
  const fields = line.split(',').map((field) => field.trim());
  if (fields.length !== COLUMNS.length) return `expected ${COLUMNS.length} fields, found ${fields.length}`;
  const [date = '', ...texts] = fields;
  const timeMs = parseDate(date);
  if (timeMs === undefined) {
    return `date ${JSON.stringify(date)} is not a YYYY-MM-DD or YYYY-MM-DD HH:MM of the calendar`;
  }
  const numbers: number[] = [];
  for (const [index, text] of texts.entries()) {
    const value = NUMBER.test(text) ? Number(text) : Number.NaN;
    if (!Number.isFinite(value)) return `${COLUMNS[index + 1]} ${JSON.stringify(text)} is not a number`;
    numbers.push(value);
  }
  const [open = 0, high = 0, low = 0, close = 0, volume = 0] = numbers;
  if (low <= 0) return `low ${low} is not above zero`;
  if (high < Math.max(open, close, low)) return `high ${high} is below another price of the bar`;
  if (low > Math.min(open, close)) return `low ${low} is above another price of the bar`;
  return { symbol, timeMs, open, high, low, close, volume };
}

function parseDate(text: string): number | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const dayMs = Date.UTC(year, month - 1, day);
  const isRealDate = new Date(dayMs).toISOString().startsWith(text.slice(0, 10));
  if (!isRealDate || hour > 23 || minute > 59) return undefined;
  return deskInstantMs(dayMs, hour * 3_600_000 + minute * 60_000);
}

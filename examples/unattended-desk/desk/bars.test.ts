import { describe, expect, it } from 'vitest';
import { DESK_SYMBOLS, generateBars } from './bar-generator.ts';
import { generatedSource } from './bar-sources.ts';
import { readBars } from './bars.ts';
import { deskIso, deskTimeOfDayMs, deskWeekday } from './desk-time.ts';

const header = 'date,open,high,low,close,volume';

describe('reading a bar file', () => {
  it('reads days and minutes as desk time and tolerates a byte-order mark and CRLF', () => {
    const file = readBars(
      `\uFEFF${header}\r\n2020-12-15 09:30,10,12,9,11,100\r\n2020-12-16,1.5,1.5,1.5,1.5,0.25\r\n`,
      'A',
    );
    expect(file.rejected).toEqual([]);
    expect(file.bars.map((bar) => deskIso(bar.timeMs))).toEqual([
      '2020-12-15T09:30:00+09:00',
      '2020-12-16T00:00:00+09:00',
    ]);
    expect(file.bars[0]).toMatchObject({ symbol: 'A', open: 10, high: 12, low: 9, close: 11, volume: 100 });
  });

  it.each([
    ['01/03/2017,1,1,1,1,1', 'date "01/03/2017" is not'],
    ['2021-02-29,1,1,1,1,1', 'date "2021-02-29" is not'],
    ['2021-02-28 24:00,1,1,1,1,1', 'is not a YYYY-MM-DD'],
    ['2021-02-28,1,1,x,1,1', 'low "x" is not a number'],
    ['2021-02-28,1,1,,1,1', 'low "" is not a number'],
    ['2021-02-28,NaN,1,1,1,1', 'open "NaN" is not a number'],
    ['2021-02-28,1,1,1,1,-1', 'volume "-1" is not a number'],
    ['2021-02-28,1,1,0,1,1', 'low 0 is not above zero'],
    ['2021-02-28,5,4,3,4,1', 'high 4 is below'],
    ['2021-02-28,5,6,5.5,6,1', 'low 5.5 is above'],
    ['2021-02-28,1,1,1,1', 'expected 6 fields, found 5'],
  ])('reports %s with its line and reason and keeps the other rows', (row, reason) => {
    const file = readBars(`${header}\n2021-02-26,1,1,1,1,1\n${row}\n2021-03-01,1,1,1,1,1\n`, 'A');
    expect(file).toMatchObject({ rows: 3, rejected: [{ line: 3, text: row }] });
    expect(file.rejected[0]?.reason).toContain(reason);
    expect(file.bars).toHaveLength(2);
  });

  it('refuses a file with other columns', () => {
    expect(() => readBars('DATE,OPEN,HIGH,LOW,CLOSE\n', 'A')).toThrow(
      /expected date,open,high,low,close,volume/,
    );
  });

  it('refuses a symbol that cannot name records', () => {
    expect(() => readBars(`${header}\n`, '__proto__')).toThrow(/symbol "__proto__" is not usable/);
  });
});

describe('generating bars', () => {
  const startMs = Date.parse('2026-01-09T09:00:00+09:00');
  const options = { seed: 3, symbol: '005930', count: 2_000, startMs, stepMs: 60_000 };

  it('gives the same bars for the same seed and others for another', () => {
    expect(generateBars(options)).toEqual(generateBars(options));
    expect(generateBars({ ...options, seed: 4 })).not.toEqual(generateBars(options));
  });

  it('makes bars that a bar file could hold, in regular sessions of weekdays', () => {
    for (const bar of generateBars(options)) {
      expect(bar.low).toBeGreaterThan(0);
      expect(bar.low).toBeLessThanOrEqual(Math.min(bar.open, bar.close));
      expect(bar.high).toBeGreaterThanOrEqual(Math.max(bar.open, bar.close));
      expect(Math.abs(bar.close / bar.open - 1)).toBeLessThan(0.025);
      expect(deskWeekday(bar.timeMs)).toBeLessThan(5);
      expect(deskTimeOfDayMs(bar.timeMs)).toBeLessThan(15.5 * 3_600_000);
    }
  });

  it('goes on with Monday after Friday', () => {
    const bars = generateBars({ ...options, count: 391 });
    expect(bars.slice(-2).map((bar) => deskIso(bar.timeMs))).toEqual([
      '2026-01-09T15:29:00+09:00',
      '2026-01-12T09:00:00+09:00',
    ]);
  });

  it('streams every symbol exactly as generateBars makes it', () => {
    const source = generatedSource(3);
    const closes = new Map<string, number>();
    const streamed = Array.from({ length: 500 }, (_, cursor) => {
      const bar = source.barAt(cursor, (symbol) => closes.get(symbol));
      if (bar === undefined) throw new Error('the stream ended');
      closes.set(bar.symbol, bar.close);
      return bar;
    });
    const first = { seed: 3, count: 50, startMs: Date.parse('2026-01-05T09:00:00+09:00'), stepMs: 60_000 };
    for (const { symbol } of DESK_SYMBOLS) {
      expect(streamed.filter((bar) => bar.symbol === symbol)).toEqual(generateBars({ ...first, symbol }));
    }
  });
});

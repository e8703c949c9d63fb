import { expect, it } from 'vitest';
import { ProgressLine, progressText } from './progress-line.ts';
import { ProgressMeter } from './progress-meter.ts';

it('shows how much is done, how fast, and when it will be over', () => {
  const point = { done: 512 * 1024, total: 1024 * 1024, unit: 'B', message: 'data: write' };
  expect(progressText({ ...point, ratePerSecond: 128 * 1024, etaMs: 4000 })).toBe(
    'data: write   50 %  ██████████··········  128 KiB/s  ETA 4 s',
  );
  expect(progressText({ done: 3, unit: 'backups' })).toBe('3 backups');
});

it('says nothing of an end that has come, and counts nothing beyond it', () => {
  const text = progressText({ done: 11, total: 10, unit: 'B', ratePerSecond: 5, etaMs: 0 });
  expect(text).toBe('100 %  ████████████████████  5 B/s');
});

it('keeps how much is done and when it will be over on terminals of any width', () => {
  const message = 'market-data: write 2001/2002 files';
  const point = { done: 58, total: 100, unit: 'B', message, ratePerSecond: 4, etaMs: 10_500 };
  expect(progressText(point, 64)).toBe(`${message}   58 %  4 B/s  ETA 11 s`);
  expect(progressText(point, 54)).toBe(`${message}   58 %  ETA 11 s`);
  expect(progressText(point, 30)).toBe(' 58 %  ETA 11 s  market-data:…');
});

it('measures how fast it goes on now, not since the beginning', () => {
  const meter = new ProgressMeter();
  const total = 10_000;
  // A restore that goes on with an earlier one did nothing of this itself.
  expect(meter.rateAt(0, { done: 4000, total })).toBeUndefined();
  expect(meter.rateAt(2000, { done: 4200, total })).toEqual({ ratePerSecond: 100, etaMs: 58_000 });
  for (let second = 3; second <= 20; second++)
    meter.rateAt(second * 1000, { done: 4200 + (second - 2) * 10, total });
  expect(meter.rateAt(20_500, { done: 4380, total })?.ratePerSecond).toBeCloseTo(9.5, 0);
  // Nothing goes on any more: no end is promised.
  expect(meter.rateAt(40_000, { done: 4380, total })).toEqual({ ratePerSecond: 0 });
  // Another stage is measured anew, with or without a step back.
  expect(meter.rateAt(41_000, { done: 4380, total, message: 'verify 1/2 files' })).toBeUndefined();
  expect(meter.rateAt(42_000, { done: 4480, total, message: 'verify 2/2 files' })?.ratePerSecond).toBe(100);
  expect(meter.rateAt(43_000, { done: 0, total, message: 'verify 2/2 files' })).toBeUndefined();
});

it('draws one line over, as wide as the terminal is now, and takes it away', () => {
  let nowMs = 0;
  let columns = 60;
  const drawn: string[] = [];
  const err = (text: string) => void drawn.push(text);
  const point = { done: 5, total: 10, message: 'data: write 1/2 files' };
  {
    using line = new ProgressLine({ err, errColumns: () => columns }, () => nowMs);
    line.show(point);
    line.show(point);
    nowMs = 200;
    columns = 20;
    line.show(point);
  }
  expect(drawn).toEqual([
    '\r\u001b[Kdata: write 1/2 files   50 %  ██████████··········',
    '\r\u001b[K 50 %  data: write…',
    '\r\u001b[K',
  ]);
});

it('draws nothing where nothing can be drawn over', () => {
  const drawn: string[] = [];
  {
    using line = new ProgressLine({ err: (text) => void drawn.push(text) });
    line.show({ done: 5, total: 10 });
  }
  expect(drawn).toEqual([]);
});

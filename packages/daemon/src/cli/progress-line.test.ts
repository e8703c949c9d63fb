import { expect, it } from 'vitest';
import { progressText } from './progress-line.ts';

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

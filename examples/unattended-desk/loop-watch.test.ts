import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CycleLine } from './desk/cycle-log.ts';
import { judgeLoop, readLastCycles, STILL_AFTER_MS } from './loop-watch.ts';

const nowMs = Date.parse('2026-01-05T09:00:00.000Z');

function cycleAt(endMs: number, more: Partial<CycleLine> = {}): CycleLine {
  const timestamp = new Date(endMs).toISOString();
  return { timestamp, cycle: 7, durationMs: 12, bars: 20, outcome: 'ok', ...more };
}

it('calls a loop with a fresh cycle well and says how long cycles take', () => {
  const cycles = [cycleAt(nowMs - 2_000, { cycle: 6, durationMs: 40 }), cycleAt(nowMs - 1_000)];
  expect(judgeLoop(cycles, nowMs)).toEqual({
    status: 'ok',
    cycles: 7,
    message: 'cycle 7, 20 bars, median 40 ms, longest 40 ms',
  });
});

it('fails when the newest cycle is too old, whatever its outcome was', () => {
  const health = judgeLoop([cycleAt(nowMs - STILL_AFTER_MS - 1)], nowMs);
  expect(health).toMatchObject({ status: 'error', message: 'the loop stands still: cycle 7 ended 15 s ago' });
});

it('fails when the newest cycle failed, and when no cycle is known', () => {
  expect(judgeLoop([cycleAt(nowMs, { outcome: 'error' })], nowMs)).toMatchObject({
    status: 'error',
    cycles: 7,
  });
  expect(judgeLoop([], nowMs)).toMatchObject({ status: 'error', cycles: 0 });
});

it('reads the newest cycles of a long log and leaves out lines that are cut', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loop-watch-'));
  try {
    expect(readLastCycles(folder)).toEqual([]);
    const path = join(folder, 'loop-cycles.jsonl');
    const lines = Array.from({ length: 1_000 }, (_, index) =>
      JSON.stringify(cycleAt(nowMs, { cycle: index + 1 })),
    );
    writeFileSync(path, `${lines.join('\n')}\n`);
    appendFileSync(path, '{"timestamp":"2026');
    const cycles = readLastCycles(folder);
    expect(cycles.at(-1)).toEqual(cycleAt(nowMs, { cycle: 1_000 }));
    expect(cycles.length).toBeGreaterThan(50);
    expect(cycles.length).toBeLessThan(1_000);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { getTasks } from 'node-cron';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CronWatchdog, startCronWatchdog } from './cron-watchdog.ts';

const startMs = Date.UTC(2026, 10, 20, 5, 0, 10);
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

let watchdog: CronWatchdog | undefined;
let heard: string[];
let wakes: number;
let moving: NodeJS.Timeout | undefined;

beforeEach(() => {
  vi.useFakeTimers({ now: startMs });
  heard = [];
  wakes = 0;
});

afterEach(() => {
  watchdog?.close();
  clearInterval(moving);
  vi.useRealTimers();
});

/** A loop that looks once a second, as the engine's does. */
function letMove(): void {
  moving = setInterval(() => {
    wakes += 1;
  }, 1000);
}

function watch(expression?: string): void {
  watchdog = startCronWatchdog({
    wakes: () => wakes,
    onStalled: (stall) => heard.push(`stalled ${JSON.stringify(stall)}`),
    onMoving: () => heard.push('moving'),
    expression,
  });
}

/** Sets the wall clock without letting real time pass. */
function stepClock(byMs: number): void {
  vi.setSystemTime(Date.now() + byMs);
}

describe('the watchdog of the loop', () => {
  it('says nothing while the loop goes on', async () => {
    letMove();
    watch();
    await vi.advanceTimersByTimeAsync(10 * minuteMs);
    expect(heard).toEqual([]);
  });

  it('tells once that the loop stands still and once that it goes on', async () => {
    letMove();
    watch();
    await vi.advanceTimersByTimeAsync(minuteMs);
    clearInterval(moving);
    await vi.advanceTimersByTimeAsync(5 * minuteMs);
    // The look at 05:01:30 still found it moving; the next one, and a second one 2 s later, did not.
    expect(heard).toEqual([
      `stalled ${JSON.stringify({ sinceMs: Date.UTC(2026, 10, 20, 5, 1, 30), silentMs: 32_000, wakes: 60 })}`,
    ]);
    letMove();
    await vi.advanceTimersByTimeAsync(5 * minuteMs);
    expect(heard).toHaveLength(2);
    expect(heard[1]).toBe('moving');
    clearInterval(moving);
    await vi.advanceTimersByTimeAsync(2 * minuteMs);
    expect(heard).toHaveLength(3);
  });

  it('reports a loop that never moved', async () => {
    watch();
    await vi.advanceTimersByTimeAsync(minuteMs);
    expect(heard).toHaveLength(1);
  });

  it('gives the loop a moment after the whole process stood still', async () => {
    letMove();
    watch();
    await vi.advanceTimersByTimeAsync(minuteMs);
    clearInterval(moving);
    // Asleep for ten minutes: both timers wake late, the loop a moment after the watchdog.
    stepClock(10 * minuteMs);
    await vi.advanceTimersByTimeAsync(500);
    letMove();
    await vi.advanceTimersByTimeAsync(5 * minuteMs);
    expect(heard).toEqual([]);
  });

  it.each([-dayMs, -3 * 3_600_000, dayMs, 7 * dayMs])('goes on after a clock step of %i ms', async (byMs) => {
    letMove();
    watch();
    await vi.advanceTimersByTimeAsync(minuteMs);
    stepClock(byMs);
    await vi.advanceTimersByTimeAsync(minuteMs);
    expect(heard).toEqual([]);
    clearInterval(moving);
    await vi.advanceTimersByTimeAsync(70_000);
    expect(heard).toEqual([expect.stringContaining('stalled')]);
  });

  it('leaves nothing behind when it is closed', async () => {
    const before = getTasks().size;
    watch();
    expect(getTasks().size).toBe(before + 1);
    watchdog?.close();
    await vi.advanceTimersByTimeAsync(minuteMs);
    expect(getTasks().size).toBe(before);
    expect(vi.getTimerCount()).toBe(0);
    expect(heard).toEqual([]);
  });

  it('looks as often as it is told', async () => {
    watch('* * * * * *');
    await vi.advanceTimersByTimeAsync(4000);
    expect(heard).toHaveLength(1);
  });
});

it('never keeps a process alive', async () => {
  const module = new URL('./cron-watchdog.ts', import.meta.url).href;
  const script = `import { startCronWatchdog } from ${JSON.stringify(module)};
    startCronWatchdog({ wakes: () => 1, onStalled: () => {}, onMoving: () => {} });
    console.log('started');`;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { timeout: 120_000 });
  expect(stdout).toBe('started\n');
});

import { describe, expect, it, vi } from 'vitest';
import { isUuid } from '../../kernel/ids.ts';
import { randomId } from './random-id.ts';
import { systemClock } from './system-clock.ts';

describe('the clock of the machine', () => {
  it('tells the wall time, and a time that never goes back', () => {
    const beforeMs = Date.now();
    const toldMs = systemClock.now();
    expect(toldMs).toBeGreaterThanOrEqual(beforeMs);
    expect(toldMs).toBeLessThanOrEqual(Date.now());
    const first = systemClock.mono();
    expect(systemClock.mono()).toBeGreaterThanOrEqual(first);
  });

  it('wakes once, not early, and not when it was cancelled', async () => {
    const startedMono = systemClock.mono();
    const woken: number[] = [];
    const cancel = systemClock.setTimer(() => woken.push(-1), 5);
    cancel();
    await new Promise<void>((resolve) => {
      systemClock.setTimer(() => {
        woken.push(systemClock.mono() - startedMono);
        resolve();
      }, 20);
    });
    expect(woken).toHaveLength(1);
    // The platform's timers may come up to a millisecond early.
    expect(woken[0]).toBeGreaterThanOrEqual(19);
  });

  it('ends a sleep as soon as its signal aborts, and leaves no listener behind', async () => {
    const stop = new AbortController();
    const sleeping = systemClock.sleep(3_000_000_000, stop.signal);
    stop.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    await expect(systemClock.sleep(10, stop.signal)).rejects.toThrow('enough');
    const remove = vi.spyOn(AbortSignal.prototype, 'removeEventListener');
    await systemClock.sleep(1, new AbortController().signal);
    expect(remove).toHaveBeenCalled();
    remove.mockRestore();
  });

  it('sleeps longer than the longest timer of the platform', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      let awake = false;
      const sleeping = systemClock.sleep(5_000_000_000, new AbortController().signal).then(() => {
        awake = true;
      });
      await vi.advanceTimersByTimeAsync(4_999_999_999);
      expect(awake).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      await sleeping;
    } finally {
      vi.useRealTimers();
    }
  });
});

it('random ids are UUIDs of version 7, all different', () => {
  const ids = Array.from({ length: 1000 }, randomId);
  expect(new Set(ids).size).toBe(1000);
  expect(ids.every((id) => isUuid(id) && id[14] === '7')).toBe(true);
});

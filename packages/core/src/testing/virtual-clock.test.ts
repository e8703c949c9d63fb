import { describe, expect, it } from 'vitest';
import { VIRTUAL_START_MS, VirtualClock } from './virtual-clock.ts';

const never = new AbortController().signal;

describe('a virtual clock', () => {
  it('wakes timers in the order of their instants, and those of one instant in the order they were set', async () => {
    const clock = new VirtualClock();
    const woken: string[] = [];
    const set = (name: string, delayMs: number) =>
      clock.setTimer(() => woken.push(`${name}@${clock.mono()}`), delayMs);
    set('c', 300);
    set('a', 100);
    set('b', 100);
    const cancel = set('never', 200);
    cancel();
    await clock.advance(250);
    expect(woken).toEqual(['a@100', 'b@100']);
    expect(clock.now() - VIRTUAL_START_MS).toBe(250);
    await clock.advance(50);
    expect(woken).toEqual(['a@100', 'b@100', 'c@300']);
  });

  it('wakes also what is set while time passes', async () => {
    const clock = new VirtualClock();
    const woken: number[] = [];
    const again = () => {
      woken.push(clock.mono());
      clock.setTimer(again, 100);
    };
    clock.setTimer(again, 100);
    await clock.advance(350);
    expect(woken).toEqual([100, 200, 300]);
  });

  it('lets a stall pass without waking anybody on the way', async () => {
    const clock = new VirtualClock();
    const woken: number[] = [];
    clock.setTimer(() => woken.push(clock.mono()), 100);
    clock.setTimer(() => woken.push(clock.mono()), 200);
    await clock.stall(1000);
    expect(woken).toEqual([1000, 1000]);
  });

  it('moves the wall without time, and time without the wall going back', async () => {
    const clock = new VirtualClock(5000);
    clock.stepWall(-3000);
    expect([clock.now(), clock.mono()]).toEqual([2000, 0]);
    await clock.advance(10);
    expect([clock.now(), clock.mono()]).toEqual([2010, 10]);
  });

  it('sleeps until its time, or until the signal', async () => {
    const clock = new VirtualClock();
    const slept: string[] = [];
    const stop = new AbortController();
    const sleeps = [
      clock.sleep(100, never).then(() => slept.push('slept')),
      clock.sleep(100, stop.signal).catch((reason: unknown) => slept.push(String(reason))),
      clock.sleep(100, AbortSignal.abort('before')).catch((reason: unknown) => slept.push(String(reason))),
    ];
    stop.abort('meanwhile');
    await clock.advance(100);
    await Promise.all(sleeps);
    expect(slept.sort()).toEqual(['before', 'meanwhile', 'slept']);
  });
});

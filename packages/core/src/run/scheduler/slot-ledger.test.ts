import { describe, expect, it } from 'vitest';
import { everyMs } from '../../testing/test-targets.ts';
import type { SkipReason } from '../executions/execution.ts';
import { countDecided, SlotLedger } from './slot-ledger.ts';
import { joinOverlapping, mergeSkips, skipOf } from './slot-skips.ts';

describe('what slots came to', () => {
  it('is remembered singly and in ranges; one that has started is decided but not concluded', () => {
    const ledger = new SlotLedger();
    ledger.note(1, 'succeeded');
    ledger.note(2, 'started');
    ledger.noteSkipped({ fromMs: 4, toMs: 6 });
    expect([1, 2, 3, 4, 6, 7].map((slotMs) => ledger.conclusionAt(slotMs))).toEqual([
      'succeeded',
      undefined,
      undefined,
      'skipped',
      'skipped',
      undefined,
    ]);
    expect([1, 2, 3, 4, 7].map((slotMs) => ledger.isDecided(slotMs))).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
  });

  it('is forgotten after the instant to which the clock was set back', () => {
    const ledger = new SlotLedger();
    ledger.note(1, 'failed');
    ledger.note(9, 'failed');
    ledger.noteSkipped({ fromMs: 2, toMs: 8 });
    ledger.forgetAfter(5);
    expect([1, 5, 6, 9].map((slotMs) => ledger.isDecided(slotMs))).toEqual([true, true, false, false]);
  });

  it('is kept for the newest slots only', () => {
    const ledger = new SlotLedger();
    for (let slotMs = 0; slotMs < 5000; slotMs++) ledger.note(slotMs, 'succeeded');
    expect([0, 3999, 4000, 4999].map((slotMs) => ledger.isDecided(slotMs))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it('is counted once, however ranges and single slots overlap', () => {
    const [one, two] = [new SlotLedger(), new SlotLedger()];
    one.noteSkipped({ fromMs: 1000, toMs: 4000 });
    two.noteSkipped({ fromMs: 3000, toMs: 6000 });
    one.note(2000, 'failed');
    one.note(9000, 'failed');
    two.note(9000, 'started');
    const range = { fromMs: 2000, toMs: 10_000 };
    expect(countDecided([one, two], range, everyMs(1000))).toBe(6);
  });
});

describe('skips of one target', () => {
  const skip = (fromMs: number, toMs: number, reason: SkipReason = 'overlap') =>
    skipOf('a', reason, { fromMs, toMs, count: toMs - fromMs + 1, capped: false });
  const told = (skips: ReturnType<typeof mergeSkips>) =>
    skips.map(({ fromMs, toMs, count }) => `${fromMs}..${toMs}x${count}`).join(' ');

  it('become one row as long as nothing was run between them', () => {
    expect(told(mergeSkips([skip(1, 1), skip(2, 4)]))).toBe('1..4x4');
    expect(told(mergeSkips([skip(1, 1), skip(3, 4)], [2]))).toBe('1..1x1 3..4x2');
    expect(told(mergeSkips([skip(1, 1), skip(2, 2, 'paused')], []))).toBe('1..1x1 2..2x1');
  });

  it('are told as one to dependents where they lie between each other', () => {
    const joined = joinOverlapping([skip(5, 9, 'calendar'), skip(1, 6, 'missed'), skip(11, 11)]);
    expect(told(joined)).toBe('1..9x11 11..11x1');
  });
});

import { describe, expect, it } from 'vitest';
import { QUICK_WRITES, WriteMeter } from './write-meter.ts';

describe('the write meter', () => {
  it('slows the screen down in two steps while writes block, and speeds it up again in two', () => {
    const meter = new WriteMeter();
    expect([meter.note(1), meter.note(60), meter.note(60), meter.note(60)]).toEqual([0, 1, 2, 2]);
    const quick = Array.from({ length: 2 * QUICK_WRITES }, () => meter.note(1));
    expect(quick[QUICK_WRITES - 2]).toBe(2);
    expect(quick[QUICK_WRITES - 1]).toBe(1);
    expect(quick.at(-1)).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { WRITES_SEEN, WriteMeter } from './write-meter.ts';

describe('the write meter', () => {
  it('slows the screen down in two steps while writes block, and speeds it up again in two', () => {
    const meter = new WriteMeter();
    expect([60, 60, 60, 60, 60, 60, 60].map((ms) => meter.note(ms))).toEqual([0, 0, 1, 1, 1, 2, 2]);
    const quick = Array.from({ length: 3 * WRITES_SEEN }, () => meter.note(1));
    expect(quick[0]).toBe(2);
    expect(quick).toContain(1);
    expect(quick.at(-1)).toBe(0);
  });

  it('makes nothing of a single slow write', () => {
    const meter = new WriteMeter();
    const took = Array.from({ length: 200 }, (_, index) => (index % 15 === 0 ? 500 : 1));
    expect(new Set(took.map((ms) => meter.note(ms)))).toEqual(new Set([0]));
  });
});

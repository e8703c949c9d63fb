import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpsException } from '../../kernel/ops-exception.ts';
import { maxAnchorOffsetMs, type SessionAnchor } from './calendar.ts';
import {
  formatAnchor,
  formatWindow,
  parseAnchor,
  parseWindow,
  readAnchor,
  readWindow,
} from './session-terms.ts';

const minuteMs = 60_000;

describe('an anchor', () => {
  it.each([
    ['open', { edge: 'open', offsetMs: 0 }],
    ['close+5m', { edge: 'close', offsetMs: 5 * minuteMs }],
    ['open-10m', { edge: 'open', offsetMs: -10 * minuteMs }],
    [' close + 1h30m ', { edge: 'close', offsetMs: 90 * minuteMs }],
    ['close-0s', { edge: 'close', offsetMs: 0 }],
    ['open+24h', { edge: 'open', offsetMs: maxAnchorOffsetMs }],
  ])('is read from %j', (text, anchor) => {
    expect(parseAnchor(text)).toEqual(anchor);
  });

  it.each([
    '',
    'Close',
    'noon',
    'close5m',
    'close+',
    'close+-5m',
    'close+5',
    'close+25h',
    'open..close',
    '+5m',
  ])('is not read from %j', (text) => {
    const read = readAnchor(text);
    expect(read.ok).toBe(false);
    expect(read).toMatchObject({ problem: { field: 'at', allowed: expect.stringContaining("'open-30m'") } });
  });

  it('is refused with a code that names the value, what is allowed and a remedy', () => {
    try {
      parseAnchor('noon');
      expect.unreachable();
    } catch (error) {
      expect(isOpsException(error) && error.code).toBe('INP-0705');
      expect(String(error)).toMatch(
        /'noon' is not a moment of a session; allowed is .*; write for example 'close\+5m'/,
      );
    }
  });

  it('reads back as it is written', () => {
    const anchors: fc.Arbitrary<SessionAnchor> = fc.record({
      edge: fc.constantFrom('open', 'close'),
      offsetMs: fc.integer({ min: -maxAnchorOffsetMs, max: maxAnchorOffsetMs }),
    });
    fc.assert(
      fc.property(anchors, (anchor) => {
        expect(parseAnchor(formatAnchor(anchor))).toEqual(anchor);
      }),
    );
  });
});

describe('a window', () => {
  it.each(['open-30m..close+15m', 'open..close', 'close..open', 'close-10m..close', 'open..open+90m'])(
    'reads back as it is written: %s',
    (text) => {
      expect(formatWindow(parseWindow(text))).toBe(text);
    },
  );

  it('may have spaces', () => {
    expect(formatWindow(parseWindow(' open - 30m .. close + 15m '))).toBe('open-30m..close+15m');
  });

  it.each([
    '',
    'open',
    'open-close',
    'open..',
    '..close',
    'open..close..open',
    'open...close',
    '09:00..15:30',
  ])('is not read from %j', (text) => {
    expect(readWindow(text)).toMatchObject({ ok: false, problem: { field: 'window' } });
  });

  it('must not end before it begins', () => {
    expect(readWindow('close+10m..close', 'targets[0].window')).toEqual({
      ok: false,
      problem: {
        field: 'targets[0].window',
        value: "'close+10m..close'",
        message: "'close+10m..close' ends before it begins",
        allowed: 'a window whose second moment is later than its first',
        remedy: "swap the two: 'close..close+10m'",
      },
    });
    expect(readWindow('open..open').ok).toBe(false);
  });
});

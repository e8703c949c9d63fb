import { describe, expect, it } from 'vitest';
import type { PingState } from './ping.ts';
import { afterPing, PING_BODY_MAX_BYTES, type PingSign, requirePing, requireRoom } from './ping-rules.ts';

const follow = (...signs: readonly PingSign[]): PingState | undefined =>
  signs.reduce<PingState | undefined>(
    (before, sign, index) => afterPing(before, { key: 'nightly', sign, nowMs: (index + 1) * 1000 }),
    undefined,
  );

describe('signs of life', () => {
  it('begin a run, say something and end it', () => {
    expect(follow({ kind: 'start', runId: 'a' })).toEqual({
      key: 'nightly',
      seenAtMs: 1000,
      startedAtMs: 1000,
      runId: 'a',
    });
    expect(follow({ kind: 'start', runId: 'a' }, { kind: 'log', body: 'half' })).toMatchObject({
      seenAtMs: 2000,
      startedAtMs: 1000,
      body: 'half',
    });
    const ended = follow({ kind: 'start', runId: 'a' }, { kind: 'success', runId: 'a' });
    expect(ended).toEqual({
      key: 'nightly',
      seenAtMs: 2000,
      endedAtMs: 2000,
      outcome: 'success',
      exitCode: 0,
      runId: 'a',
    });
  });

  it('fail by their word or by an exit code, and the next start keeps how the last run ended', () => {
    expect(follow({ kind: 'fail' })).toMatchObject({ outcome: 'fail', exitCode: 1 });
    expect(follow({ kind: 'success', exitCode: 3 })).toMatchObject({ outcome: 'fail', exitCode: 3 });
    expect(follow({ kind: 'success', exitCode: 3 }, { kind: 'start' })).toMatchObject({
      outcome: 'fail',
      exitCode: 3,
      startedAtMs: 2000,
    });
  });

  it('of an older run that ends late leave the younger one running', () => {
    const state = follow(
      { kind: 'start', runId: 'old' },
      { kind: 'start', runId: 'young' },
      { kind: 'success', runId: 'old' },
    );
    expect(state).toMatchObject({ startedAtMs: 2000, runId: 'young', outcome: 'success', endedAtMs: 3000 });
  });

  it.each<[string, PingSign]>([
    ['', { kind: 'success' }],
    ['a/b', { kind: 'success' }],
    ['.hidden', { kind: 'success' }],
    ['k'.repeat(101), { kind: 'success' }],
    ['nightly', { kind: 'success', exitCode: 256 }],
    ['nightly', { kind: 'success', exitCode: 0.5 }],
    ['nightly', { kind: 'log', body: '가'.repeat(PING_BODY_MAX_BYTES / 2) }],
    ['nightly', { kind: 'start', runId: 'a b' }],
  ])('with key %j are refused when they are %j', (key, sign) => {
    expect(() => requirePing(key, sign)).toThrow(expect.objectContaining({ code: 'INP-0941' }));
  });

  it('of a thousand keys are enough', () => {
    expect(() => requireRoom(999)).not.toThrow();
    expect(() => requireRoom(1000)).toThrow(expect.objectContaining({ code: 'INP-0941' }));
  });
});

import type { FeedMessage } from '@qts-ops/core/client';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../test/manual-clock.ts';
import { NOW_MS, snapshotOf, targetView } from '../test/recorded-data.ts';
import { Feed } from './feed.ts';
import { startState } from './state/screen-state.ts';

function openFeed(refreshMs?: number) {
  const clock = new ManualClock(NOW_MS);
  const feed = new Feed(
    startState({
      operatorId: 'alice',
      endpoint: 'x',
      readOnly: false,
      size: { columns: 120, rows: 40 },
      localMs: NOW_MS,
    }),
    clock,
    refreshMs,
  );
  let frames = 0;
  feed.subscribe(() => {
    frames += 1;
  });
  const started = { clock, feed, frames: () => frames };
  feed.receive({ kind: 'snapshot', snapshot: snapshotOf() });
  frames = 0;
  return started;
}

function change(id: string, revision: number, atMs = NOW_MS): FeedMessage {
  return {
    kind: 'delta',
    delta: {
      kind: 'target',
      target: targetView(id, { revision, nextSlotMs: NOW_MS + 3_600_000 }),
      seq: revision,
      atMs,
    },
  };
}

function beatFor(seconds: number, clock: ManualClock, feed: Feed): void {
  for (let second = 0; second < seconds; second++) {
    feed.receive({ kind: 'beat', atMs: clock.nowMs(), seq: 1 });
    clock.advance(1_000);
  }
}

const beat: FeedMessage = { kind: 'beat', atMs: NOW_MS, seq: 1 };

describe('the feed', () => {
  it('draws the first change after a quiet time at once, then at most twice a second', () => {
    const { clock, feed, frames } = openFeed();
    clock.advance(600);
    const before = frames();
    for (let tick = 0; tick < 99; tick++) {
      feed.receive(change('orderbook-upbit', 200 + tick));
      clock.advance(10);
    }
    expect(frames() - before).toBe(2);
    clock.advance(500);
    expect(feed.get().world.targets.get('orderbook-upbit')?.revision).toBe(298);
  });

  it('draws for a key at once and shows gathered data with it', () => {
    const { clock, feed, frames } = openFeed();
    clock.advance(600);
    feed.receive(change('orderbook-upbit', 200));
    feed.receive(change('orderbook-upbit', 201));
    const before = frames();
    feed.act({ kind: 'move', by: 1 });
    expect(frames() - before).toBe(1);
    expect(feed.get().world.targets.get('orderbook-upbit')?.revision).toBe(201);
  });

  it('draws nothing for a beat', () => {
    const { clock, feed, frames } = openFeed();
    clock.advance(1_000);
    const before = frames();
    for (let second = 0; second < 3; second++) feed.receive(beat);
    expect(frames() - before).toBe(0);
  });

  it('draws one frame a minute while nothing changes', () => {
    const { clock, feed, frames } = openFeed();
    const quiet = [targetView('a', { nextSlotMs: NOW_MS + 86_400_000 })];
    feed.receive({ kind: 'snapshot', snapshot: snapshotOf(quiet) });
    beatFor(10, clock, feed);
    const before = frames();
    beatFor(600, clock, feed);
    expect(frames() - before).toBe(10);
  });

  it('says LATE after two missing beats, counts the seconds, and LIVE at the next word of the engine', () => {
    const { clock, feed } = openFeed();
    clock.advance(3_999);
    expect(feed.get().link.kind).toBe('live');
    clock.advance(1);
    expect(feed.get().link).toEqual({ kind: 'late', heardAtMs: NOW_MS });
    clock.advance(3_000);
    expect(feed.get().frame.localMs).toBe(NOW_MS + 7_000);
    feed.receive(beat);
    expect(feed.get().link.kind).toBe('live');
  });

  it('draws a target that becomes stale when its time has come, without any message', () => {
    const { clock, feed, frames } = openFeed();
    feed.receive({ kind: 'snapshot', snapshot: snapshotOf([targetView('a')]) });
    beatFor(12, clock, feed);
    const before = frames();
    // The slot is 6 s away, its grace 10 s, the margin 2 s.
    beatFor(6, clock, feed);
    expect(frames() - before).toBe(0);
    beatFor(1, clock, feed);
    expect(frames() - before).toBe(1);
    expect(feed.get().frame.nowMs).toBe(NOW_MS + 18_001);
  });

  it('takes the time of the engine, not of this machine', () => {
    const { clock, feed } = openFeed();
    feed.receive(change('a', 1, NOW_MS + 3_600_000));
    clock.advance(1_000);
    expect(feed.get().frame.nowMs - feed.get().frame.localMs).toBe(3_600_000);
  });

  it('draws less often for a slow terminal', () => {
    const { clock, feed, frames } = openFeed();
    feed.act({ kind: 'slowness', slowness: 2 });
    clock.advance(6_000);
    const before = frames();
    for (let tick = 0; tick < 39; tick++) {
      feed.receive(change('orderbook-upbit', 200 + tick, clock.nowMs()));
      clock.advance(100);
    }
    expect(frames() - before).toBeLessThanOrEqual(2);
  });

  it('keeps one message per target while it waits', () => {
    const { clock, feed } = openFeed();
    clock.advance(600);
    for (let revision = 1; revision < 50_000; revision++) feed.receive(change('orderbook-upbit', revision));
    clock.advance(500);
    expect(feed.get().world.targets.get('orderbook-upbit')?.revision).toBe(49_999);
  });
});

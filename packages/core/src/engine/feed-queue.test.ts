import { describe, expect, it } from 'vitest';
import type { FeedMessage } from '../client/ops-views.ts';
import { FEED_QUEUE_MAX, FeedQueue } from './feed-queue.ts';

const beat = (seq: number): FeedMessage => ({ kind: 'beat', atMs: seq, seq });
const open = new AbortController().signal;

/** Snapshots are told apart by a running number. */
function newQueue(): FeedQueue {
  let snapshots = 0;
  return new FeedQueue(() => beat(-++snapshots));
}

describe('the queue of one reader', () => {
  it('gives a snapshot first; what was said before is in it', async () => {
    const queue = newQueue();
    queue.push(beat(1));
    expect(await queue.next(open)).toEqual(beat(-1));
    queue.push(beat(2));
    expect(await queue.next(open)).toEqual(beat(2));
  });

  it('gives a reader that fell behind a new snapshot instead of a gap', async () => {
    const queue = newQueue();
    await queue.next(open);
    for (let seq = 1; seq <= FEED_QUEUE_MAX + 1; seq++) queue.push(beat(seq));
    queue.push(beat(9999));
    expect(await queue.next(open)).toEqual(beat(-2));
    queue.push(beat(10_000));
    expect(await queue.next(open)).toEqual(beat(10_000));
  });

  it('wakes a reader that waits: for a message, for the end, for its own signal', async () => {
    const queue = newQueue();
    await queue.next(open);
    const message = queue.next(open);
    queue.push(beat(1));
    expect(await message).toEqual(beat(1));
    const stop = new AbortController();
    const aborted = queue.next(stop.signal);
    stop.abort();
    expect(await aborted).toBeUndefined();
    const closed = queue.next(open);
    queue.close();
    expect(await closed).toBeUndefined();
  });

  it('lets a reader have what was said before the end', async () => {
    const queue = newQueue();
    await queue.next(open);
    queue.push(beat(1));
    queue.close();
    queue.push(beat(2));
    expect(await queue.next(open)).toEqual(beat(1));
    expect(await queue.next(open)).toBeUndefined();
  });
});

import { PassThrough } from 'node:stream';
import type { AuditView, FeedMessage, OpsSnapshot } from '@qts-ops/core/client';
import { describe, expect, it } from 'vitest';
import { QUEUE_MAX_BYTES } from './stream-queue.ts';
import { type StreamSource, writeStream } from './stream-writer.ts';

describe('writeStream', () => {
  it('reads the source at full pace while the client does not read, then sends one fresh snapshot', async () => {
    const feed = new Feed(20_000);
    const sink = new PassThrough({ highWaterMark: 1_000 });
    const done = writeStream(feed, sink, feed.signal);
    await feed.produced;
    const kinds = await readUntil(sink, feed.lastSeq);
    await feed.end();
    await done;
    expect(kinds.filter((kind) => kind === 'snapshot')).toHaveLength(2);
    expect(kinds.length).toBeLessThan(3_000);
    expect(feed.snapshots).toBe(1);
  });

  it('sends everything to a client that keeps up', async () => {
    const feed = new Feed(500);
    const sink = new PassThrough({ highWaterMark: QUEUE_MAX_BYTES });
    const done = writeStream(feed, sink, feed.signal);
    const kinds = await readUntil(sink, feed.lastSeq);
    await feed.end();
    await done;
    expect(kinds).toHaveLength(501);
  });

  it('fails with the error of its source', async () => {
    const source: StreamSource = {
      watch: async function* () {
        yield snapshotAt(0);
        throw new Error('engine lost');
      },
      snapshot: async () => snapshotAt(0).snapshot,
    };
    await expect(writeStream(source, new PassThrough(), new AbortController().signal)).rejects.toThrow(
      'engine lost',
    );
  });
});

/** A source that produces `count` audit rows as fast as it is read, then waits for its end. */
class Feed implements StreamSource {
  readonly lastSeq: number;
  readonly produced: Promise<void>;
  snapshots = 0;
  readonly #ended = new AbortController();
  #allProduced: () => void = () => {};

  constructor(count: number) {
    this.lastSeq = count;
    this.produced = new Promise((resolve) => {
      this.#allProduced = resolve;
    });
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  async end(): Promise<void> {
    this.#ended.abort();
  }

  async *watch(signal: AbortSignal): AsyncGenerator<FeedMessage> {
    yield snapshotAt(0);
    for (let seq = 1; seq <= this.lastSeq; seq++) {
      // Only the number matters to the stream.
      const entry = { seq, reason: 'r'.repeat(200) } as AuditView;
      yield { kind: 'delta', delta: { seq, atMs: seq, kind: 'audit', entry } };
    }
    this.#allProduced();
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  async snapshot(): Promise<OpsSnapshot> {
    this.snapshots += 1;
    return snapshotAt(this.lastSeq).snapshot;
  }
}

/** Reads lines until the client has heard of `seq`; every number must follow the one before. */
async function readUntil(sink: PassThrough, seq: number): Promise<string[]> {
  const kinds: string[] = [];
  let rest = '';
  let last = 0;
  for await (const chunk of sink.iterator({ destroyOnReturn: false })) {
    rest += String(chunk);
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const message: FeedMessage = JSON.parse(line);
      kinds.push(message.kind);
      if (message.kind === 'snapshot') last = message.snapshot.seq;
      if (message.kind === 'delta') {
        expect(message.delta.seq).toBe(last + 1);
        last = message.delta.seq;
      }
    }
    if (last >= seq) return kinds;
  }
  return kinds;
}

function snapshotAt(seq: number): FeedMessage & { kind: 'snapshot' } {
  // Only the number matters to the stream.
  return { kind: 'snapshot', snapshot: { seq } as OpsSnapshot };
}

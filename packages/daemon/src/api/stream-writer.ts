import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { FeedMessage, OpsSnapshot } from '@qts-ops/core/client';
import { StreamQueue } from './stream-queue.ts';

/** Where one client's messages come from. */
export interface StreamSource {
  watch(signal: AbortSignal): AsyncIterable<FeedMessage>;
  snapshot(): Promise<OpsSnapshot>;
}

/**
 * Sends a source's messages to one client until either ends. The source is read at its own pace into a bounded queue,
 * so that a client that does not read costs the engine nothing but that queue.
 */
export async function writeStream(source: StreamSource, sink: Writable, signal: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const all = AbortSignal.any([signal, ended.signal]);
  const queue = new StreamQueue();
  const bell = new Bell();
  all.addEventListener('abort', () => bell.ring(), { once: true });
  const hear = (message: FeedMessage) => {
    queue.push(message);
    bell.ring();
  };
  const reading = readAll(source.watch(all), hear).finally(() => ended.abort());
  // Its failure is thrown at the end; until then it must not count as unhandled.
  reading.catch(() => undefined);
  try {
    while (!all.aborted) {
      if (queue.overflowed) queue.restart(await source.snapshot());
      const line = queue.take();
      if (line === undefined) await bell.rung();
      else if (!sink.write(line)) await writable(sink, all);
    }
  } finally {
    ended.abort();
    await reading;
  }
}

async function readAll(
  messages: AsyncIterable<FeedMessage>,
  hear: (message: FeedMessage) => void,
): Promise<void> {
  for await (const message of messages) hear(message);
}

/** Resolves when the sink wants more, or when the stream is over. */
async function writable(sink: Writable, signal: AbortSignal): Promise<void> {
  if (!sink.writableNeedDrain || signal.aborted) return;
  await once(sink, 'drain', { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** Wakes one waiter; a ring before the wait is not lost. */
class Bell {
  #rang = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rang = true;
    this.#wake?.();
  }

  async rung(): Promise<void> {
    if (!this.#rang)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    this.#rang = false;
    this.#wake = undefined;
  }
}

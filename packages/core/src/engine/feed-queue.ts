import type { FeedMessage } from '../client/ops-views.ts';

/** So many messages may wait for one reader; then they are dropped and it gets a new snapshot. */
export const FEED_QUEUE_MAX = 4000;

/** The messages that wait for one reader. Pushing never waits: a slow reader cannot slow the engine. */
export class FeedQueue {
  readonly #snapshot: () => FeedMessage;
  #messages: FeedMessage[] = [];
  #needsSnapshot = true;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(snapshot: () => FeedMessage) {
    this.#snapshot = snapshot;
  }

  push(message: FeedMessage): void {
    // Everything before the snapshot that is still owed is in that snapshot.
    if (this.#needsSnapshot || this.#closed) return;
    if (this.#messages.length >= FEED_QUEUE_MAX) {
      this.#messages = [];
      this.#needsSnapshot = true;
    } else this.#messages.push(message);
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** The next message; absent when the queue was closed or the signal aborted. */
  async next(signal: AbortSignal): Promise<FeedMessage | undefined> {
    for (;;) {
      if (this.#closed || signal.aborted) return undefined;
      if (this.#needsSnapshot) {
        this.#needsSnapshot = false;
        return this.#snapshot();
      }
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      await this.#moved(signal);
    }
  }

  #moved(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = done;
      signal.addEventListener('abort', done, { once: true });
    });
  }
}

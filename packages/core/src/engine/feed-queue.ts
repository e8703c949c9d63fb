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

  /** Adds a message, or gives up on all that wait when there are too many. */
  push(message: FeedMessage): void {
    // Everything before the snapshot that is still owed is in that snapshot.
    if (this.#needsSnapshot || this.#closed) return;
    if (this.#messages.length >= FEED_QUEUE_MAX) {
      this.#messages = [];
      this.#needsSnapshot = true;
    } else this.#messages.push(message);
    this.#wake?.();
  }

  /** Nothing more will come; what is in the queue can still be read. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** The next message; absent when the signal aborted, or the queue was closed and everything in it was read. */
  async next(signal: AbortSignal): Promise<FeedMessage | undefined> {
    for (;;) {
      if (signal.aborted) return undefined;
      if (this.#needsSnapshot) {
        this.#needsSnapshot = false;
        return this.#snapshot();
      }
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.#closed) return undefined;
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

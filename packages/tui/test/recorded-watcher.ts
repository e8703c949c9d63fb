import type { FeedMessage } from '@qts-ops/core/client';

/** One watching client: messages wait here until they are read. */
export class Watcher {
  #messages: FeedMessage[] = [];
  #error: unknown;
  #wake: (() => void) | undefined;

  push(message: FeedMessage): void {
    this.#messages.push(message);
    this.#wake?.();
  }

  fail(error: unknown): void {
    this.#error = error;
    this.#wake?.();
  }

  async *read(signal: AbortSignal): AsyncGenerator<FeedMessage, void> {
    const wake = (): void => this.#wake?.();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) {
        const message = this.#messages.shift();
        if (message !== undefined) yield message;
        else if (this.#error !== undefined) throw this.#error;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }
}

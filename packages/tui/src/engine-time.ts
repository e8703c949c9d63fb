import type { FeedMessage } from '@qts-ops/core/client';

/** So many of the newest messages decide how far the engine's clock is ahead. */
const KEPT = 8;

/**
 * The engine's clock as seen from here. A message is always a little old when it arrives, so the largest difference
 * of the last few is nearest to the truth.
 */
export class EngineTime {
  #offsets: number[] = [];

  /** Notes when a message was made and when it arrived here. */
  note(message: FeedMessage, receivedAtMs: number): void {
    const madeAtMs =
      message.kind === 'snapshot'
        ? message.snapshot.atMs
        : message.kind === 'delta'
          ? message.delta.atMs
          : message.atMs;
    this.#offsets = [...this.#offsets.slice(1 - KEPT), madeAtMs - receivedAtMs];
  }

  /** Forgets what was learned: the next engine may have another clock. The last difference is used until then. */
  forget(): void {
    this.#offsets = this.#offsets.slice(-1);
  }

  /** The engine's time at an instant of this machine's clock. */
  at(localMs: number): number {
    return this.#offsets.length === 0 ? localMs : localMs + Math.max(...this.#offsets);
  }
}

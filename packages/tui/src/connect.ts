import type { FeedMessage, OpsClient } from '@qts-ops/core/client';
import { problemText } from './problem-text.ts';
import type { ScreenClock } from './screen-clock.ts';
import type { Link } from './state/link.ts';

/** Waiting times between attempts to connect. */
export const BACKOFF_LEAST_MS = 500;
export const BACKOFF_MOST_MS = 10_000;

/** What keeping a connection needs. */
export interface LinkOptions {
  /** A new client for every attempt; it opens nothing by itself. */
  readonly connect: () => OpsClient;
  readonly clock: ScreenClock;
  /** A number from 0 to 1, so that many screens do not knock at the same moment. */
  readonly random: () => number;
  /** A snapshot means that the connection lives. */
  readonly onMessage: (message: FeedMessage) => void;
  /** The connection could not be made or was lost. */
  readonly onLink: (link: Extract<Link, { kind: 'connecting' | 'lost' }>) => void;
}

/** Keeps the screen connected: it tries for ever, ever more slowly, and never ends the program. */
export class EngineLink {
  readonly #options: LinkOptions;
  #client: OpsClient | undefined;
  #wake: (() => void) | undefined;
  #lostAtMs: number | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** The client of the living connection; absent while there is none. */
  get client(): OpsClient | undefined {
    return this.#client;
  }

  /** Does not wait any longer for the next attempt. */
  reconnectNow(): void {
    this.#wake?.();
  }

  /** Connects again and again until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    let attempt = 0;
    let everLive = false;
    let before: { readonly problem?: string } = {};
    while (!signal.aborted) {
      attempt += 1;
      if (!everLive) this.#options.onLink({ kind: 'connecting', attempt, ...before });
      const { live, problem } = await this.#watchOnce(signal);
      if (signal.aborted) return;
      everLive ||= live;
      before = { problem };
      if (live) attempt = 1;
      await this.#rest({ attempt, everLive, problem }, signal);
    }
  }

  async #watchOnce(signal: AbortSignal): Promise<{ live: boolean; problem: string }> {
    let live = false;
    const client = this.#options.connect();
    try {
      for await (const message of client.watch(signal)) {
        live = true;
        this.#lostAtMs = undefined;
        this.#client = client;
        this.#options.onMessage(message);
      }
      return { live, problem: 'the engine ended the connection' };
    } catch (error) {
      return { live, problem: problemText(error) };
    } finally {
      this.#client = undefined;
      // A client that cannot be closed is of no use any more; its error would hide the first one.
      await Promise.resolve(client[Symbol.asyncDispose]()).catch(() => undefined);
    }
  }

  async #rest(
    after: { readonly attempt: number; readonly everLive: boolean; readonly problem: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, random, onLink } = this.#options;
    const waitMs = backoffMs(after.attempt, random());
    const nowMs = clock.nowMs();
    const { attempt, problem } = after;
    const lostAtMs = this.#lostAtMs ?? nowMs;
    this.#lostAtMs = lostAtMs;
    onLink(
      after.everLive
        ? { kind: 'lost', sinceMs: lostAtMs, attempt, nextTryAtMs: nowMs + waitMs, problem }
        : { kind: 'connecting', attempt, problem },
    );
    await this.#sleep(waitMs, signal);
  }

  async #sleep(waitMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(waitMs, resolve);
    this.#wake = resolve;
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    cancel();
    this.#wake = undefined;
  }
}

/** How long to wait before the next attempt: doubling, with up to half of it left to chance. */
export function backoffMs(attempt: number, random: number): number {
  const fullMs = Math.min(BACKOFF_MOST_MS, BACKOFF_LEAST_MS * 2 ** Math.max(0, attempt - 1));
  return Math.round(fullMs * (0.5 + random / 2));
}

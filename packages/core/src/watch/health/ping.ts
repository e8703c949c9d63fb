/** What a sign of life says: work has begun, has ended well or badly, or has something to tell. */
export const PING_KINDS = ['start', 'success', 'fail', 'log'] as const;
/** One of the kinds. */
export type PingKind = (typeof PING_KINDS)[number];

/** How work ended. */
export type PingOutcome = 'success' | 'fail';

/** The last things some work elsewhere said about itself, under one key. */
export interface PingState {
  /** 1 … 100 letters, digits, `.`, `_` and `-`. */
  readonly key: string;
  /** When it last said anything, ms UTC. */
  readonly seenAtMs: number;
  /** When it last said that it had ended, ms UTC; absent before the first time. */
  readonly endedAtMs?: number;
  readonly outcome?: PingOutcome;
  readonly exitCode?: number;
  /** When it said that it began, if it has not ended since. */
  readonly startedAtMs?: number;
  /** Joins a start with its end. */
  readonly runId?: string;
  /** What came with the last sign that had a text; redacted, at most 100 kB. */
  readonly body?: string;
}

/** Replaces what is known under a key. */
export type PingChange = { readonly kind: 'ping.put'; readonly ping: PingState };

/** What is remembered about signs of life. */
export interface PingStore {
  /** Every key, by name. */
  readPings(): Promise<readonly PingState[]>;
}

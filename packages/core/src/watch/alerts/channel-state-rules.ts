import type { ChannelCapabilities } from '../../ports/alert-channel.ts';
import { type Outcome, RETRY_AFTER_MAX_MS } from './outbox-rules.ts';

/** So many failures in a row are told to the other channels. */
export const FAILURES_TO_TELL = 3;
const SOFT_PAUSE_FIRST_MS = 5000;
const SOFT_PAUSE_MAX_MS = 300_000;

/** How a channel is doing. Stored with every attempt, so that a restart forgets neither a pause nor the bucket. */
export interface ChannelState {
  readonly failures: number;
  readonly lastSentAtMs?: number;
  readonly lastFailedAtMs?: number;
  readonly lastError?: string;
  /** The other side asked to wait until then. */
  readonly pausedUntilMs: number;
  /** It refused the channel itself; tried again then, or at a restart: somebody may have corrected it. */
  readonly refusedUntilMs: number;
  /** After failures nothing is tried before then, except a critical notice that never was. */
  readonly calmUntilMs: number;
  readonly tokens: number;
  readonly tokensAtMs: number;
}

/** A channel that was never used. */
export function freshChannel(capabilities: Pick<ChannelCapabilities, 'rate'>, nowMs: number): ChannelState {
  const tokens = Math.max(1, capabilities.rate.burst);
  return { failures: 0, pausedUntilMs: 0, refusedUntilMs: 0, calmUntilMs: 0, tokens, tokensAtMs: nowMs };
}

/** The bucket refilled up to now; a clock that was set back refills nothing. */
export function refill(
  state: ChannelState,
  { rate }: Pick<ChannelCapabilities, 'rate'>,
  nowMs: number,
): ChannelState {
  const passedMs = Math.max(0, nowMs - state.tokensAtMs);
  const tokens = Math.min(Math.max(1, rate.burst), state.tokens + (passedMs / 1000) * rate.perSecond);
  return { ...state, tokens, tokensAtMs: nowMs };
}

/** When the bucket holds a whole token again. */
export function tokenAtMs(
  state: ChannelState,
  { rate }: Pick<ChannelCapabilities, 'rate'>,
  nowMs: number,
): number {
  if (state.tokens >= 1) return nowMs;
  return nowMs + Math.max(1, Math.ceil(((1 - state.tokens) / Math.max(rate.perSecond, 1e-6)) * 1000));
}

/** It delivered: nothing stands in its way. */
export function afterSuccess(state: ChannelState, nowMs: number): ChannelState {
  const { lastError: _, ...rest } = state;
  return { ...rest, failures: 0, pausedUntilMs: 0, refusedUntilMs: 0, calmUntilMs: 0, lastSentAtMs: nowMs };
}

/** It failed: from the second failure in a row on it is left alone for longer each time. */
export function afterFailure(
  state: ChannelState,
  failure: {
    readonly text: string;
    readonly channelRefused: boolean;
    readonly pauseMs?: number;
    readonly nowMs: number;
  },
): ChannelState {
  const { text, channelRefused, pauseMs, nowMs } = failure;
  const pause = pauseMs === undefined ? {} : untilOf(channelRefused, nowMs + pauseMs);
  const failures = state.failures + 1;
  const calmMs =
    failures < 2 ? 0 : Math.min(SOFT_PAUSE_MAX_MS, SOFT_PAUSE_FIRST_MS * 2 ** Math.min(failures - 2, 10));
  return {
    ...state,
    failures,
    lastFailedAtMs: nowMs,
    lastError: text,
    calmUntilMs: nowMs + calmMs,
    ...pause,
  };
}

/** The state after attempts that were made at once, in their order; an outcome that did not count changes nothing. */
export function afterAttempts(
  state: ChannelState,
  ended: ReadonlyArray<{ readonly outcome: Outcome | undefined; readonly atMs: number }>,
): ChannelState {
  return ended.reduce((known, { outcome, atMs: nowMs }) => {
    if (outcome === undefined) return known;
    const { failure } = outcome;
    return failure === undefined ? afterSuccess(known, nowMs) : afterFailure(known, { ...failure, nowMs });
  }, state);
}

/**
 * What a new start keeps of a stored state: the pause the other side asked for, the bucket and the count of failures.
 * A refusal and the calm after failures are tried once more.
 */
export function restoredChannel(
  stored: ChannelState,
  { rate }: Pick<ChannelCapabilities, 'rate'>,
  nowMs: number,
): ChannelState {
  return {
    ...stored,
    pausedUntilMs: Math.min(stored.pausedUntilMs, nowMs + RETRY_AFTER_MAX_MS),
    refusedUntilMs: 0,
    calmUntilMs: 0,
    tokens: Math.min(Math.max(0, stored.tokens), Math.max(1, rate.burst)),
  };
}

/** When a channel that must be left alone may be tried again; not after now when it need not be. */
export function blockedUntilMs({ pausedUntilMs, refusedUntilMs }: ChannelState): number {
  return Math.max(pausedUntilMs, refusedUntilMs);
}

function untilOf(refused: boolean, atMs: number): Partial<ChannelState> {
  return refused ? { refusedUntilMs: atMs } : { pausedUntilMs: atMs };
}

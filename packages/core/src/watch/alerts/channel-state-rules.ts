import type { ChannelCapabilities } from '../../ports/alert-channel.ts';

/** So many failures in a row are told to the other channels. */
export const FAILURES_TO_TELL = 3;
const SOFT_PAUSE_FIRST_MS = 5000;
const SOFT_PAUSE_MAX_MS = 300_000;

/** How a channel is doing, as far as this engine knows since its start. */
export interface ChannelState {
  readonly failures: number;
  readonly lastSentAtMs?: number;
  readonly lastFailedAtMs?: number;
  readonly lastError?: string;
  /** The other side, or a refusal, said to wait until then. */
  readonly pausedUntilMs: number;
  /** After failures nothing is tried before then, except a critical notice that never was. */
  readonly calmUntilMs: number;
  readonly tokens: number;
  readonly tokensAtMs: number;
}

/** A channel that was never used. */
export function freshChannel(capabilities: Pick<ChannelCapabilities, 'rate'>, nowMs: number): ChannelState {
  const tokens = Math.max(1, capabilities.rate.burst);
  return { failures: 0, pausedUntilMs: 0, calmUntilMs: 0, tokens, tokensAtMs: nowMs };
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
  return { ...rest, failures: 0, pausedUntilMs: 0, calmUntilMs: 0, lastSentAtMs: nowMs };
}

/** It failed: from the second failure in a row on it is left alone for longer each time. */
export function afterFailure(
  state: ChannelState,
  failure: { readonly text: string; readonly pauseMs?: number; readonly nowMs: number },
): ChannelState {
  const { text, pauseMs, nowMs } = failure;
  const failures = state.failures + 1;
  const calmMs =
    failures < 2 ? 0 : Math.min(SOFT_PAUSE_MAX_MS, SOFT_PAUSE_FIRST_MS * 2 ** Math.min(failures - 2, 10));
  return {
    ...state,
    failures,
    lastFailedAtMs: nowMs,
    lastError: text,
    calmUntilMs: nowMs + calmMs,
    pausedUntilMs: pauseMs === undefined ? state.pausedUntilMs : nowMs + pauseMs,
  };
}

import type { SilenceView } from '@qts-ops/core/client';

/** State of a silence in one word. */
export const SILENCE_WORDS = ['ACTIVE', 'COMING', 'ENDED'] as const;
/** One of the state words. */
export type SilenceWord = (typeof SILENCE_WORDS)[number];

/** Silences that ended longer ago are no longer listed, ms. */
const ENDED_SHOWN_MS = 24 * 3_600_000;

/** The word a silence shows at `nowMs`; it begins and ends by itself, so the word is worked out when it is read. */
export function silenceWord({ startsAtMs, endsAtMs }: SilenceView, nowMs: number): SilenceWord {
  if (endsAtMs <= nowMs) return 'ENDED';
  return startsAtMs > nowMs ? 'COMING' : 'ACTIVE';
}

/** Silences that hold at `nowMs`: those that end first come first. */
export function activeSilences(
  silences: readonly SilenceView[] | undefined,
  nowMs: number,
): readonly SilenceView[] {
  return orderSilences(silences ?? [], nowMs).filter((silence) => silenceWord(silence, nowMs) === 'ACTIVE');
}

/** The list: those that hold, the next to end first; then those to come; then those that ended within a day. */
export function orderSilences(silences: readonly SilenceView[], nowMs: number): readonly SilenceView[] {
  const rank = (silence: SilenceView): number => SILENCE_WORDS.indexOf(silenceWord(silence, nowMs));
  const within = (silence: SilenceView): number =>
    silenceWord(silence, nowMs) === 'ENDED' ? -silence.endsAtMs : silence.endsAtMs;
  return silences
    .filter(({ endsAtMs }) => nowMs - endsAtMs < ENDED_SHOWN_MS)
    .toSorted((a, b) => rank(a) - rank(b) || within(a) - within(b) || (a.id < b.id ? -1 : 1));
}

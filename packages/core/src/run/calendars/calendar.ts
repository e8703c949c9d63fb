import type { LocalText } from '../../kernel/define-errors.ts';

/** How the opening of a session may differ from the regular one. */
export type OpenDeviation = 'early-open' | 'late-open';

/** How the closing of a session may differ from the regular one. */
export type CloseDeviation = 'early-close' | 'late-close';

/** Whether a session keeps the regular hours of its day, and if not, in which direction it differs. */
export type SessionKind = 'regular' | OpenDeviation | CloseDeviation | `${OpenDeviation}-${CloseDeviation}`;

/** One trading session; its market is open from `openMs` (inclusive) to `closeMs` (exclusive). */
export interface Session {
  /** Business date, `2026-11-20`; a session that opens the evening before belongs to the date it trades for. */
  readonly date: string;
  readonly openMs: number;
  readonly closeMs: number;
  readonly kind: SessionKind;
  /** What is special about the day; absent for an ordinary one. */
  readonly name?: LocalText;
}

/** A day without a session that would have one by its weekday. */
export interface ClosedDay {
  /** `2026-11-20` in the zone of the calendar. */
  readonly date: string;
  /** Name of the holiday; absent when the data give none. */
  readonly name?: LocalText;
}

/** When a market trades: a finite list of sessions. What lies outside the list is not known and so never open. */
export interface TradingCalendar {
  /** Name in a configuration: `XKRX`. */
  readonly id: string;
  /** Name for people. */
  readonly name: LocalText;
  /** IANA zone in which dates and hours are meant. */
  readonly timeZone: string;
  /** Date of the first session. */
  readonly firstDate: string;
  /** Date of the last session; nothing is known after it. */
  readonly lastDate: string;
  /** Weekdays that may have a session, 0 is Sunday. */
  readonly weekdays: readonly number[];
  /** At most one a date, ascending, never overlapping, never empty. */
  readonly sessions: readonly Session[];
  /** Ascending by date. */
  readonly closedDays: readonly ClosedDay[];
}

/** A moment of every session: so long after (or before, when negative) its opening or closing. */
export interface SessionAnchor {
  readonly edge: 'open' | 'close';
  /** Elapsed time in milliseconds, -`maxAnchorOffsetMs`..`maxAnchorOffsetMs`. */
  readonly offsetMs: number;
}

/**
 * A stretch of time around every session, from `from` (inclusive) to `to` (exclusive). When it begins at a closing
 * and ends at an opening, that is the opening of the next session: the time between two sessions.
 */
export interface SessionWindow {
  readonly from: SessionAnchor;
  readonly to: SessionAnchor;
}

/** Largest distance of an anchor from its opening or closing in milliseconds (24 hours). */
export const maxAnchorOffsetMs = 86_400_000;

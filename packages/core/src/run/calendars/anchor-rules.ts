import type { Session, SessionAnchor, TradingCalendar } from './calendar.ts';
import { firstIndexWhere } from './session-search.ts';

/** A stretch of time in which anchors are counted or listed: after `afterMs` (exclusive) up to `untilMs` (inclusive). */
export interface AnchorSpan {
  readonly afterMs: number;
  readonly untilMs: number;
  /** Most instants that are listed, the newest win; default `maxListedAnchors`. Without effect on counting. */
  readonly limit?: number | undefined;
}

/** How many anchors a span holds, and the outermost ones. */
export interface AnchorCount {
  /** Always exact: the distance of two places in the list of sessions. */
  readonly count: number;
  /** Absent when there is none. */
  readonly firstMs?: number;
  /** Absent when there is none. */
  readonly lastMs?: number;
}

/** Largest number of anchors that are listed unless the caller says otherwise. */
export const maxListedAnchors = 1_000;

/** When an anchor of a session comes. */
export function anchorMsOf(session: Session, { edge, offsetMs }: SessionAnchor): number {
  return (edge === 'open' ? session.openMs : session.closeMs) + offsetMs;
}

/** The first anchor strictly after an instant; absent when the data hold none. */
export function nextAnchor(
  calendar: TradingCalendar,
  anchor: SessionAnchor,
  afterMs: number,
): number | undefined {
  const session = calendar.sessions[indexAfter(calendar, anchor, afterMs)];
  return session === undefined ? undefined : anchorMsOf(session, anchor);
}

/** The last anchor strictly before an instant; absent when the data hold none. */
export function previousAnchor(
  calendar: TradingCalendar,
  anchor: SessionAnchor,
  beforeMs: number,
): number | undefined {
  const session = calendar.sessions[indexAfter(calendar, anchor, beforeMs - 1) - 1];
  return session === undefined ? undefined : anchorMsOf(session, anchor);
}

/** The newest anchors of a span in ascending order. */
export function anchorsBetween(calendar: TradingCalendar, anchor: SessionAnchor, span: AnchorSpan): number[] {
  const first = indexAfter(calendar, anchor, span.afterMs);
  const end = indexAfter(calendar, anchor, span.untilMs);
  const limit = span.limit ?? maxListedAnchors;
  return calendar.sessions
    .slice(Math.max(first, end - limit), Math.max(first, end))
    .map((session) => anchorMsOf(session, anchor));
}

/** Counts the anchors of a span without walking over them. */
export function countAnchors(
  calendar: TradingCalendar,
  anchor: SessionAnchor,
  span: AnchorSpan,
): AnchorCount {
  const first = indexAfter(calendar, anchor, span.afterMs);
  const end = indexAfter(calendar, anchor, span.untilMs);
  const firstSession = calendar.sessions[first];
  const lastSession = calendar.sessions[end - 1];
  if (end <= first || firstSession === undefined || lastSession === undefined) return { count: 0 };
  return {
    count: end - first,
    firstMs: anchorMsOf(firstSession, anchor),
    lastMs: anchorMsOf(lastSession, anchor),
  };
}

/** The session whose anchor comes exactly at an instant: the business date of the run that it starts. */
export function sessionOfAnchor(
  calendar: TradingCalendar,
  anchor: SessionAnchor,
  instantMs: number,
): Session | undefined {
  const session = calendar.sessions[indexAfter(calendar, anchor, instantMs - 1)];
  return session !== undefined && anchorMsOf(session, anchor) === instantMs ? session : undefined;
}

function indexAfter(calendar: TradingCalendar, anchor: SessionAnchor, afterMs: number): number {
  return firstIndexWhere(calendar.sessions, (session) => anchorMsOf(session, anchor) > afterMs);
}

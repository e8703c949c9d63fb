import { anchorMsOf } from './anchor-rules.ts';
import type { Session, SessionWindow, TradingCalendar } from './calendar.ts';
import { type CalendarProblem, shownValue } from './calendar-problems.ts';
import { firstIndexWhere } from './session-search.ts';
import { formatWindow } from './session-terms.ts';

/** The window of one session as instants, `startMs` inclusive and `endMs` exclusive. */
export interface WindowBounds {
  readonly session: Session;
  readonly startMs: number;
  readonly endMs: number;
}

/** Whether an instant lies in a window, and until when the answer certainly stays the same. */
export interface WindowState {
  readonly inside: boolean;
  /** Exclusive; absent when the data hold no later window, so that the answer stays "outside". */
  readonly untilMs?: number;
}

/** Whether an instant lies in the window of some session; always false where the data have no session. */
export function inWindow(calendar: TradingCalendar, window: SessionWindow, instantMs: number): boolean {
  return windowStateAt(calendar, window, instantMs).inside;
}

/**
 * Whether an instant lies in a window, and the instant at which to ask again: nobody has to look at the slots between.
 * Where windows of two sessions overlap, the answer may stay the same beyond `untilMs`.
 */
export function windowStateAt(
  calendar: TradingCalendar,
  window: SessionWindow,
  instantMs: number,
): WindowState {
  const begun = firstIndexWhere(calendar.sessions, (session) => anchorMsOf(session, window.from) > instantMs);
  // Windows end in the order in which they begin: the last one begun whose end is known is the last to end.
  const current = boundsAt(calendar, window, Math.min(begun, windowCount(calendar, window)) - 1);
  if (current !== undefined && instantMs < current.endMs) return { inside: true, untilMs: current.endMs };
  for (let index = begun; index < calendar.sessions.length; index += 1) {
    const next = boundsAt(calendar, window, index);
    if (next !== undefined && next.startMs < next.endMs) return { inside: false, untilMs: next.startMs };
  }
  return { inside: false };
}

/** The window of the session of a date; absent without a session, and when nothing of the window is left on that day. */
export function windowOf(
  calendar: TradingCalendar,
  window: SessionWindow,
  date: string,
): WindowBounds | undefined {
  const index = firstIndexWhere(calendar.sessions, (session) => session.date >= date);
  const bounds = boundsAt(calendar, window, index);
  return bounds?.session.date === date && bounds.startMs < bounds.endMs ? bounds : undefined;
}

/** Why a window can never be open on this calendar; absent when it sometimes is. */
export function windowProblem(calendar: TradingCalendar, window: SessionWindow): CalendarProblem | undefined {
  const text = formatWindow(window);
  const everOpen = calendar.sessions.some((_, index) => {
    const bounds = boundsAt(calendar, window, index);
    return bounds !== undefined && bounds.startMs < bounds.endMs;
  });
  if (everOpen) return undefined;
  return {
    field: 'window',
    value: shownValue(text),
    message: `'${text}' holds no time in any session of ${calendar.id}`,
    allowed: 'a window that begins before it ends on at least one session',
    remedy: "use smaller offsets, such as 'open+30m..close-30m'",
  };
}

/** Each session has one window, but the last has none when it would have to end at an opening that is not known. */
function windowCount(calendar: TradingCalendar, window: SessionWindow): number {
  return calendar.sessions.length - (reachesNextSession(window) ? 1 : 0);
}

function boundsAt(calendar: TradingCalendar, window: SessionWindow, index: number): WindowBounds | undefined {
  const session = calendar.sessions[index];
  const last = reachesNextSession(window) ? calendar.sessions[index + 1] : session;
  if (session === undefined || last === undefined) return undefined;
  return { session, startMs: anchorMsOf(session, window.from), endMs: anchorMsOf(last, window.to) };
}

/** From a closing to an opening: the opening is that of the next session. */
function reachesNextSession({ from, to }: SessionWindow): boolean {
  return from.edge === 'close' && to.edge === 'open';
}

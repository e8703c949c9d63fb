import type { LocalText } from '../../kernel/define-errors.ts';
import type { ClosedDay, Session, SessionKind, TradingCalendar } from './calendar.ts';

/** What a calendar is made of; the lists are ascending and without contradictions. */
export interface CalendarParts {
  readonly id: string;
  readonly name: LocalText;
  readonly timeZone: string;
  readonly weekdays: readonly number[];
  readonly sessions: readonly Session[];
  readonly closedDays: readonly ClosedDay[];
}

/** Opening and closing as instants, or both as times of one day. */
export interface SessionBounds {
  readonly openMs: number;
  readonly closeMs: number;
}

/** Makes a calendar of its parts; a plain Error when the sessions are missing, out of order or overlap. */
export function buildCalendar(parts: CalendarParts): TradingCalendar {
  const first = parts.sessions[0];
  const last = parts.sessions.at(-1);
  if (first === undefined || last === undefined) throw new Error(`calendar ${parts.id} has no sessions`);
  for (const [index, session] of parts.sessions.entries()) {
    const before = parts.sessions[index - 1];
    if (session.closeMs <= session.openMs)
      throw new Error(`${parts.id} ${session.date} closes before it opens`);
    if (before === undefined) continue;
    if (session.date <= before.date || session.openMs < before.closeMs) {
      throw new Error(`${parts.id} ${session.date} does not follow ${before.date}`);
    }
  }
  return { ...parts, firstDate: first.date, lastDate: last.date };
}

/** How a session differs from the regular hours of its day. */
export function kindOfSession(session: SessionBounds, regular: SessionBounds): SessionKind {
  const open = deviation(session.openMs, regular.openMs);
  const close = deviation(session.closeMs, regular.closeMs);
  if (open === undefined) return close === undefined ? 'regular' : `${close}-close`;
  return close === undefined ? `${open}-open` : `${open}-open-${close}-close`;
}

function deviation(seenMs: number, regularMs: number): 'early' | 'late' | undefined {
  if (seenMs === regularMs) return undefined;
  return seenMs < regularMs ? 'early' : 'late';
}

import { formatExactDuration, parseDurationMs } from '../../kernel/duration.ts';
import { maxAnchorOffsetMs, type SessionAnchor, type SessionWindow } from './calendar.ts';
import { unreadableTerm } from './calendar-errors.ts';
import { type CalendarProblem, shownValue } from './calendar-problems.ts';

/** A term as it was read, or why it could not be read. */
export type ReadTerm<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: CalendarProblem };

const anchorPattern = /^(open|close)(?:\s*([+-])\s*(.+))?$/;
const allowedAnchors =
  "'open' or 'close', alone or with + or - and a duration up to 24h: 'open-30m', 'close+1h30m'";
const allowedWindows = "two such moments with '..' between them: 'open-30m..close+15m'";

/** Reads a moment of a session, `close+5m`; never throws. */
export function readAnchor(text: string, field = 'at'): ReadTerm<SessionAnchor> {
  const anchor = anchorOf(text.trim());
  if (anchor !== undefined) return { ok: true, value: anchor };
  return refused(field, text, {
    message: `${shownValue(text)} is not a moment of a session`,
    allowed: allowedAnchors,
    remedy: "write for example 'close+5m'",
  });
}

/** Reads a stretch of time around each session, `open-30m..close+15m`; never throws. */
export function readWindow(text: string, field = 'window'): ReadTerm<SessionWindow> {
  const ends = text.split('..');
  const from = anchorOf(ends[0]?.trim() ?? '');
  const to = anchorOf(ends[1]?.trim() ?? '');
  if (from === undefined || to === undefined || ends.length !== 2) {
    return refused(field, text, {
      message: `${shownValue(text)} is not a window around sessions`,
      allowed: `${allowedWindows}; a moment is ${allowedAnchors}`,
      remedy: "write for example 'open-30m..close+15m', or 'open..close' for the trading hours",
    });
  }
  if (from.edge === to.edge && from.offsetMs >= to.offsetMs) {
    return refused(field, text, {
      message: `${shownValue(text)} ends before it begins`,
      allowed: 'a window whose second moment is later than its first',
      remedy: `swap the two: '${formatAnchor(to)}..${formatAnchor(from)}'`,
    });
  }
  return { ok: true, value: { from, to } };
}

/** A moment of a session, `close+5m`; INP-0705 when it cannot be read. */
export function parseAnchor(text: string): SessionAnchor {
  return required(readAnchor(text));
}

/** A stretch of time around each session, `open-30m..close+15m`; INP-0705 when it cannot be read. */
export function parseWindow(text: string): SessionWindow {
  return required(readWindow(text));
}

/** The shortest text that reads as this moment: `open`, `close+5m`. */
export function formatAnchor({ edge, offsetMs }: SessionAnchor): string {
  if (offsetMs === 0) return edge;
  const duration = formatExactDuration(Math.abs(offsetMs)).replace(' ', '');
  return `${edge}${offsetMs < 0 ? '-' : '+'}${duration}`;
}

/** The shortest text that reads as this window: `open-30m..close+15m`. */
export function formatWindow({ from, to }: SessionWindow): string {
  return `${formatAnchor(from)}..${formatAnchor(to)}`;
}

function anchorOf(text: string): SessionAnchor | undefined {
  const match = anchorPattern.exec(text);
  if (match === null) return undefined;
  const edge = match[1] === 'open' ? 'open' : 'close';
  const durationMs = match[3] === undefined ? 0 : durationOf(match[3]);
  if (durationMs === undefined || durationMs > maxAnchorOffsetMs) return undefined;
  // Without the sum a '-' in front of nothing would be the number -0.
  return { edge, offsetMs: match[2] === '-' ? 0 - durationMs : durationMs };
}

function durationOf(text: string): number | undefined {
  try {
    return parseDurationMs(text);
  } catch {
    return undefined;
  }
}

function refused(
  field: string,
  value: string,
  why: Pick<CalendarProblem, 'message' | 'allowed' | 'remedy'>,
): { readonly ok: false; readonly problem: CalendarProblem } {
  return { ok: false, problem: { field, value: shownValue(value), ...why } };
}

function required<T>(term: ReadTerm<T>): T {
  if (!term.ok) throw unreadableTerm(term.problem);
  return term.value;
}

import { readWindow } from '../../run/calendars/session-terms.ts';
import { windowProblem } from '../../run/calendars/window-rules.ts';
import type { SessionFilter } from '../../run/scheduler/schedule.ts';
import type { ConfigPlace } from './config-place.ts';
import type { RawObject } from './read-fields.ts';
import { takeCalendar } from './resolve-calendars.ts';
import type { ResolveScope } from './resolve-scope.ts';

/** Which slots of a target count; `sessions` is absent when all of them do. */
export type ReadSessions = { readonly ok: true; readonly sessions?: SessionFilter } | { readonly ok: false };

/** What `calendar` and `window` say. */
export function readSessions(value: RawObject, place: ConfigPlace, scope: ResolveScope): ReadSessions {
  const { calendar: name, window: text } = value;
  const window = text === undefined ? undefined : windowOf(text, place.child('window'));
  if (name === undefined) {
    if (text === undefined) return { ok: true };
    reportLonelyWindow(text, place.child('window'));
    return { ok: false };
  }
  const calendar = takeCalendar(name, place.child('calendar'), scope);
  if (calendar === undefined || (text !== undefined && window === undefined)) return { ok: false };
  if (window === undefined) return { ok: true, sessions: { calendar } };
  const problem = windowProblem(calendar, window);
  if (problem === undefined) return { ok: true, sessions: { calendar, window } };
  const { message, allowed, remedy } = problem;
  place.child('window').report({ value: text, message, allowed, remedy });
  return { ok: false };
}

function windowOf(value: unknown, place: ConfigPlace) {
  const read = readWindow(typeof value === 'string' ? place.clean(value) : '');
  if (read.ok) return read.value;
  const { message, allowed, remedy } = read.problem;
  const seen = typeof value === 'string' ? message : `${place.show(value)} is not a window around sessions`;
  place.report({ value, message: seen, allowed, remedy });
  return undefined;
}

function reportLonelyWindow(value: unknown, place: ConfigPlace): void {
  place.report({
    value,
    message: "'window' has no effect without 'calendar'",
    allowed: "'window' beside 'calendar'",
    remedy: "name the calendar, such as calendar: 'XKRX'",
  });
}

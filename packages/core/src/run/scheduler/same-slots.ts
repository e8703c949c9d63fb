import { formatWindow } from '../calendars/session-terms.ts';
import { needsDayMatch, type Schedule, type SessionFilter } from './schedule.ts';

/**
 * Whether two targets with these schedules are due at the same instants, run for run. Two schedules in `delay` mode never
 * are: each follows the end of its own runs.
 */
export function haveSameSlots(one: Schedule, other: Schedule): boolean {
  const texts = [slotsText(one), slotsText(other)];
  return texts[0] !== undefined && texts[0] === texts[1];
}

/** What decides the slots, as one text; undefined when nobody else can have the same. */
function slotsText(schedule: Schedule): string | undefined {
  switch (schedule.kind) {
    case 'interval': {
      const { kind, everyMs, mode, phaseMs, runOnStart, sessions } = schedule;
      return mode === 'delay'
        ? undefined
        : JSON.stringify([kind, everyMs, phaseMs, runOnStart, filterText(sessions)]);
    }
    case 'cron': {
      const { kind, fields, timeZone, dayMatch, dstGap, sessions } = schedule;
      const match = needsDayMatch(fields) ? dayMatch : undefined;
      return JSON.stringify([kind, fields, timeZone, match ?? '', dstGap, filterText(sessions)]);
    }
    case 'anchor': {
      const { kind, calendar, anchor } = schedule;
      return JSON.stringify([kind, calendar.id, anchor.edge, anchor.offsetMs]);
    }
    default:
      return schedule satisfies never;
  }
}

function filterText(sessions: SessionFilter | undefined): string {
  if (sessions === undefined) return '';
  const { calendar, window } = sessions;
  return `${calendar.id} ${window === undefined ? '' : formatWindow(window)}`;
}

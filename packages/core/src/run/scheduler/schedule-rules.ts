import { formatInstant } from '../../kernel/time/civil.ts';
import { isValidZone } from '../../kernel/time/zone.ts';
import { maxAnchorOffsetMs } from '../calendars/calendar.ts';
import type { DayMatch } from './cron-days.ts';
import { nextSlot, upcomingSlots } from './next-slot.ts';
import {
  type AnchorSchedule,
  type CronSchedule,
  type IntervalSchedule,
  maxIntervalMs,
  minIntervalMs,
  needsDayMatch,
  type Schedule,
} from './schedule.ts';

/** Why a schedule cannot be used: the field, what was seen, what is allowed and what to do. */
export interface ScheduleProblem {
  readonly field: 'everyMs' | 'phaseMs' | 'timeZone' | 'dayMatch' | 'expression' | 'anchor';
  readonly value: string;
  readonly message: string;
  readonly allowed: string;
  readonly remedy: string;
}

/** Every reason why a schedule cannot be used; `nowMs` is the start of the example dates in the messages. */
export function checkSchedule(schedule: Schedule, nowMs: number): readonly ScheduleProblem[] {
  switch (schedule.kind) {
    case 'interval':
      return checkInterval(schedule);
    case 'cron':
      return checkCron(schedule, nowMs);
    case 'anchor':
      return checkAnchor(schedule);
    default:
      return schedule satisfies never;
  }
}

function checkInterval({ everyMs, mode, phaseMs }: IntervalSchedule): readonly ScheduleProblem[] {
  const problems: ScheduleProblem[] = [];
  if (!Number.isInteger(everyMs) || everyMs < minIntervalMs || everyMs > maxIntervalMs) {
    problems.push({
      field: 'everyMs',
      value: String(everyMs),
      message: `an interval of ${everyMs} ms is out of range`,
      allowed: `whole milliseconds from ${minIntervalMs} (100 ms) to ${maxIntervalMs} (366 days)`,
      remedy: 'choose an interval inside the range; for rarer work use a cron expression',
    });
  }
  const maxPhaseMs = mode === 'rate' ? everyMs - 1 : 0;
  if (!Number.isInteger(phaseMs) || phaseMs < 0 || phaseMs > maxPhaseMs) {
    problems.push({
      field: 'phaseMs',
      value: String(phaseMs),
      message: `a phase of ${phaseMs} ms does not fit a ${mode} interval of ${everyMs} ms`,
      allowed: mode === 'rate' ? `whole milliseconds from 0 to ${maxPhaseMs}` : '0: a delay has no phase',
      remedy: "leave the phase out, or use mode 'rate' with a phase shorter than the interval",
    });
  }
  return problems;
}

function checkCron(schedule: CronSchedule, nowMs: number): readonly ScheduleProblem[] {
  const { expression, fields, timeZone, dayMatch } = schedule;
  if (!isValidZone(timeZone)) {
    return [
      {
        field: 'timeZone',
        value: timeZone,
        message: `'${timeZone}' is not a time zone`,
        allowed: "IANA names such as 'Asia/Seoul', 'America/New_York' or 'UTC'",
        remedy: 'correct the name; the host has no say in it',
      },
    ];
  }
  if (dayMatch === undefined && needsDayMatch(fields)) {
    return [
      {
        field: 'dayMatch',
        value: 'absent',
        message: `'${expression}' restricts both the day of the month and the day of the week. ${readings(schedule, nowMs)}`,
        allowed: "'and', 'or'",
        remedy: "write dayMatch: 'and' or dayMatch: 'or', or put * in one of the two day fields",
      },
    ];
  }
  if (nextSlot(schedule, nowMs) !== undefined) return [];
  return [
    {
      field: 'expression',
      value: expression,
      message: `'${expression}' never fires: no day satisfies both day fields`,
      allowed: 'an expression that selects at least one day',
      remedy: "write dayMatch: 'or', or put * in one of the two day fields",
    },
  ];
}

/** Whether the calendar still has sessions is another question, with its own warning before the end of the data. */
function checkAnchor({ anchor: { edge, offsetMs } }: AnchorSchedule): readonly ScheduleProblem[] {
  if (Number.isInteger(offsetMs) && Math.abs(offsetMs) <= maxAnchorOffsetMs) return [];
  return [
    {
      field: 'anchor',
      value: String(offsetMs),
      message: `${offsetMs} ms is too far from the ${edge === 'open' ? 'opening' : 'closing'} of a session`,
      allowed: `whole milliseconds from -${maxAnchorOffsetMs} to ${maxAnchorOffsetMs} (24 hours)`,
      remedy: "name a moment nearer to the session, such as 'close+5m'",
    },
  ];
}

/** Both ways to read an expression whose two day fields are restricted, each with its next dates. */
function readings(schedule: CronSchedule, nowMs: number): string {
  const dates = (dayMatch: DayMatch): string => {
    const slots = upcomingSlots({ ...schedule, dayMatch }, nowMs, 3);
    return slots.length === 0 ? 'never' : slots.map((slot) => minuteText(slot, schedule.timeZone)).join(', ');
  };
  return `With 'and' (a day must satisfy both) it fires next: ${dates('and')}; with 'or' (one is enough, as in crontab): ${dates('or')}.`;
}

function minuteText(instantMs: number, zone: string): string {
  return formatInstant(instantMs, zone).slice(0, 'yyyy-mm-ddThh:mm'.length).replace('T', ' ');
}

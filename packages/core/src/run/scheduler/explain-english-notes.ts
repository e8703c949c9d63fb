import { civilOfLocalMs } from '../../kernel/time/civil.ts';
import type { SessionAnchor } from '../calendars/calendar.ts';
import { formatWindow } from '../calendars/session-terms.ts';
import type { ClockChange, ClockChangeEffect } from './clock-change.ts';
import { durationWords, listOf, monthName, ordinal } from './english-names.ts';
import { localClockText, localDateText, type ScheduleWords, slotClockText } from './explain-words.ts';
import type { IntervalSchedule } from './schedule.ts';
import type { ScheduleHint } from './schedule-hints.ts';

/** The notes below a sentence, in English. */
export const englishNotes = {
  intervalNotes,
  anchor: ({ calendar, anchor }) =>
    `${momentText(anchor)} of every session of ${calendar.id} (${calendar.timeZone}).`,
  anchorNotes: ({ calendar }) => [
    'Early closings and late openings count.',
    `Sessions of ${calendar.id} are known until ${calendar.lastDate}; there is no run after that.`,
  ],
  hint: hintText,
  clockChange: (effect, zone) => `${changeText(effect, zone)}: ${effectText(effect, zone)}.`,
  sessions: ({ calendar, window }) =>
    window === undefined
      ? `Only on days with a session of ${calendar.id}; other slots are skipped (calendar).`
      : `Only within ${formatWindow(window)} of each session of ${calendar.id}; other slots are skipped (calendar).`,
  untouched: (zone, changes) =>
    `No run is touched by the next changes of the clock of ${zone}: ${listOf(changes.map(({ fromLocalMs }) => localDateText(fromLocalMs)))}.`,
  steadyClock: (zone) => `The clock of ${zone} does not change in the next two years.`,
  undecided: () =>
    "Both day fields are restricted: write dayMatch 'and' (a day must satisfy both) or 'or' (one is enough, as in crontab).",
  reading: (dayMatch, text, next) => {
    const dates = next.length === 0 ? 'Never' : `Next: ${next.join(', ')}`;
    return `With '${dayMatch}': ${text} ${dates}.`;
  },
  never: () => 'It never runs: no day satisfies both day fields.',
  unknownZone: (zone) => `'${zone}' is not a time zone; write an IANA name such as Asia/Seoul or UTC.`,
} satisfies Omit<ScheduleWords, 'interval' | 'cron'>;

function intervalNotes({ mode, phaseMs }: IntervalSchedule): readonly string[] {
  const real = 'It follows real time: no clock change of any zone moves it.';
  if (mode === 'delay') {
    return [
      real,
      'The times shown are those of runs that end at once; a run that takes longer moves the next one.',
    ];
  }
  const phase = 'The shift is the same on every machine and after every restart.';
  return phaseMs === 0 ? [real] : [real, phase];
}

function momentText({ edge, offsetMs }: SessionAnchor): string {
  const moment = edge === 'open' ? 'the opening' : 'the closing';
  if (offsetMs === 0) return `At ${moment}`;
  return `${durationWords(Math.abs(offsetMs))} ${offsetMs < 0 ? 'before' : 'after'} ${moment}`;
}

function hintText(hint: ScheduleHint): string {
  switch (hint.kind) {
    case 'uneven-step':
      return unevenText(hint);
    case 'months-left-out':
      return `No run in ${listOf(hint.months.map(monthName))}: there is no such day.`;
    case 'leap-years':
      return hint.only ? 'It runs in leap years only.' : 'In February it runs in leap years only.';
    case 'fifth-weekday':
      return 'Months that have such a weekday only four times are left out.';
    case 'nearest-weekday':
      return nearestText(hint.days);
    default:
      return hint satisfies never;
  }
}

function unevenText(hint: Extract<ScheduleHint, { readonly kind: 'uneven-step' }>): string {
  const { field, step, last, first, rest } = hint;
  if (field === 'dayOfMonth') {
    return `The steps begin anew every month: from the ${ordinal(last)} to the ${ordinal(first)} it is ${days(rest)} after a month of 31 days, not ${step}.`;
  }
  const around = { second: 'a minute', minute: 'an hour', hour: 'a day' }[field];
  const unit = (count: number) => `${count} ${field}${count === 1 ? '' : 's'}`;
  return `${step} does not divide ${around} evenly: from ${field} ${last} to ${field} ${first} it is ${unit(rest)}, not ${unit(step)}.`;
}

function days(count: number): string {
  return `${count} day${count === 1 ? '' : 's'}`;
}

function nearestText(nearest: ReadonlyArray<number | 'last'>): string {
  const names = nearest.map((day) => (day === 'last' ? 'the last day' : `the ${ordinal(day)}`));
  return `When ${listOf(names, 'or')} of a month is a Saturday it runs on the Friday before, when it is a Sunday on the Monday after, but always inside the month. Public holidays are not left out.`;
}

function changeText({ fromLocalMs, toLocalMs }: ClockChange, zone: string): string {
  const forward = toLocalMs > fromLocalMs;
  const date = localDateText(fromLocalMs);
  const toDate = localDateText(toLocalMs);
  const to = toDate === date ? localClockText(toLocalMs) : `${toDate} ${localClockText(toLocalMs)}`;
  return `On ${date} the clock of ${zone} goes ${forward ? 'forward' : 'back'} from ${localClockText(fromLocalMs)} to ${to}`;
}

function effectText(effect: ClockChangeEffect, zone: string): string {
  const { kind, count, toLocalMs, fromLocalMs } = effect;
  const labels = labelsText(effect);
  const one = count === 1;
  switch (kind) {
    case 'none':
      return 'no run is touched';
    case 'joined':
      return `${labels} ${one ? 'does not exist, it runs' : 'do not exist, all of them run once'} at ${localClockText(toLocalMs)}`;
    case 'left-out':
      return `${labels} ${one ? 'does not exist and is' : 'do not exist and are'} left out`;
    case 'first-only':
      return `${labels} ${one ? 'comes twice and runs' : 'come twice and run'} the first time only`;
    case 'real-time': {
      const twice = `${one ? '1 wall time comes twice and runs' : `${count} wall times come twice and run`} both times`;
      const gone = `${one ? '1 wall time does' : `${count} wall times do`} not exist`;
      return `it follows real time${neighboursText(effect, zone)} (${toLocalMs > fromLocalMs ? gone : twice})`;
    }
    default:
      return kind satisfies never;
  }
}

function labelsText({ labels, count, fromLocalMs, toLocalMs }: ClockChangeEffect): string {
  const names = labels.map((label) => wallText(label, Math.min(fromLocalMs, toLocalMs)));
  return count > names.length ? `${names.join(', ')} and ${count - names.length} more` : listOf(names);
}

/** A wall time, with its date when that is not the date of the change. */
function wallText(label: number, changeLocalMs: number): string {
  const sameDay = civilOfLocalMs(label).day === civilOfLocalMs(changeLocalMs).day;
  return sameDay ? localClockText(label) : `${localDateText(label)} ${localClockText(label)}`;
}

/** How far apart the runs around the change are in real time. */
function neighboursText({ beforeMs, afterMs }: ClockChangeEffect, zone: string): string {
  if (beforeMs === undefined || afterMs === undefined || afterMs - beforeMs > 86_400_000) return '';
  return `, after the run at ${slotClockText(beforeMs, zone)} the next is at ${slotClockText(afterMs, zone)}, ${durationWords(afterMs - beforeMs)} later`;
}

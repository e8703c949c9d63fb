import * as z from 'zod';

/** Days as options write them, Monday first. */
const DAYS = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const;
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time such as 09:00');

/** An IANA zone as an option. */
export const zoneOption = z.string().refine(isZone, 'write an IANA zone such as Asia/Seoul');

/** When something is at work, by the clock of a place; `to` before `from` reaches into the next day. */
export const hoursOption = z.strictObject({
  /** IANA zone such as `Asia/Seoul`. */
  timeZone: zoneOption,
  from: clockTime,
  to: clockTime,
  days: z.array(z.enum(DAYS)).min(1).default(['MON', 'TUE', 'WED', 'THU', 'FRI']),
  /** Days without work, such as `2026-12-25`; for hours over midnight the day they begin. */
  closedOn: z.array(z.iso.date()).max(5_000).default([]),
  /** Days with other times, such as a half day or a late opening; they count as days of work whatever day they are. */
  otherDays: z
    .array(z.strictObject({ date: z.iso.date(), from: clockTime, to: clockTime }))
    .max(5_000)
    .default([])
    .refine((days) => days.every(({ from, to }) => from < to), 'from must be before to on other days'),
});

/** Hours after parsing. */
export type Hours = z.output<typeof hoursOption>;

/**
 * Tells since when something is at work, ms UTC; undefined while it is not. For a real trading calendar, whose
 * holidays and early closes no table of hours knows.
 */
export type OpenSince = (nowMs: number) => number | undefined;

/** A function given as `OpenSince`. */
export const openSinceOption = z.custom<OpenSince>((value) => typeof value === 'function', {
  error: 'write a function of the instant that gives since when it is open, or undefined',
  abort: false,
});

/** Whether there is anything to expect now, and since when. */
export type OpenState = { readonly isOpen: false } | { readonly isOpen: true; readonly sinceMs: number };

/** How hours are given: as a table, as a function, or not at all, which means always. */
export interface GivenHours {
  readonly hours?: Hours | undefined;
  readonly openSince?: OpenSince | undefined;
}

/** Whether it is open at an instant. */
export function openStateAt({ hours, openSince }: GivenHours, nowMs: number): OpenState {
  if (hours === undefined && openSince === undefined)
    return { isOpen: true, sinceMs: Number.NEGATIVE_INFINITY };
  const sinceMs = hours === undefined ? askedSince(openSince?.(nowMs), nowMs) : sinceInHours(hours, nowMs);
  return sinceMs === undefined ? { isOpen: false } : { isOpen: true, sinceMs };
}

/** A calendar that answers nonsense must not make every look one that is well. */
function askedSince(sinceMs: unknown, nowMs: number): number | undefined {
  if (sinceMs === undefined || (typeof sinceMs === 'number' && sinceMs <= nowMs)) return sinceMs;
  const seen = typeof sinceMs === 'number' ? String(sinceMs) : sinceMs === null ? 'null' : typeof sinceMs;
  throw new Error(`openSince gave ${seen}; allowed: ms UTC that are not in the future, or undefined`);
}

const DAY_MINUTES = 1_440;

function sinceInHours(usual: Hours, nowMs: number): number | undefined {
  const now = civilAt(usual.timeZone, nowMs);
  const other = usual.otherDays.find(({ date }) => date === now.date);
  const hours = other === undefined ? usual : { ...usual, ...other, days: [...DAYS], closedOn: [] };
  const from = minutesOf(hours.from);
  const to = minutesOf(hours.to);
  const isOvernight = to <= from;
  const isAfterOpening = now.minutes >= from;
  const isOpen = isOvernight ? isAfterOpening || now.minutes < to : isAfterOpening && now.minutes < to;
  if (!isOpen) return undefined;
  const elapsedMinutes = (now.minutes - from + DAY_MINUTES) % DAY_MINUTES;
  const guessMs = nowMs - elapsedMinutes * 60_000 - (nowMs % 60_000);
  const guess = civilAt(hours.timeZone, guessMs);
  // A change of the clock since the opening moves the guess; it is put back on the opening time.
  const movedMinutes =
    ((guess.minutes - from + DAY_MINUTES + DAY_MINUTES / 2) % DAY_MINUTES) - DAY_MINUTES / 2;
  const opening = civilAt(hours.timeZone, guessMs - movedMinutes * 60_000);
  const isDay = hours.days.includes(opening.day) && !hours.closedOn.includes(opening.date);
  return isDay ? guessMs - movedMinutes * 60_000 : undefined;
}

interface Civil {
  readonly date: string;
  readonly day: (typeof DAYS)[number];
  readonly minutes: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The date and time that clocks of a zone show. */
export function civilAt(timeZone: string, instantMs: number): Civil {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
    });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(instantMs).map(({ type, value }) => [type, value]));
  const weekday = parts.get('weekday')?.slice(0, 3).toUpperCase();
  return {
    date: `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`,
    day: DAYS.find((day) => day === weekday) ?? 'MON',
    minutes: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  };
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

import type { LocalText } from '../../kernel/define-errors.ts';
import { formatClock, formatDate, weekdayOfDays } from '../../kernel/time/civil.ts';
import type { Session, SessionKind, SessionWindow, TradingCalendar } from './calendar.ts';
import { dayOfDate, weekdayNames } from './calendar-dates.ts';
import { sessionOf } from './calendar-rules.ts';
import { outsideDataText } from './coverage-rules.ts';
import { formatWindow } from './session-terms.ts';
import { inWindow, windowOf } from './window-rules.ts';

/** What a calendar says of a date, and in words why. */
export interface DayExplanation {
  readonly kind: 'session' | 'holiday' | 'weekly' | 'outside-data';
  readonly text: LocalText;
}

const kindWords: Readonly<Record<SessionKind, LocalText>> = {
  regular: { en: 'regular hours', ko: '정규 시간' },
  'early-open': { en: 'early open', ko: '조기 개장' },
  'late-open': { en: 'late open', ko: '개장 지연' },
  'early-close': { en: 'early close', ko: '조기 폐장' },
  'late-close': { en: 'late close', ko: '폐장 지연' },
  'early-open-early-close': { en: 'early open, early close', ko: '조기 개장, 조기 폐장' },
  'early-open-late-close': { en: 'early open, late close', ko: '조기 개장, 폐장 지연' },
  'late-open-early-close': { en: 'late open, early close', ko: '개장 지연, 조기 폐장' },
  'late-open-late-close': { en: 'late open, late close', ko: '개장 및 폐장 지연' },
};

/** Why a date (`2026-11-20`) has a session or has none. */
export function explainDay(calendar: TradingCalendar, date: string): DayExplanation {
  const { id } = calendar;
  const session = sessionOf(calendar, date);
  if (session !== undefined) return { kind: 'session', text: sessionText(calendar, session) };
  const closed = calendar.closedDays.find((day) => day.date === date);
  if (closed !== undefined) {
    const name = closed.name;
    const en = `${id}: closed on ${date}${name === undefined ? '' : `, ${name.en}`}`;
    return {
      kind: 'holiday',
      text: { en, ko: `${id}: ${date} 휴장${name === undefined ? '' : ` (${name.ko})`}` },
    };
  }
  const outside = outsideDataText(calendar, date);
  if (outside !== undefined) return { kind: 'outside-data', text: outside };
  const weekday = weekdayOfDays(dayOfDate(date) ?? Number.NaN);
  if (calendar.weekdays.includes(weekday)) {
    return { kind: 'holiday', text: { en: `${id}: closed on ${date}`, ko: `${id}: ${date} 휴장` } };
  }
  const text = {
    en: `${id}: no session on a ${weekdayNames.en[weekday] ?? ''}`,
    ko: `${id}: ${weekdayNames.ko[weekday] ?? ''} 휴장`,
  };
  return { kind: 'weekly', text };
}

/** Why a slot at an instant is skipped because of a calendar; absent when the instant lies in the window. */
export function explainSkip(
  calendar: TradingCalendar,
  window: SessionWindow,
  instantMs: number,
): LocalText | undefined {
  if (inWindow(calendar, window, instantMs)) return undefined;
  const date = formatDate(instantMs, calendar.timeZone);
  const day = explainDay(calendar, date);
  if (day.kind !== 'session') return day.text;
  const bounds = windowOf(calendar, window, date);
  const text = formatWindow(window);
  if (bounds === undefined) {
    return {
      en: `${calendar.id}: nothing is left of ${text} on ${date} (${day.text.en})`,
      ko: `${calendar.id}: ${date}에는 ${text} 구간이 없습니다 (${day.text.ko})`,
    };
  }
  const from = momentText(calendar, bounds.startMs, date);
  const to = momentText(calendar, bounds.endMs, date);
  return {
    en: `${calendar.id}: outside ${text}, on ${date} from ${from} to ${to}${unusual(bounds.session, 'en')}`,
    ko: `${calendar.id}: ${text} 구간 밖, ${date}에는 ${from}–${to}${unusual(bounds.session, 'ko')}`,
  };
}

function sessionText(calendar: TradingCalendar, session: Session): LocalText {
  const { id } = calendar;
  const from = momentText(calendar, session.openMs, session.date);
  const to = momentText(calendar, session.closeMs, session.date);
  return {
    en: `${id}: session on ${session.date} from ${from} to ${to}${unusual(session, 'en')}`,
    ko: `${id}: ${session.date} ${from}–${to} 개장${unusual(session, 'ko')}`,
  };
}

function unusual({ kind, name }: Session, language: 'en' | 'ko'): string {
  if (kind === 'regular' && name === undefined) return '';
  const words = kind === 'regular' ? [] : [kindWords[kind][language]];
  return ` (${[...words, ...(name === undefined ? [] : [name[language]])].join(', ')})`;
}

/** Time of day in the zone of the calendar, with the date when it is another one. */
function momentText(calendar: TradingCalendar, instantMs: number, date: string): string {
  const clock = formatClock(instantMs, calendar.timeZone).replace(/:00$/, '');
  const day = formatDate(instantMs, calendar.timeZone);
  return day === date ? clock : `${day} ${clock}`;
}

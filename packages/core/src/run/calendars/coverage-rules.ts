import type { LocalText } from '../../kernel/define-errors.ts';
import { formatDate } from '../../kernel/time/civil.ts';
import type { TradingCalendar } from './calendar.ts';
import { dayOfDate } from './calendar-dates.ts';

/** Why a calendar will soon be, or already is, of no use. */
export interface CoverageProblem {
  /** INP-0703 warns of the coming end, INP-0704 says that today is outside the data. */
  readonly code: 'INP-0703' | 'INP-0704';
  readonly severity: 'WARN' | 'ERROR';
  readonly calendarId: string;
  /** Date of the last session. */
  readonly lastDate: string;
  /** Whole days from today to the last date, negative after it. */
  readonly daysLeft: number;
  readonly text: LocalText;
}

/** How many days before the last date the warning begins. */
export const coverageWarningDays = 30;

/** Whether the data of a calendar end soon, have ended or have not begun at an instant; absent when all is well. */
export function coverageProblem(calendar: TradingCalendar, nowMs: number): CoverageProblem | undefined {
  const { id: calendarId, lastDate } = calendar;
  const today = formatDate(nowMs, calendar.timeZone);
  const daysLeft = (dayOfDate(lastDate) ?? Number.NaN) - (dayOfDate(today) ?? Number.NaN);
  const outside = outsideDataText(calendar, today);
  if (outside !== undefined) {
    return { code: 'INP-0704', severity: 'ERROR', calendarId, lastDate, daysLeft, text: outside };
  }
  if (daysLeft > coverageWarningDays) return undefined;
  const text = {
    en: `${calendarId}: calendar data end ${lastDate}, ${inDays(daysLeft)}`,
    ko: `${calendarId}: 달력 데이터가 ${lastDate}에 끝납니다 (${daysLeft}일 남음)`,
  };
  return { code: 'INP-0703', severity: 'WARN', calendarId, lastDate, daysLeft, text };
}

/** Why nothing is known about a date; absent for dates from the first to the last session. */
export function outsideDataText(calendar: TradingCalendar, date: string): LocalText | undefined {
  const { id, firstDate, lastDate } = calendar;
  if (date > lastDate) {
    return {
      en: `${id}: calendar data ended ${lastDate}`,
      ko: `${id}: 달력 데이터가 ${lastDate}에 끝났습니다`,
    };
  }
  if (date < firstDate) {
    return {
      en: `${id}: calendar data begin ${firstDate}`,
      ko: `${id}: 달력 데이터는 ${firstDate}부터 있습니다`,
    };
  }
  return undefined;
}

function inDays(days: number): string {
  if (days === 0) return 'today';
  return days === 1 ? 'in 1 day' : `in ${days} days`;
}

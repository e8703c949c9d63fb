import type { LocalText } from '../../kernel/define-errors.ts';
import { formatDate } from '../../kernel/time/civil.ts';
import type { TradingCalendar } from '../../run/calendars/calendar.ts';
import { sessionsOf } from '../../run/scheduler/schedule.ts';
import type { TargetDefinition } from '../../run/targets/target.ts';

/** A trading calendar that does not know all days of a preview. */
export interface UnknownDays {
  readonly calendarId: string;
  readonly text: LocalText;
}

/** Calendars of targets, and of those they come after, whose data begin or end within a span. */
export function unknownDaysIn(
  { shown, all }: { readonly shown: readonly TargetDefinition[]; readonly all: readonly TargetDefinition[] },
  span: { readonly fromMs: number; readonly toMs: number },
): readonly UnknownDays[] {
  const calendars = new Map<string, TradingCalendar>();
  const seen = new Set<string>();
  const left = [...shown];
  for (let definition = left.pop(); definition !== undefined; definition = left.pop()) {
    if (seen.has(definition.id)) continue;
    seen.add(definition.id);
    const calendar = calendarOf(definition);
    if (calendar !== undefined) calendars.set(calendar.id, calendar);
    const parents = definition.policies.dependency?.after ?? [];
    left.push(...all.filter(({ id }) => parents.includes(id)));
  }
  return [...calendars.values()].flatMap((calendar) => unknownDaysOf(calendar, span));
}

function calendarOf({ schedule }: TargetDefinition): TradingCalendar | undefined {
  if (schedule === undefined) return undefined;
  return schedule.kind === 'anchor' ? schedule.calendar : sessionsOf(schedule)?.calendar;
}

function unknownDaysOf(
  { id, firstDate, lastDate, timeZone }: TradingCalendar,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): readonly UnknownDays[] {
  const texts: LocalText[] = [];
  if (formatDate(fromMs, timeZone) < firstDate) {
    texts.push({
      en: `${id}: calendar data begin ${firstDate}; earlier days are not known and count as closed`,
      ko: `${id}: 달력 데이터는 ${firstDate}부터 있으며, 그 이전 날은 휴장으로 봅니다`,
    });
  }
  if (formatDate(toMs, timeZone) > lastDate) {
    texts.push({
      en: `${id}: calendar data end ${lastDate}; later days are not known and count as closed`,
      ko: `${id}: 달력 데이터는 ${lastDate}에 끝나며, 그 이후 날은 휴장으로 봅니다`,
    });
  }
  return texts.map((text) => ({ calendarId: id, text }));
}

import type { LocalText } from '../../kernel/define-errors.ts';
import { formatDate } from '../../kernel/time/civil.ts';
import { dateOfDay, dayOfDate } from '../calendars/calendar-dates.ts';
import { explainDay } from '../calendars/calendar-reasons.ts';
import type { TargetDefinition } from '../targets/target.ts';
import { type DaySlots, daySpanOf } from './day-slots.ts';
import type { AnchorSchedule } from './schedule.ts';

const dayMs = 86_400_000;
/** A slot lies so far from the date of its session at most: the hours of a session, and the offset of an anchor. */
const marginMs = 2 * dayMs;

/** What is asked about a slot of a target that follows others by their calendar day. */
export interface NoSlotQuestion {
  readonly definition: TargetDefinition;
  /** One of the targets it comes after. */
  readonly parentId: string;
  readonly slotMs: number;
}

/**
 * Why a target that is matched by calendar day is skipped when one it comes after has no slot on that day, with the holiday
 * that took it away where a trading calendar did; absent when there is such a slot, or none is looked for by day.
 */
export function explainNoSlot(
  { definition, parentId, slotMs }: NoSlotQuestion,
  { days, definitions }: { days: DaySlots; definitions: ReadonlyMap<string, TargetDefinition> },
): LocalText | undefined {
  const zone = definition.policies.dependency?.sameDayIn;
  if (zone === undefined || days.parentSlot(definition, parentId, slotMs) !== undefined) return undefined;
  const day = formatDate(slotMs, zone);
  const anchor = anchorOf(parentId, definitions);
  const closed = anchor === undefined ? undefined : closedDayText(anchor, daySpanOf(zone, slotMs));
  return {
    en: `after ${parentId}, which has no slot on ${day}${closed === undefined ? '' : ` (${closed.en})`}`,
    ko: `선행 ${parentId}: ${day} 슬롯 없음${closed === undefined ? '' : ` (${closed.ko})`}`,
  };
}

/** The session anchor whose slots a target has, its own or that of the first one it follows slot by slot. */
function anchorOf(
  targetId: string,
  definitions: ReadonlyMap<string, TargetDefinition>,
  depth = 0,
): AnchorSchedule | undefined {
  const definition = definitions.get(targetId);
  if (definition === undefined || depth > definitions.size) return undefined;
  if (definition.schedule !== undefined) {
    return definition.schedule.kind === 'anchor' ? definition.schedule : undefined;
  }
  const { after = [], sameDayIn } = definition.policies.dependency ?? {};
  const [first] = after;
  return first === undefined || sameDayIn !== undefined ? undefined : anchorOf(first, definitions, depth + 1);
}

/** The day without a session on which the slot would have been, had it been one like the last before it. */
function closedDayText(
  { calendar, anchor }: AnchorSchedule,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): LocalText | undefined {
  const first = dayOfDate(formatDate(startMs - marginMs, calendar.timeZone)) ?? Number.NaN;
  const last = dayOfDate(formatDate(endMs + marginMs, calendar.timeZone)) ?? Number.NaN;
  for (let day = first; day <= last; day++) {
    const date = dateOfDay(day);
    const explained = explainDay(calendar, date);
    const before = calendar.sessions.findLast((session) => session.date < date);
    const beforeDay = before === undefined ? undefined : dayOfDate(before.date);
    if (explained.kind === 'session' || before === undefined || beforeDay === undefined) continue;
    const edgeMs = anchor.edge === 'open' ? before.openMs : before.closeMs;
    const slotMs = edgeMs + (day - beforeDay) * dayMs + anchor.offsetMs;
    if (slotMs >= startMs && slotMs < endMs) return explained.text;
  }
  return undefined;
}

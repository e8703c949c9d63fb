import { offsetAt, segmentReaching } from '../../kernel/time/zone.ts';
import type { TargetDefinition } from '../targets/target.ts';
import { nextSlot } from './next-slot.ts';

const dayMs = 86_400_000;

/** From the first instant of a calendar day to the first one of the next. */
interface DaySpan {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Which slots of a dependent and of the targets before it belong together (rule S17): those at the same instant, or, where
 * a dependency says so, those of the same calendar day. Each of them then has one slot a day; of more the first counts.
 */
export class DaySlots {
  readonly #definitions: ReadonlyMap<string, TargetDefinition>;

  constructor(definitions: Iterable<TargetDefinition>) {
    this.#definitions = new Map([...definitions].map((definition) => [definition.id, definition]));
  }

  /** The slot of a dependent to which a slot of one of its parents belongs; absent when that was no slot of a schedule. */
  childSlot({ policies }: TargetDefinition, parentSlotMs: number): number | undefined {
    const zone = policies.dependency?.sameDayIn;
    if (zone === undefined) return parentSlotMs;
    return this.#lastOn(policies.dependency?.after ?? [], daySpanOf(zone, parentSlotMs));
  }

  /** The slot of a parent that belongs to one of a dependent; absent when the parent has none on that day. */
  parentSlot({ policies }: TargetDefinition, parentId: string, childSlotMs: number): number | undefined {
    const zone = policies.dependency?.sameDayIn;
    return zone === undefined ? childSlotMs : this.#slotIn(parentId, daySpanOf(zone, childSlotMs));
  }

  #lastOn(targetIds: readonly string[], span: DaySpan): number | undefined {
    const slots = targetIds.flatMap((id) => this.#slotIn(id, span) ?? []);
    return slots.length === 0 ? undefined : Math.max(...slots);
  }

  /** The config refuses circles; the depth keeps a mistake there from hanging the engine. */
  #slotIn(targetId: string, span: DaySpan, depth = 0): number | undefined {
    const definition = this.#definitions.get(targetId);
    if (definition === undefined || depth > this.#definitions.size) return undefined;
    const { schedule, policies } = definition;
    if (schedule !== undefined) return within(span, nextSlot(schedule, span.startMs - 1));
    const { after = [], sameDayIn: zone } = policies.dependency ?? {};
    if (zone === undefined)
      return after[0] === undefined ? undefined : this.#slotIn(after[0], span, depth + 1);
    // A day of one zone touches up to three of another one.
    for (let atMs = span.startMs; ; ) {
      const day = daySpanOf(zone, atMs);
      const slots = after.flatMap((id) => this.#slotIn(id, day, depth + 1) ?? []);
      const slotMs = slots.length === 0 ? undefined : within(span, Math.max(...slots));
      if (slotMs !== undefined || day.endMs >= span.endMs) return slotMs;
      atMs = day.endMs;
    }
  }
}

/** The calendar day of a zone in which an instant lies. */
export function daySpanOf(zone: string, instantMs: number): DaySpan {
  const day = Math.floor((instantMs + offsetAt(zone, instantMs)) / dayMs);
  return { startMs: startOfDay(zone, day), endMs: startOfDay(zone, day + 1) };
}

/** Where midnight does not exist, the first instant after it. */
function startOfDay(zone: string, day: number): number {
  const localMs = day * dayMs;
  const { offsetMs, startMs } = segmentReaching(zone, localMs);
  return Math.max(localMs - offsetMs, startMs);
}

function within({ startMs, endMs }: DaySpan, slotMs: number | undefined): number | undefined {
  return slotMs !== undefined && slotMs >= startMs && slotMs < endMs ? slotMs : undefined;
}

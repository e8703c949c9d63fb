import type { LocalText } from '../../kernel/define-errors.ts';
import { segmentAt } from '../../kernel/time/zone.ts';
import type { SkipReason } from '../../run/executions/execution.ts';
import { DaySlots } from '../../run/scheduler/day-slots.ts';
import { nextSlot } from '../../run/scheduler/next-slot.ts';
import { explainNoSlot } from '../../run/scheduler/no-slot-text.ts';
import { type Schedule, sessionsOf } from '../../run/scheduler/schedule.ts';
import { countOpenSlots } from '../../run/scheduler/session-slots.ts';
import { explainInherited, explainSkippedSlot } from '../../run/scheduler/skip-text.ts';
import type { TargetDefinition } from '../../run/targets/target.ts';
import type { SimulatedSkipEvent } from './simulation-events.ts';

/** Skipped slots in a row that have one explanation. */
export interface ExplainedSkip {
  readonly kind: 'skip';
  readonly targetId: string;
  readonly reason: SkipReason;
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
  readonly text: LocalText;
}

const dayMs = 86_400_000;
/** More slots of one day are not counted one by one. */
const maxSlotsOfDay = 100_000;
/** So many explanations of a parent are kept for its dependents, which are told right after it. */
const keptOfTarget = 500;

/** Splits skips by what explains them: a calendar by its days, a dependent by what happened to its parents. */
export class SkipExplainer {
  readonly #definitions: ReadonlyMap<string, TargetDefinition>;
  readonly #recent = new Map<string, readonly ExplainedSkip[]>();
  readonly #days: DaySlots;

  constructor(definitions: readonly TargetDefinition[]) {
    this.#days = new DaySlots(definitions);
    this.#definitions = new Map(definitions.map((definition) => [definition.id, definition]));
  }

  explain(skip: SimulatedSkipEvent): readonly ExplainedSkip[] {
    const definition = this.#definitions.get(skip.targetId);
    if (definition === undefined) return [];
    const pieces = this.#piecesOf(definition, skip);
    const kept = [...(this.#recent.get(skip.targetId) ?? []), ...pieces];
    this.#recent.set(skip.targetId, kept.slice(-keptOfTarget));
    return pieces;
  }

  #piecesOf(definition: TargetDefinition, skip: SimulatedSkipEvent): readonly ExplainedSkip[] {
    const { schedule } = definition;
    if (skip.reason === 'calendar' && skip.count > 1 && schedule !== undefined) {
      return byDay(definition, schedule, skip);
    }
    if (skip.reason === 'upstream') {
      const isByDay = definition.policies.dependency?.sameDayIn !== undefined;
      const inherited = isByDay ? this.#fromDay(definition, skip) : this.#fromParents(definition, skip);
      if (inherited.length > 0) return inherited;
    }
    return [whole(skip, explainSkippedSlot(definition, skip.reason, skip.toMs))];
  }

  /** What the first parent says that has no slot on the day of a skipped one, or skipped its own. */
  #fromDay(definition: TargetDefinition, skip: SimulatedSkipEvent): readonly ExplainedSkip[] {
    const known = { days: this.#days, definitions: this.#definitions };
    for (const parentId of definition.policies.dependency?.after ?? []) {
      const text = explainNoSlot({ definition, parentId, slotMs: skip.toMs }, known);
      if (text !== undefined) return [whole(skip, text)];
      const slotMs = this.#days.parentSlot(definition, parentId, skip.toMs) ?? skip.toMs;
      const piece = (this.#recent.get(parentId) ?? []).find(
        (one) => one.fromMs <= slotMs && slotMs <= one.toMs,
      );
      if (piece !== undefined) return [whole(skip, explainInherited(parentId, piece.text))];
    }
    return [];
  }

  /** What the first parent that skipped the same slots says about them. */
  #fromParents(definition: TargetDefinition, skip: SimulatedSkipEvent): readonly ExplainedSkip[] {
    for (const parent of definition.policies.dependency?.after ?? []) {
      const pieces = (this.#recent.get(parent) ?? []).filter(
        ({ fromMs, toMs }) => fromMs >= skip.fromMs && toMs <= skip.toMs,
      );
      if (pieces.reduce((sum, { count }) => sum + count, 0) !== skip.count) continue;
      return pieces.map(({ fromMs, toMs, count, text }) => ({
        kind: 'skip',
        targetId: skip.targetId,
        reason: 'upstream',
        fromMs,
        toMs,
        count,
        text: explainInherited(parent, text),
      }));
    }
    return [];
  }
}

/** One piece for each day of the calendar's zone. */
function byDay(
  definition: TargetDefinition,
  schedule: Schedule,
  skip: SimulatedSkipEvent,
): readonly ExplainedSkip[] {
  const zone = sessionsOf(schedule)?.calendar.timeZone ?? 'UTC';
  const pieces: ExplainedSkip[] = [];
  let slotMs: number | undefined = skip.fromMs;
  while (slotMs !== undefined && slotMs <= skip.toMs) {
    const untilMs = Math.min(skip.toMs, endOfDay(zone, slotMs));
    const counted = countOpenSlots(schedule, { afterMs: slotMs - 1, untilMs }, maxSlotsOfDay);
    const toMs = counted.lastClosedMs ?? slotMs;
    const text = explainSkippedSlot(definition, 'calendar', slotMs);
    const last = pieces.at(-1);
    if (last?.text.en === text.en) {
      pieces[pieces.length - 1] = { ...last, toMs, count: last.count + counted.closed };
    } else pieces.push({ ...whole(skip, text), fromMs: slotMs, toMs, count: counted.closed });
    slotMs = nextSlot(schedule, untilMs);
  }
  return pieces;
}

function whole(skip: SimulatedSkipEvent, text: LocalText): ExplainedSkip {
  const { targetId, reason, fromMs, toMs, count } = skip;
  return { kind: 'skip', targetId, reason, fromMs, toMs, count, text };
}

/** The last millisecond of a wall-clock day, or of the stretch before a clock change. */
function endOfDay(zone: string, instantMs: number): number {
  const { offsetMs, endMs } = segmentAt(zone, instantMs);
  const localMs = instantMs + offsetMs;
  const midnightMs = (Math.floor(localMs / dayMs) + 1) * dayMs - offsetMs;
  return Math.min(midnightMs, endMs) - 1;
}

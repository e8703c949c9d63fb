import type { Conclusion } from './dependency-rules.ts';
import { countSlots } from './next-slot.ts';
import type { Schedule } from './schedule.ts';

/** So many single slots, and so many ranges of skipped ones, are remembered of each target. */
const REMEMBERED_MAX = 1000;

/** Slots from one to another, both included, that were all skipped. */
export interface SlotRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the newest slots of one target came to. */
export class SlotLedger {
  readonly #single = new Map<number, Conclusion | 'started'>();
  #ranges: readonly SlotRange[] = [];

  /** What a slot came to; absent while it is not known. */
  conclusionAt(slotMs: number): Conclusion | undefined {
    const single = this.#single.get(slotMs);
    if (single !== undefined) return single === 'started' ? undefined : single;
    return this.covers({ fromMs: slotMs, toMs: slotMs }) ? 'skipped' : undefined;
  }

  /** Whether it is decided what becomes of a slot, also while its execution goes on. */
  isDecided(slotMs: number): boolean {
    return this.#single.has(slotMs) || this.covers({ fromMs: slotMs, toMs: slotMs });
  }

  /** Whether every slot of a range was skipped, as far as one range tells. */
  covers({ fromMs, toMs }: SlotRange): boolean {
    return this.#ranges.some((range) => range.fromMs <= fromMs && toMs <= range.toMs);
  }

  /** Slots of a range that were decided singly. */
  singlesIn({ fromMs, toMs }: SlotRange): readonly number[] {
    return [...this.#single.keys()].filter((slotMs) => fromMs <= slotMs && slotMs <= toMs);
  }

  /** The parts of a range that were skipped together. */
  rangesIn({ fromMs, toMs }: SlotRange): readonly SlotRange[] {
    return this.#ranges.flatMap((range) =>
      range.toMs < fromMs || toMs < range.fromMs
        ? []
        : [{ fromMs: Math.max(fromMs, range.fromMs), toMs: Math.min(toMs, range.toMs) }],
    );
  }

  /** `started`: it became an execution that has not concluded yet. */
  note(slotMs: number, conclusion: Conclusion | 'started'): void {
    this.#single.delete(slotMs);
    this.#single.set(slotMs, conclusion);
    const [oldest] = this.#single.keys();
    if (this.#single.size > REMEMBERED_MAX && oldest !== undefined) this.#single.delete(oldest);
  }

  noteSkipped(range: SlotRange): void {
    this.#ranges = [...this.#ranges, { fromMs: range.fromMs, toMs: range.toMs }].slice(-REMEMBERED_MAX);
  }

  /** The clock was set back: slots after an instant come again. */
  forgetAfter(nowMs: number): void {
    for (const slotMs of [...this.#single.keys()]) if (slotMs > nowMs) this.#single.delete(slotMs);
    this.#ranges = this.#ranges.flatMap(({ fromMs, toMs }) =>
      fromMs > nowMs ? [] : [{ fromMs, toMs: Math.min(toMs, nowMs) }],
    );
  }
}

/** Of how many slots of a range it is decided already what becomes of them, in any of the ledgers of a target. */
export function countDecided(ledgers: readonly SlotLedger[], range: SlotRange, schedule: Schedule): number {
  const parts = ledgers.flatMap((ledger) => ledger.rangesIn(range)).sort((a, b) => a.fromMs - b.fromMs);
  let count = 0;
  let countedToMs = range.fromMs - 1;
  for (const { fromMs, toMs } of parts) {
    const afterMs = Math.max(countedToMs, fromMs - 1);
    if (toMs > afterMs) count += countSlots(schedule, { afterMs, untilMs: toMs }).count;
    countedToMs = Math.max(countedToMs, toMs);
  }
  const isInPart = (slotMs: number) => parts.some((part) => part.fromMs <= slotMs && slotMs <= part.toMs);
  const singles = new Set(ledgers.flatMap((ledger) => ledger.singlesIn(range)));
  return count + [...singles].filter((slotMs) => !isInPart(slotMs)).length;
}

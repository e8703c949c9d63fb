import type { Conclusion } from './dependency-rules.ts';

/** So many single slots, and so many ranges of skipped ones, are remembered of each target. */
const REMEMBERED_MAX = 1000;

/** Slots from one to another, both included, that were all skipped. */
export interface SlotRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the newest slots of one target came to. */
export class SlotLedger {
  readonly #single = new Map<number, Conclusion>();
  #ranges: readonly SlotRange[] = [];

  /** What a slot came to; absent while it is not known. */
  conclusionAt(slotMs: number): Conclusion | undefined {
    const isInside = ({ fromMs, toMs }: SlotRange) => fromMs <= slotMs && slotMs <= toMs;
    return this.#single.get(slotMs) ?? (this.#ranges.some(isInside) ? 'skipped' : undefined);
  }

  /** Whether every slot of a range was skipped, as far as one range tells. */
  covers({ fromMs, toMs }: SlotRange): boolean {
    return this.#ranges.some((range) => range.fromMs <= fromMs && toMs <= range.toMs);
  }

  /** Whether anything is known about a part of a range. */
  touches({ fromMs, toMs }: SlotRange): boolean {
    for (const slotMs of this.#single.keys()) if (fromMs <= slotMs && slotMs <= toMs) return true;
    return this.#ranges.some((range) => range.fromMs <= toMs && fromMs <= range.toMs);
  }

  note(slotMs: number, conclusion: Conclusion): void {
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

/** One id in the heap; it knows its place, so that moving it needs no search. */
interface Entry {
  readonly id: string;
  /** Among ids that are due at the same instant the one that was named first comes first. */
  readonly order: number;
  dueMs: number;
  place: number;
}

/**
 * Ids ordered by when they are due, and by when they were first named where that is the same: a binary heap with one
 * entry per id, so that moving one costs O(log n).
 */
export class DueHeap {
  readonly #entries: Entry[] = [];
  readonly #byId = new Map<string, Entry>();
  readonly #orders = new Map<string, number>();

  /** Number of ids. */
  get size(): number {
    return this.#entries.length;
  }

  /** The earliest instant, ms; absent when nothing is due ever. */
  get nextDueMs(): number | undefined {
    return this.#entries[0]?.dueMs;
  }

  /** Puts an id in, or moves it. `undefined` takes it out. */
  set(id: string, dueMs: number | undefined): void {
    const known = this.#byId.get(id);
    const order = known?.order ?? this.#orderOf(id);
    if (dueMs === undefined) {
      if (known !== undefined) this.#remove(known);
      return;
    }
    const entry = known ?? { id, order, dueMs, place: this.#entries.length };
    entry.dueMs = dueMs;
    if (known === undefined) this.#byId.set(id, entry);
    this.#settle(entry);
  }

  /** Takes out and returns every id due at or before `nowMs`, in their order. */
  takeDue(nowMs: number): string[] {
    const due: string[] = [];
    for (let next = this.#entries[0]; next !== undefined && next.dueMs <= nowMs; next = this.#entries[0]) {
      due.push(next.id);
      this.#remove(next);
    }
    return due;
  }

  #orderOf(id: string): number {
    const order = this.#orders.get(id) ?? this.#orders.size;
    this.#orders.set(id, order);
    return order;
  }

  #remove(entry: Entry): void {
    this.#byId.delete(entry.id);
    const last = this.#entries.pop();
    if (last === undefined || last === entry) return;
    last.place = entry.place;
    this.#settle(last);
  }

  /** Brings an entry to where it belongs, beginning at its place. */
  #settle(entry: Entry): void {
    this.#rise(entry);
    this.#sink(entry);
    this.#entries[entry.place] = entry;
  }

  #rise(entry: Entry): void {
    while (entry.place > 0) {
      const parent = this.#entries[(entry.place - 1) >> 1];
      if (parent === undefined || !isBefore(entry, parent)) return;
      this.#exchange(entry, parent);
    }
  }

  #sink(entry: Entry): void {
    for (;;) {
      const left = this.#entries[2 * entry.place + 1];
      const right = this.#entries[2 * entry.place + 2];
      let least = entry;
      if (left !== undefined && isBefore(left, least)) least = left;
      if (right !== undefined && isBefore(right, least)) least = right;
      if (least === entry) return;
      this.#exchange(entry, least);
    }
  }

  /** The other one is written where the entry was; the entry itself is written once, where it comes to rest. */
  #exchange(entry: Entry, other: Entry): void {
    const { place } = other;
    other.place = entry.place;
    this.#entries[other.place] = other;
    entry.place = place;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order);
}

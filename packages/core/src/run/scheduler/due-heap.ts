/** One id of the heap. */
interface Entry {
  readonly id: string;
  /** Among ids that are due at the same instant the one that was named first comes first. */
  readonly order: number;
  /** Absent while it is not due at all. */
  instant: Instant | undefined;
}

/** An instant at which ids are due; it knows its place in the heap, so that taking it out needs no search. */
interface Instant {
  readonly dueMs: number;
  readonly entries: Set<Entry>;
  place: number;
}

/**
 * Ids ordered by when they are due, and by when they were first named where that is the same: a binary heap of instants,
 * each with its ids. Moving an id costs O(log n) of the number of instants, and next to nothing when others are due at
 * the same one, which is what schedules of many targets look like.
 */
export class DueHeap {
  readonly #heap: Instant[] = [];
  readonly #instants = new Map<number, Instant>();
  readonly #byId = new Map<string, Entry>();
  /** The instant that was put in last; the next id often belongs there too. */
  #latest: Instant | undefined;
  #size = 0;
  #named = 0;

  /** Number of ids that are due some time. */
  get size(): number {
    return this.#size;
  }

  /** The earliest instant, ms; absent when nothing is due ever. */
  get nextDueMs(): number | undefined {
    return this.#heap[0]?.dueMs;
  }

  /** Puts an id in, or moves it. `undefined` takes it out; its order is kept. */
  set(id: string, dueMs: number | undefined): void {
    const entry = this.#byId.get(id) ?? this.#name(id);
    if (entry.instant?.dueMs === dueMs) return;
    if (entry.instant !== undefined) this.#leave(entry, entry.instant);
    if (dueMs === undefined) return;
    const instant = this.#instantAt(dueMs);
    entry.instant = instant;
    instant.entries.add(entry);
    this.#size += 1;
  }

  /** Takes an id out for good: should it be named again, it comes last. */
  forget(id: string): void {
    this.set(id, undefined);
    this.#byId.delete(id);
  }

  /** Takes out and returns every id due at or before `nowMs`, in their order. */
  takeDue(nowMs: number): string[] {
    const due: string[] = [];
    for (let next = this.#heap[0]; next !== undefined && next.dueMs <= nowMs; next = this.#heap[0]) {
      this.#remove(next);
      this.#size -= next.entries.size;
      for (const entry of inOrder(next.entries)) {
        entry.instant = undefined;
        due.push(entry.id);
      }
    }
    return due;
  }

  #name(id: string): Entry {
    const entry = { id, order: this.#named, instant: undefined };
    this.#named += 1;
    this.#byId.set(id, entry);
    return entry;
  }

  #instantAt(dueMs: number): Instant {
    if (this.#latest?.dueMs === dueMs) return this.#latest;
    const instant = this.#instants.get(dueMs) ?? this.#insert(dueMs);
    this.#latest = instant;
    return instant;
  }

  #leave(entry: Entry, instant: Instant): void {
    instant.entries.delete(entry);
    entry.instant = undefined;
    this.#size -= 1;
    if (instant.entries.size === 0) this.#remove(instant);
  }

  #insert(dueMs: number): Instant {
    const instant: Instant = { dueMs, entries: new Set(), place: this.#heap.length };
    this.#instants.set(dueMs, instant);
    this.#settle(instant);
    return instant;
  }

  #remove(instant: Instant): void {
    this.#instants.delete(instant.dueMs);
    if (this.#latest === instant) this.#latest = undefined;
    const last = this.#heap.pop();
    if (last === undefined || last === instant) return;
    last.place = instant.place;
    this.#settle(last);
  }

  /** Brings an instant to where it belongs, beginning at its place. */
  #settle(instant: Instant): void {
    this.#rise(instant);
    this.#sink(instant);
    this.#heap[instant.place] = instant;
  }

  #rise(instant: Instant): void {
    while (instant.place > 0) {
      const parent = this.#heap[(instant.place - 1) >> 1];
      if (parent === undefined || instant.dueMs >= parent.dueMs) return;
      this.#exchange(instant, parent);
    }
  }

  #sink(instant: Instant): void {
    for (;;) {
      const left = this.#heap[2 * instant.place + 1];
      const right = this.#heap[2 * instant.place + 2];
      let least = instant;
      if (left !== undefined && left.dueMs < least.dueMs) least = left;
      if (right !== undefined && right.dueMs < least.dueMs) least = right;
      if (least === instant) return;
      this.#exchange(instant, least);
    }
  }

  /** The other one is written where this one was; this one is written once, where it comes to rest. */
  #exchange(instant: Instant, other: Instant): void {
    const { place } = other;
    other.place = instant.place;
    this.#heap[other.place] = other;
    instant.place = place;
  }
}

/** Ids mostly come in the order in which they were named; only where they did not are they sorted. */
function inOrder(entries: Set<Entry>): Iterable<Entry> {
  let lastOrder = -1;
  for (const { order } of entries) {
    if (order < lastOrder) return [...entries].sort((a, b) => a.order - b.order);
    lastOrder = order;
  }
  return entries;
}

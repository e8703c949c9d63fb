/** Ids ordered by when they are due: a binary heap with one entry per id, so that moving one costs O(log n). */
export class DueHeap {
  readonly #ids: string[] = [];
  readonly #dueMs: number[] = [];
  readonly #places = new Map<string, number>();

  /** Number of ids. */
  get size(): number {
    return this.#ids.length;
  }

  /** The earliest instant, ms; absent when nothing is due ever. */
  get nextDueMs(): number | undefined {
    return this.#dueMs[0];
  }

  /** Puts an id in, or moves it. `undefined` takes it out. */
  set(id: string, dueMs: number | undefined): void {
    const place = this.#places.get(id);
    if (dueMs === undefined) {
      if (place !== undefined) this.#removeAt(place);
      return;
    }
    const at = place ?? this.#ids.length;
    this.#put(at, id, dueMs);
    this.#siftUp(at);
    this.#siftDown(this.#places.get(id) ?? at);
  }

  /** Takes out and returns every id due at or before `nowMs`, earliest first. */
  takeDue(nowMs: number): string[] {
    const due: string[] = [];
    for (let next = this.#dueMs[0]; next !== undefined && next <= nowMs; next = this.#dueMs[0]) {
      const id = this.#ids[0];
      if (id === undefined) break;
      due.push(id);
      this.#removeAt(0);
    }
    return due;
  }

  #removeAt(place: number): void {
    const id = this.#ids[place];
    const lastId = this.#ids.pop();
    const lastDue = this.#dueMs.pop();
    if (id !== undefined) this.#places.delete(id);
    if (lastId === undefined || lastDue === undefined || lastId === id) return;
    this.#put(place, lastId, lastDue);
    this.#siftUp(place);
    this.#siftDown(this.#places.get(lastId) ?? place);
  }

  #siftUp(from: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#due(parent) <= this.#due(place)) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  #siftDown(from: number): void {
    let place = from;
    for (;;) {
      const left = 2 * place + 1;
      const right = left + 1;
      let least = place;
      if (left < this.#ids.length && this.#due(left) < this.#due(least)) least = left;
      if (right < this.#ids.length && this.#due(right) < this.#due(least)) least = right;
      if (least === place) return;
      this.#swap(place, least);
      place = least;
    }
  }

  #due(place: number): number {
    return this.#dueMs[place] ?? Number.POSITIVE_INFINITY;
  }

  #put(place: number, id: string, dueMs: number): void {
    this.#ids[place] = id;
    this.#dueMs[place] = dueMs;
    this.#places.set(id, place);
  }

  #swap(a: number, b: number): void {
    const [idA, idB, dueA, dueB] = [this.#ids[a], this.#ids[b], this.#due(a), this.#due(b)];
    if (idA === undefined || idB === undefined) return;
    this.#put(a, idB, dueB);
    this.#put(b, idA, dueA);
  }
}

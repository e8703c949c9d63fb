import type { Counted } from './restore-request.ts';

const SHOWN_MAX = 10_000;

/** Counts everything and remembers the beginning, so that a million entries do not fill the memory. */
export class CountedList<T> implements Counted<T> {
  readonly first: T[] = [];
  count = 0;

  add(item: T): void {
    this.count += 1;
    if (this.first.length < SHOWN_MAX) this.first.push(item);
  }

  toJSON(): Counted<T> {
    return { count: this.count, first: this.first };
  }
}

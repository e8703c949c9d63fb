import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueHeap } from './due-heap.ts';

/** What the heap must do, on a plain list. */
class SortedList {
  entries: Array<{ id: string; dueMs: number }> = [];
  readonly #named = new Set<string>();

  set(id: string, dueMs: number | undefined): void {
    this.#named.add(id);
    this.entries = this.entries.filter((entry) => entry.id !== id);
    if (dueMs !== undefined) this.entries.push({ id, dueMs });
  }

  forget(id: string): void {
    this.set(id, undefined);
    this.#named.delete(id);
  }

  takeDue(nowMs: number): string[] {
    const due = this.entries.filter((entry) => entry.dueMs <= nowMs);
    this.entries = this.entries.filter((entry) => entry.dueMs > nowMs);
    const order = [...this.#named];
    const inOrder = due.sort((a, b) => a.dueMs - b.dueMs || order.indexOf(a.id) - order.indexOf(b.id));
    return inOrder.map(({ id }) => id);
  }

  get nextDueMs(): number | undefined {
    return this.entries.length === 0 ? undefined : Math.min(...this.entries.map(({ dueMs }) => dueMs));
  }
}

const id = fc.integer({ min: 0, max: 12 }).map(String);
const step = fc.oneof(
  fc.record({
    kind: fc.constant('set' as const),
    id,
    dueMs: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('forget' as const), id }),
  fc.record({ kind: fc.constant('take' as const), nowMs: fc.integer({ min: -1, max: 45 }) }),
);

describe('the heap of due targets', () => {
  it('does what a sorted list does, whatever is put in, moved and taken out', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const [heap, list] = [new DueHeap(), new SortedList()];
        for (const each of steps) {
          if (each.kind === 'set') {
            heap.set(each.id, each.dueMs);
            list.set(each.id, each.dueMs);
          } else if (each.kind === 'forget') {
            heap.forget(each.id);
            list.forget(each.id);
          } else expect(heap.takeDue(each.nowMs)).toEqual(list.takeDue(each.nowMs));
          expect([heap.size, heap.nextDueMs]).toEqual([list.entries.length, list.nextDueMs]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('gives the earliest first', () => {
    const heap = new DueHeap();
    for (const [index, dueMs] of [50, 10, 40, 20, 30, 60].entries()) heap.set(String(index), dueMs);
    expect(heap.takeDue(45)).toEqual(['1', '3', '4', '2']);
    expect(heap.nextDueMs).toBe(50);
  });

  it('gives those of the same instant in the order in which they were first named', () => {
    const heap = new DueHeap();
    for (const id of ['c', 'a', 'd', 'b']) heap.set(id, undefined);
    for (const id of ['b', 'a', 'd', 'c']) heap.set(id, 10);
    expect(heap.takeDue(10)).toEqual(['c', 'a', 'd', 'b']);
  });

  it('holds each target once', () => {
    const heap = new DueHeap();
    heap.set('a', 5);
    heap.set('a', 7);
    expect(heap.takeDue(6)).toEqual([]);
    expect(heap.takeDue(7)).toEqual(['a']);
    heap.set('a', undefined);
    expect([heap.size, heap.nextDueMs]).toEqual([0, undefined]);
  });

  it('remembers the order of one that is not due, and not of one that is forgotten', () => {
    const heap = new DueHeap();
    for (const id of ['a', 'b', 'c']) heap.set(id, 10);
    heap.set('a', undefined);
    heap.forget('b');
    for (const id of ['b', 'a']) heap.set(id, 10);
    expect(heap.takeDue(10)).toEqual(['a', 'c', 'b']);
    heap.forget('c');
    expect([heap.size, heap.nextDueMs]).toEqual([0, undefined]);
  });
});

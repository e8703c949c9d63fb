import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIST_START, type ListPlace, movePlace, settlePlace } from './list-rules.ts';

const IDS = ['a', 'b', 'c', 'd', 'e'];

describe('the place in a list', () => {
  it('starts at the first row', () => {
    expect(settlePlace(LIST_START, IDS, 3)).toEqual({ selectedId: 'a', index: 0, top: 0 });
  });

  it('follows its id wherever the row goes', () => {
    const place: ListPlace = { selectedId: 'b', index: 1, top: 0 };
    expect(settlePlace(place, ['e', 'd', 'c', 'a', 'b'], 3)).toEqual({ selectedId: 'b', index: 4, top: 2 });
  });

  it('takes the neighbour when its row is gone', () => {
    expect(settlePlace({ selectedId: 'x', index: 2, top: 0 }, IDS, 3).selectedId).toBe('c');
    expect(settlePlace({ selectedId: 'x', index: 9, top: 0 }, IDS, 3).selectedId).toBe('e');
  });

  it('stops at both ends', () => {
    const place = settlePlace(LIST_START, IDS, 3);
    expect(movePlace(place, IDS, { by: -1, height: 3 }).selectedId).toBe('a');
    expect(movePlace(place, IDS, { by: Number.POSITIVE_INFINITY, height: 3 })).toEqual({
      selectedId: 'e',
      index: 4,
      top: 2,
    });
  });

  it('keeps the selected row inside the window, and the window inside the list', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9, max: 9 })),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 30 }),
        (moves, height, count) => {
          const ids = Array.from({ length: count }, (_, index) => `t${index}`);
          let place = settlePlace(LIST_START, ids, height);
          for (const by of moves) place = movePlace(place, ids, { by, height });
          expect(place.index).toBeGreaterThanOrEqual(place.top);
          expect(place.index).toBeLessThan(place.top + height);
          expect(place.top).toBeLessThanOrEqual(Math.max(0, count - height));
          expect(place.selectedId).toBe(ids[place.index]);
        },
      ),
    );
  });
});

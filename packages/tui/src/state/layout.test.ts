import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Layout, layoutKind, layoutPage, layoutTargets } from './layout.ts';

describe('the layout', () => {
  it.each([
    [120, 40, 'wide'],
    [110, 36, 'wide'],
    [109, 40, 'narrow'],
    [200, 35, 'narrow'],
    [80, 24, 'narrow'],
    [79, 50, 'tiny'],
    [40, 10, 'tiny'],
    [39, 10, 'small'],
    [40, 9, 'small'],
  ])('of %ix%i is %s', (columns, rows, kind) => {
    expect(layoutKind({ columns, rows })).toBe(kind);
  });

  it('uses exactly the rows of the terminal, never more', () => {
    const size = fc.record({
      columns: fc.integer({ min: 40, max: 300 }),
      rows: fc.integer({ min: 10, max: 120 }),
    });
    const count = fc.integer({ min: 0, max: 5_000 });
    const counts = fc.record({ targets: count, openAlerts: count });
    fc.assert(
      fc.property(size, counts, fc.boolean(), (terminal, shown, banner) => {
        for (const layout of [layoutTargets(terminal, shown, banner), layoutPage(terminal, banner)]) {
          expect(rowsOf(layout)).toBe(terminal.rows);
          expect(layout.list).toBeGreaterThanOrEqual(4);
        }
      }),
    );
  });
});

function rowsOf({ tabs, banner, list, detail, runs, acts, news, hints }: Layout): number {
  return 3 + tabs + banner + list + detail + runs + acts + news + hints;
}

import { describe, expect, it } from 'vitest';
import { crashAlong, DYING_WORK } from '../sim/keep-crash-points.ts';
import { editAlong } from '../sim/keep-edit-points.ts';

/** A slice of `sim/keep-properties.ts --crashes`, which takes every call with every loss; no divisor of the losses. */
const STRIDE = 13;
/** Short enough for every stretch between two looks at a file. */
const EDIT_STRIDE = 7;

describe('a process that dies, with what a loss of power leaves', () => {
  it.each(Object.entries(DYING_WORK))(
    'during %s loses nothing, leaves no broken backup with a final name, and the next run is clean',
    async (_, work) => {
      const { points, findings } = await crashAlong(work, { stride: STRIDE });
      expect(findings).toEqual([]);
      expect(points * STRIDE).toBeGreaterThan(30);
    },
  );
});

describe('a maintenance run while somebody else', () => {
  it.each([
    ['exchanges a folder for a link', 'folder-symlink'],
    ['moves a folder out of the data and leaves a link', 'folder-outside'],
    ['appends to a file', 'append'],
    ['rewrites a file and sets its old time', 'rewrite'],
    ['puts another file in its place', 'replace'],
    ['gives a file a second name', 'hardlink'],
    ['puts a link in its place', 'symlink'],
  ] as const)('%s deletes only what a verified backup holds', async (_, kind) => {
    const { points, findings } = await editAlong(kind, EDIT_STRIDE);
    expect(findings).toEqual([]);
    expect(points * EDIT_STRIDE).toBeGreaterThan(200);
  });
});

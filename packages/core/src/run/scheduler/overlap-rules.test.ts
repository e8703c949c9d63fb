import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICIES, type OverlapPolicy } from '../targets/target-policies.ts';
import { placeSlots } from './overlap-rules.ts';

const policies: Readonly<Record<string, OverlapPolicy>> = {
  skip: { kind: 'skip' },
  'queue-one': { kind: 'queue-one' },
  'queue 2': { kind: 'queue', max: 2 },
  cancel: { kind: 'cancel-running' },
  'allow 3': { kind: 'allow', maxConcurrent: 3 },
};

/** `1 2 | 3 replaces cancels`: what starts, what is skipped, and what happens to what goes on. */
function told(name: string, slots: readonly number[], occupied: readonly [number, number]): string {
  const [running, waiting] = occupied;
  const overlap = policies[name] ?? DEFAULT_POLICIES.overlap;
  const placed = placeSlots(slots, { ...DEFAULT_POLICIES, overlap }, { running, waiting });
  const acts = [placed.replacesWaiting ? 'replaces' : '', placed.cancelsRunning ? 'cancels' : ''];
  return [placed.starts.join(' '), '|', placed.overlaps.join(' '), ...acts]
    .filter((part) => part !== '')
    .join(' ');
}

describe('slots that are due while runs go on and wait', () => {
  it.each<[string, readonly number[], readonly [number, number], string]>([
    ['skip', [1], [0, 0], '1 |'],
    ['skip', [1, 2, 3], [0, 0], '1 2 3 |'],
    ['skip', [1, 2], [1, 0], '| 1 2'],
    ['skip', [1], [0, 1], '| 1'],
    ['queue-one', [1], [0, 0], '1 |'],
    ['queue-one', [1, 2], [0, 0], '1 2 |'],
    ['queue-one', [1, 2, 3, 4], [0, 0], '1 4 | 2 3'],
    ['queue-one', [1], [1, 0], '1 | replaces'],
    ['queue-one', [1, 2], [1, 1], '2 | 1 replaces'],
    ['queue-one', [1], [0, 1], '1 | replaces'],
    ['queue 2', [1, 2, 3, 4], [0, 0], '1 2 3 | 4'],
    ['queue 2', [1, 2, 3], [1, 0], '1 2 | 3'],
    ['queue 2', [1, 2], [1, 1], '1 | 2'],
    ['queue 2', [1], [1, 2], '| 1'],
    ['queue 2', [1], [1, 5], '| 1'],
    ['queue 2', [1, 2], [0, 1], '1 | 2'],
    ['cancel', [1], [0, 0], '1 |'],
    ['cancel', [1, 2], [0, 0], '2 | 1'],
    ['cancel', [1], [1, 0], '1 | replaces cancels'],
    ['cancel', [1, 2], [1, 1], '2 | 1 replaces cancels'],
    ['allow 3', [1], [2, 0], '1 |'],
    ['allow 3', [1], [3, 0], '| 1'],
    ['allow 3', [1], [1, 1], '1 |'],
    ['allow 3', [1], [2, 1], '| 1'],
    ['allow 3', [1], [0, 2], '1 |'],
  ])('%s: %j with [running, waiting] %j is %s', (name, slots, occupied, expected) => {
    expect(told(name, slots, occupied)).toBe(expected);
  });

  it.each(Object.keys(policies))('%s: nothing is due, and nothing happens', (name) => {
    for (const occupied of [
      [0, 0],
      [1, 0],
      [3, 1],
    ] as const)
      expect(told(name, [], occupied)).toBe('|');
  });

  it.each(Object.keys(policies))('%s: each slot is started or skipped, never both', (name) => {
    const slots = [1, 2, 3, 4, 5, 6, 7];
    for (const running of [0, 1, 2, 3]) {
      for (const waiting of [0, 1, 2, 3]) {
        const overlap = policies[name] ?? DEFAULT_POLICIES.overlap;
        const placed = placeSlots(slots, { ...DEFAULT_POLICIES, overlap }, { running, waiting });
        expect([...placed.starts, ...placed.overlaps].sort((a, b) => a - b)).toEqual(slots);
      }
    }
  });
});

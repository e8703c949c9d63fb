import type { Follow } from './runs.ts';

/** Nothing follows. Always this very value: a follow without changes may still have something to remember. */
export const NOTHING_FOLLOWS: Follow = {
  changes: [],
  states: [],
  runs: [],
  removed: [],
  committed: () => {},
};

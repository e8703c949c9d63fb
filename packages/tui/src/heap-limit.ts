import v8 from 'node:v8';

/** The young part of the heap stops growing from here on, bytes. V8 would let it grow to four times as much. */
const YOUNG_MOST_BYTES = 16 * 1024 * 1024;

/** The old part may grow by so much between two collections, percent of what was alive. */
const OLD_GROWTH_PERCENT = 20;

/**
 * Keeps the heap small on a screen that stays open for weeks. The sizes themselves can only be given to Node when it
 * starts, by a flag that no first line of a script carries to every system; how fast the parts grow can be set at any
 * time. The start is left alone: it needs room for a moment.
 */
export class HeapLimit {
  #holds = false;

  /** To be called after frames, which are what makes the heap grow; does nothing once the limit holds. */
  look(): void {
    if (this.#holds || youngBytes() < YOUNG_MOST_BYTES) return;
    this.#holds = true;
    v8.setFlagsFromString('--semi-space-growth-factor=1');
    v8.setFlagsFromString(`--heap-growing-percent=${OLD_GROWTH_PERCENT}`);
  }
}

function youngBytes(): number {
  const young = v8.getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
  return young?.space_size ?? 0;
}

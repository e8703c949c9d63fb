/** Blocks of a file system as the operating system counts them. */
export interface DiskUse {
  readonly blocks: number;
  readonly freeBlocks: number;
  /** Free blocks that an ordinary user may still fill; some are kept for the administrator. */
  readonly availableBlocks: number;
}

/**
 * How full a file system is for an ordinary user, in percent rounded up: the number that `df` prints.
 * A file system without blocks (such as /proc) counts as empty.
 */
export function usedPercent(use: DiskUse): number {
  const used = use.blocks - use.freeBlocks;
  const reachable = used + use.availableBlocks;
  return reachable <= 0 ? 0 : Math.ceil((used / reachable) * 100);
}

import type { Clock } from '../../ports/clock.ts';

/** What taking care of a database asks of its adapter. Each call is short; long work is many calls. */
export interface DatabaseCare {
  /** Refreshes the statistics of the query planner where they are stale (`PRAGMA optimize`). */
  refreshStatistics(): void;
  space(): DatabaseSpace;
  /** Gives at most so many free pages back to the file system (`PRAGMA incremental_vacuum`). */
  giveBack(pages: number): void;
  /** Moves the write-ahead log into the database and shortens it; `busy` when a reader still needs it. */
  checkpoint(): { readonly busy: boolean; readonly logPages: number; readonly movedPages: number };
}

/** How big a database is, and how much of it is free. */
export interface DatabaseSpace {
  readonly pageBytes: number;
  readonly pages: number;
  readonly freePages: number;
  /** False for a database that can give free pages back only by being written anew. */
  readonly incremental: boolean;
}

/** How far one optimisation goes. */
export interface OptimizeOptions {
  /** Free pages that stay for the next writes, as a part of all pages; default 0.1. */
  readonly keepFreeShare?: number | undefined;
  /** Longest time over all steps, ms; the rest is for the next run. Default 5 s. */
  readonly budgetMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What one optimisation did. */
export interface OptimizeReport {
  readonly before: DatabaseSpace;
  readonly after: DatabaseSpace;
  readonly givenBackBytes: number;
  /** False when a reader held the write-ahead log; the next run tries again. */
  readonly checkpointed: boolean;
  /** False when the time ran out before the free pages were given back. */
  readonly finished: boolean;
  readonly durationMs: number;
}

/** Pages of one step: a few milliseconds at most, so that nobody waits long for the database. */
const STEP_PAGES = 512;

/**
 * Keeps a database small and its plans good, in short steps with turns of the event loop between them. Deletes nothing
 * but free pages, so no backup is asked for.
 */
export async function optimizeDatabase(
  care: DatabaseCare,
  clock: Clock,
  options: OptimizeOptions = {},
): Promise<OptimizeReport> {
  const { keepFreeShare = 0.1, budgetMs = 5000, signal } = options;
  const startedMono = clock.mono();
  const before = care.space();
  care.refreshStatistics();
  let after = before;
  while (hasTooMuchFree(after, keepFreeShare) && clock.mono() - startedMono < budgetMs) {
    await clock.nextTurn();
    signal?.throwIfAborted();
    const { freePages } = after;
    care.giveBack(Math.min(STEP_PAGES, freePages));
    after = care.space();
    // A step without effect means that another one would have none either.
    if (after.freePages >= freePages) break;
  }
  const { busy } = care.checkpoint();
  return {
    before,
    after,
    givenBackBytes: Math.max(0, before.pages - after.pages) * before.pageBytes,
    checkpointed: !busy,
    finished: !hasTooMuchFree(after, keepFreeShare),
    durationMs: clock.mono() - startedMono,
  };
}

function hasTooMuchFree({ incremental, freePages, pages }: DatabaseSpace, keepFreeShare: number): boolean {
  return incremental && freePages > pages * keepFreeShare;
}

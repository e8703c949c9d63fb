import { LOG_CHANNEL } from './alert-settings.ts';
import type { OutboxRow } from './outbox.ts';

/** Rows older than this have no say in what is put together. */
export const RECENT_NOTICES_MS = 3_600_000;

/** What was told lately: how much by each channel, and when last of each group. The log is not counted. */
export class RecentNotices {
  readonly #byChannel = new Map<string, number[]>();
  /** When rows of a group were due; those of the future are still waited for. */
  readonly #byGroup = new Map<string, number[]>();

  clear(): void {
    this.#byChannel.clear();
    this.#byGroup.clear();
  }

  /** Counts a row that was made. */
  add(row: Pick<OutboxRow, 'channelId' | 'groupKey' | 'level' | 'createdAtMs' | 'nextAtMs'>): void {
    if (row.channelId === LOG_CHANNEL) return;
    keep(this.#byChannel, channelKey(row.channelId, row.level === 'CRITICAL'), row.createdAtMs);
    keep(this.#byGroup, groupKey(row), Math.max(row.createdAtMs, row.nextAtMs));
  }

  /** How many rows were made for a channel since an instant; critical ones have a count of their own. */
  countSince(channelId: string, critical: boolean, sinceMs: number): number {
    const known = this.#byChannel.get(channelKey(channelId, critical)) ?? [];
    let count = 0;
    while (count < known.length && (known[known.length - 1 - count] ?? 0) > sinceMs) count += 1;
    return count;
  }

  /** When a group was last told of on a channel; absent when that is long ago, or still to come. */
  lastOfGroup(row: Pick<OutboxRow, 'channelId' | 'groupKey'>, nowMs: number): number | undefined {
    let last: number | undefined;
    for (const atMs of this.#byGroup.get(groupKey(row)) ?? []) {
      if (atMs <= nowMs && atMs > (last ?? Number.NEGATIVE_INFINITY)) last = atMs;
    }
    return last;
  }

  prune(nowMs: number): void {
    const sinceMs = nowMs - RECENT_NOTICES_MS;
    for (const known of [this.#byChannel, this.#byGroup]) {
      for (const [key, instants] of known) {
        const kept = instants.filter((atMs) => atMs > sinceMs);
        if (kept.length === 0) known.delete(key);
        else known.set(key, kept);
      }
    }
  }
}

function keep(known: Map<string, number[]>, key: string, atMs: number): void {
  const instants = known.get(key);
  if (instants === undefined) known.set(key, [atMs]);
  else instants.push(atMs);
}

function channelKey(channelId: string, critical: boolean): string {
  return `${critical ? 'critical' : 'other'}:${channelId}`;
}

function groupKey(row: Pick<OutboxRow, 'channelId' | 'groupKey'>): string {
  return `${row.channelId}\n${row.groupKey}`;
}

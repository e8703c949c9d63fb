import { LOG_CHANNEL } from './alert-settings.ts';
import type { OutboxRow } from './outbox.ts';

/** Rows older than this have no say in what is put together. */
export const RECENT_NOTICES_MS = 3_600_000;

/** What was told lately: how much by each channel, and when last of each group. The log is not counted. */
export class RecentNotices {
  readonly #byChannel = new Map<string, number[]>();
  readonly #byGroup = new Map<string, number>();

  clear(): void {
    this.#byChannel.clear();
    this.#byGroup.clear();
  }

  /** Counts a row that was made. */
  add(row: Pick<OutboxRow, 'channelId' | 'groupKey' | 'level' | 'createdAtMs' | 'nextAtMs'>): void {
    if (row.channelId === LOG_CHANNEL) return;
    const key = channelKey(row.channelId, row.level === 'CRITICAL');
    const known = this.#byChannel.get(key);
    if (known === undefined) this.#byChannel.set(key, [row.createdAtMs]);
    else known.push(row.createdAtMs);
    this.#byGroup.set(groupKey(row), Math.max(row.createdAtMs, row.nextAtMs));
  }

  /** How many rows were made for a channel since an instant; critical ones have a count of their own. */
  countSince(channelId: string, critical: boolean, sinceMs: number): number {
    const known = this.#byChannel.get(channelKey(channelId, critical)) ?? [];
    let count = 0;
    while (count < known.length && (known[known.length - 1 - count] ?? 0) > sinceMs) count += 1;
    return count;
  }

  /** When a group was last told of on a channel; absent when that is long ago. */
  lastOfGroup(row: Pick<OutboxRow, 'channelId' | 'groupKey'>): number | undefined {
    return this.#byGroup.get(groupKey(row));
  }

  prune(nowMs: number): void {
    const sinceMs = nowMs - RECENT_NOTICES_MS;
    for (const [key, instants] of this.#byChannel) {
      const kept = instants.filter((atMs) => atMs > sinceMs);
      if (kept.length === 0) this.#byChannel.delete(key);
      else this.#byChannel.set(key, kept);
    }
    for (const [key, atMs] of this.#byGroup) if (atMs <= sinceMs) this.#byGroup.delete(key);
  }
}

function channelKey(channelId: string, critical: boolean): string {
  return `${critical ? 'critical' : 'other'}:${channelId}`;
}

function groupKey(row: Pick<OutboxRow, 'channelId' | 'groupKey'>): string {
  return `${row.channelId}\n${row.groupKey}`;
}

import { LOG_CHANNEL } from '../../watch/alerts/alert-settings.ts';
import { isLive, type OutboxRow } from '../../watch/alerts/outbox.ts';
import type { OpsChange } from '../ops-store.ts';

/** Of so many alerts it is known when their notices last moved. */
export const NOTICE_MOVES_MAX = 300;

/** Remembers when notices of an alert last moved, so that a screen knows when to read them again; bounded. */
export class NoticeMoves {
  readonly #lastMs = new Map<string, number>();
  readonly #moved = new Set<string>();
  /** Alerts of bundles that are on their way; a row itself names only its first. */
  readonly #members = new Map<string, Set<string>>();

  /** Takes note of one change. The log takes everything at once: nobody waits for it. */
  note(change: OpsChange, nowMs: number): void {
    if (change.kind === 'outbox.join') {
      this.#membersOf(change.rowId).add(change.alertId);
      this.#move(change.alertId, nowMs);
    }
    if (change.kind !== 'outbox.insert' && change.kind !== 'outbox.update') return;
    const { row } = change;
    if (row.channelId === LOG_CHANNEL && row.status !== 'dead') return;
    if (change.kind === 'outbox.insert' && change.alertIds.length > 1) {
      for (const alertId of change.alertIds) this.#membersOf(row.id).add(alertId);
    }
    for (const alertId of this.#alertsOf(row)) this.#move(alertId, nowMs);
    if (!isLive(row)) this.#members.delete(row.id);
  }

  /** When notices of the alert last moved; absent when that is not known. Grows with every move. */
  lastOf(alertId: string): number | undefined {
    return this.#lastMs.get(alertId);
  }

  /** True while something moved that was not taken. */
  get waits(): boolean {
    return this.#moved.size > 0;
  }

  /** Alerts whose notices moved since the last call. */
  take(): readonly string[] {
    const moved = [...this.#moved];
    this.#moved.clear();
    return moved;
  }

  #alertsOf({ id, firstAlertId }: OutboxRow): Iterable<string> {
    return new Set([firstAlertId, ...(this.#members.get(id) ?? [])]);
  }

  #membersOf(rowId: string): Set<string> {
    const known = this.#members.get(rowId) ?? new Set<string>();
    this.#members.set(rowId, known);
    return known;
  }

  #move(alertId: string, nowMs: number): void {
    const atMs = Math.max(nowMs, (this.#lastMs.get(alertId) ?? 0) + 1);
    this.#lastMs.delete(alertId);
    this.#lastMs.set(alertId, atMs);
    this.#moved.add(alertId);
    for (const oldest of this.#lastMs.keys()) {
      if (this.#lastMs.size <= NOTICE_MOVES_MAX) return;
      this.#lastMs.delete(oldest);
      this.#moved.delete(oldest);
    }
  }
}

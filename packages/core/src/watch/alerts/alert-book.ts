import { type Alert, isOpen, type Silence } from './alert.ts';
import type { AlertChange } from './alert-changes.ts';
import type { StoredAlerts } from './alert-store.ts';
import { isLive, isUnheard, isUntouched, type OutboxRow } from './outbox.ts';
import { RecentNotices } from './recent-notices.ts';

/** An alert that comes back so soon after its resolution is the same episode. */
export const REOPEN_WITHIN_MS = 600_000;

/** What decisions read of the alerts. */
export interface AlertView {
  findAlert(id: string): Alert | undefined;
  findOpen(dedupKey: string): Alert | undefined;
  /** The newest episode of a key that was resolved less than ten minutes ago. */
  findRecent(dedupKey: string, nowMs: number): Alert | undefined;
  openAlerts(): Iterable<Alert>;
  findRow(rowId: string): OutboxRow | undefined;
  /** The untouched row that more of the same bundle may join. */
  findBundle(bundle: string): OutboxRow | undefined;
  /** Alerts in a live row, in the order they came. */
  membersOf(rowId: string): Iterable<string>;
  /** True for a row that never arrived. */
  isDead(rowId: string): boolean;
  silences(): Iterable<Silence>;
  /** Open alerts that nobody is told of. */
  suppressedAlerts(): Iterable<Alert>;
  readonly notices: RecentNotices;
  readonly lastSeq: number;
}

/** The engine's one copy of the open alerts and of what is still to be sent. It changes only after a commit. */
export class AlertBook implements AlertView {
  readonly notices = new RecentNotices();
  readonly #alerts = new Map<string, Alert>();
  readonly #open = new Map<string, string>();
  readonly #recent = new Map<string, string>();
  readonly #rows = new Map<string, OutboxRow>();
  readonly #rowsByChannel = new Map<string, Map<string, OutboxRow>>();
  readonly #bundles = new Map<string, string>();
  readonly #members = new Map<string, Set<string>>();
  readonly #dead = new Set<string>();
  readonly #suppressed = new Map<string, Alert>();
  readonly #silences = new Map<string, Silence>();
  #channels: StoredAlerts['channels'] = [];
  #lastSeq = 0;

  /** How each channel was doing when the book was read; the lanes go on from there. */
  get channels(): StoredAlerts['channels'] {
    return this.#channels;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Forgets everything and takes over what is stored. */
  load(stored: StoredAlerts): void {
    const parts = [this.#alerts, this.#open, this.#recent, this.#rows, this.#rowsByChannel, this.#bundles];
    for (const part of [...parts, this.#members, this.#dead, this.#silences, this.#suppressed]) part.clear();
    this.notices.clear();
    this.#lastSeq = stored.lastSeq;
    this.#channels = stored.channels;
    for (const alert of stored.alerts) this.#putAlert(alert);
    for (const row of [...stored.rows].sort((a, b) => a.seq - b.seq)) {
      this.notices.add(row);
      if (isLive(row)) this.#putRow(row);
    }
    for (const { rowId, alertId } of stored.members) this.#join(rowId, alertId);
    for (const rowId of stored.deadRowIds) this.#dead.add(rowId);
    for (const silence of stored.silences) this.#silences.set(silence.id, silence);
  }

  /** Takes over what was committed. */
  apply(changes: readonly AlertChange[]): void {
    for (const change of changes) this.#apply(change);
  }

  /** Drops what can no longer come back. */
  prune(nowMs: number): void {
    for (const [key, id] of this.#recent) {
      const alert = this.#alerts.get(id);
      if (alert !== undefined && nowMs - (alert.resolvedAtMs ?? nowMs) < REOPEN_WITHIN_MS) continue;
      this.#recent.delete(key);
    }
    const named = new Set([...this.#open.values(), ...this.#recent.values()]);
    for (const members of this.#members.values()) for (const id of members) named.add(id);
    for (const id of this.#alerts.keys()) if (!named.has(id)) this.#alerts.delete(id);
    if (this.#dead.size > 0) this.#pruneDead();
    for (const [id, silence] of this.#silences) if (silence.endsAtMs <= nowMs) this.#silences.delete(id);
    this.notices.prune(nowMs);
  }

  findAlert(id: string): Alert | undefined {
    return this.#alerts.get(id);
  }

  findOpen(dedupKey: string): Alert | undefined {
    return this.#alertOf(this.#open.get(dedupKey));
  }

  findRecent(dedupKey: string, nowMs: number): Alert | undefined {
    const alert = this.#alertOf(this.#recent.get(dedupKey));
    if (alert?.resolvedAtMs === undefined || alert.event) return undefined;
    return nowMs - alert.resolvedAtMs < REOPEN_WITHIN_MS ? alert : undefined;
  }

  *openAlerts(): Iterable<Alert> {
    for (const id of this.#open.values()) {
      const alert = this.#alerts.get(id);
      if (alert !== undefined) yield alert;
    }
  }

  findRow(rowId: string): OutboxRow | undefined {
    return this.#rows.get(rowId);
  }

  findBundle(bundle: string): OutboxRow | undefined {
    const id = this.#bundles.get(bundle);
    return id === undefined ? undefined : this.#rows.get(id);
  }

  membersOf(rowId: string): Iterable<string> {
    return this.#members.get(rowId) ?? [];
  }

  isDead(rowId: string): boolean {
    return this.#dead.has(rowId);
  }

  silences(): Iterable<Silence> {
    return this.#silences.values();
  }

  suppressedAlerts(): Iterable<Alert> {
    return this.#suppressed.values();
  }

  /** Channels that something is to be sent to. */
  liveChannels(): readonly string[] {
    return [...this.#rowsByChannel.keys()];
  }

  /** Live rows of a channel, oldest first. */
  liveRows(channelId: string): Iterable<OutboxRow> {
    return this.#rowsByChannel.get(channelId)?.values() ?? [];
  }

  /** How many rows of a channel wait or are being sent. */
  liveCount(channelId: string): number {
    return this.#rowsByChannel.get(channelId)?.size ?? 0;
  }

  #pruneDead(): void {
    const newest = new Set([...this.#alerts.values()].flatMap(({ notified }) => Object.values(notified)));
    for (const rowId of this.#dead) if (!newest.has(rowId)) this.#dead.delete(rowId);
  }

  #apply(change: AlertChange): void {
    switch (change.kind) {
      case 'alert.insert':
      case 'alert.update':
        return this.#putAlert(change.alert);
      case 'outbox.insert':
        this.#lastSeq = Math.max(this.#lastSeq, change.row.seq);
        this.notices.add(change.row);
        this.#putRow(change.row);
        for (const alertId of change.alertIds) this.#join(change.row.id, alertId);
        return;
      case 'outbox.update':
        return this.#putRow(change.row);
      case 'outbox.join':
        return this.#join(change.rowId, change.alertId);
      case 'silence.insert':
        this.#silences.set(change.silence.id, change.silence);
        return;
      case 'silence.expire':
        this.#silences.delete(change.silenceId);
        return;
      case 'outbox.attempt':
      case 'outbox.attempt-end':
      case 'outbox.channel':
      case 'alert.forget':
        return;
      default:
        return change satisfies never;
    }
  }

  #alertOf(id: string | undefined): Alert | undefined {
    return id === undefined ? undefined : this.#alerts.get(id);
  }

  #putAlert(alert: Alert): void {
    this.#alerts.set(alert.id, alert);
    if (isOpen(alert) && alert.suppression !== undefined) this.#suppressed.set(alert.id, alert);
    else this.#suppressed.delete(alert.id);
    if (isOpen(alert)) {
      this.#open.set(alert.dedupKey, alert.id);
      this.#recent.delete(alert.dedupKey);
      return;
    }
    if (this.#open.get(alert.dedupKey) === alert.id) this.#open.delete(alert.dedupKey);
    const known = this.#alertOf(this.#recent.get(alert.dedupKey));
    if ((known?.resolvedAtMs ?? 0) <= (alert.resolvedAtMs ?? 0)) {
      this.#recent.set(alert.dedupKey, alert.id);
    }
  }

  #putRow(row: OutboxRow): void {
    const bundle = bundleOf(row);
    if (!isLive(row)) return this.#endRow(row, bundle);
    this.#rows.set(row.id, row);
    const known = this.#rowsByChannel.get(row.channelId);
    if (known === undefined) this.#rowsByChannel.set(row.channelId, new Map([[row.id, row]]));
    else known.set(row.id, row);
    if (isUntouched(row)) this.#bundles.set(bundle, row.id);
    else if (this.#bundles.get(bundle) === row.id) this.#bundles.delete(bundle);
  }

  #endRow(row: OutboxRow, bundle: string): void {
    this.#rows.delete(row.id);
    this.#members.delete(row.id);
    const channel = this.#rowsByChannel.get(row.channelId);
    channel?.delete(row.id);
    if (channel?.size === 0) this.#rowsByChannel.delete(row.channelId);
    if (this.#bundles.get(bundle) === row.id) this.#bundles.delete(bundle);
    if (isUnheard(row)) this.#dead.add(row.id);
  }

  #join(rowId: string, alertId: string): void {
    const members = this.#members.get(rowId);
    if (members === undefined) this.#members.set(rowId, new Set([alertId]));
    else members.add(alertId);
  }
}

/** What rows that may be put together share: channel, group, and whether they tell of a beginning or an end. */
export function bundleOf(row: Pick<OutboxRow, 'channelId' | 'groupKey' | 'reason'>): string {
  const side = row.reason === 'resolved' ? 'end' : 'begin';
  return `${row.channelId}\n${row.groupKey}\n${row.reason === 'digest' ? 'digest' : side}`;
}

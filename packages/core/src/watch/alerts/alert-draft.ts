import type { AuditChange } from '../../guard/audit/audit-entry.ts';
import { type Alert, isOpen, type Silence } from './alert.ts';
import { type AlertBook, type AlertView, bundleOf } from './alert-book.ts';
import type { AlertCause, AlertChange } from './alert-changes.ts';
import type { ChannelState } from './channel-state-rules.ts';
import type { AttemptEnd, OutboxAttempt, OutboxRow } from './outbox.ts';
import { isLive, isUnheard, isUntouched } from './outbox.ts';
import type { RecentNotices } from './recent-notices.ts';

interface AlertEdit {
  readonly base: Alert | undefined;
  readonly alert: Alert;
  readonly because: AlertCause;
}

interface RowEdit {
  readonly base: OutboxRow | undefined;
  readonly row: OutboxRow;
}

/**
 * A decision in the making: the book as it will be, and the changes that lead there. Several signals of one commit are
 * decided one after another on the same draft; the book itself stays as it is until the changes are committed.
 */
export class AlertDraft implements AlertView {
  readonly nowMs: number;
  readonly #book: AlertBook;
  readonly #alerts = new Map<string, AlertEdit>();
  readonly #byKey = new Map<string, string>();
  readonly #rows = new Map<string, RowEdit>();
  readonly #bundles = new Map<string, string>();
  readonly #joined = new Map<string, Set<string>>();
  readonly #attempts: AlertChange[] = [];
  readonly #others: AlertChange[] = [];
  readonly #audits: AuditChange[] = [];
  readonly #known = new Map<string, Alert>();
  readonly #silences: Silence[] = [];
  readonly #expired = new Set<string>();
  readonly #made: OutboxRow[] = [];
  #lastSeq: number;

  constructor(book: AlertBook, nowMs: number) {
    this.#book = book;
    this.nowMs = nowMs;
    this.#lastSeq = book.lastSeq;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get notices(): RecentNotices {
    return this.#book.notices;
  }

  /** Rows of this draft that count towards a digest: the book does not know of them yet. */
  madeFor(channelId: string, critical: boolean): number {
    return this.#made.filter((row) => row.channelId === channelId && (row.level === 'CRITICAL') === critical)
      .length;
  }

  findAlert(id: string): Alert | undefined {
    return this.#alerts.get(id)?.alert ?? this.#book.findAlert(id) ?? this.#known.get(id);
  }

  findOpen(dedupKey: string): Alert | undefined {
    const edited = this.#byKey.get(dedupKey);
    const alert = edited === undefined ? this.#book.findOpen(dedupKey) : this.findAlert(edited);
    return alert !== undefined && isOpen(alert) ? alert : undefined;
  }

  findRecent(dedupKey: string, nowMs: number): Alert | undefined {
    const edited = this.#byKey.get(dedupKey);
    if (edited === undefined) return this.#book.findRecent(dedupKey, nowMs);
    const alert = this.findAlert(edited);
    return alert !== undefined && !isOpen(alert) && !alert.event ? alert : undefined;
  }

  *openAlerts(): Iterable<Alert> {
    for (const { id } of this.#book.openAlerts()) {
      const alert = this.findAlert(id);
      if (alert !== undefined && isOpen(alert)) yield alert;
    }
    for (const { base, alert } of this.#alerts.values()) {
      if ((base === undefined || !isOpen(base)) && isOpen(alert)) yield alert;
    }
  }

  findRow(rowId: string): OutboxRow | undefined {
    const edited = this.#rows.get(rowId);
    if (edited === undefined) return this.#book.findRow(rowId);
    return isLive(edited.row) ? edited.row : undefined;
  }

  /** Rows of a channel that were live before this decision. */
  liveRows(channelId: string): Iterable<OutboxRow> {
    return this.#book.liveRows(channelId);
  }

  findBundle(bundle: string): OutboxRow | undefined {
    const id = this.#bundles.get(bundle) ?? this.#book.findBundle(bundle)?.id;
    const row = id === undefined ? undefined : this.findRow(id);
    return row !== undefined && isUntouched(row) ? row : undefined;
  }

  *membersOf(rowId: string): Iterable<string> {
    const joined = this.#joined.get(rowId);
    for (const id of this.#book.membersOf(rowId)) if (joined?.has(id) !== true) yield id;
    yield* joined ?? [];
  }

  isDead(rowId: string): boolean {
    const edited = this.#rows.get(rowId)?.row;
    return (edited !== undefined && isUnheard(edited)) || this.#book.isDead(rowId);
  }

  *silences(): Iterable<Silence> {
    for (const silence of this.#book.silences()) if (!this.#expired.has(silence.id)) yield silence;
    yield* this.#silences;
  }

  *suppressedAlerts(): Iterable<Alert> {
    for (const { id } of this.#book.suppressedAlerts()) {
      const alert = this.findAlert(id);
      if (alert?.suppression !== undefined && isOpen(alert)) yield alert;
    }
    for (const { base, alert } of this.#alerts.values()) {
      const known = base?.suppression !== undefined && isOpen(base);
      if (!known && alert.suppression !== undefined && isOpen(alert)) yield alert;
    }
  }

  /** A new episode, or the next version of a known one. The first cause that is given is the one that is told. */
  putAlert(alert: Alert, because: AlertCause): Alert {
    const edited = this.#alerts.get(alert.id);
    const base = edited === undefined ? this.#stored(alert.id) : edited.base;
    const next = { ...alert, revision: base === undefined ? 0 : base.revision + 1 };
    this.#alerts.set(alert.id, { base, alert: next, because: edited?.because ?? because });
    this.#byKey.set(alert.dedupKey, alert.id);
    return next;
  }

  /** A new row with its alerts; gets the next place in the order. */
  addRow(row: Omit<OutboxRow, 'seq' | 'revision'>, alertIds: readonly string[]): OutboxRow {
    this.#lastSeq += 1;
    const made: OutboxRow = { ...row, seq: this.#lastSeq, revision: 0 };
    this.#rows.set(made.id, { base: undefined, row: made });
    this.#joined.set(made.id, new Set(alertIds));
    this.#bundles.set(bundleOf(made), made.id);
    this.#made.push(made);
    return made;
  }

  /** The next version of a row. */
  putRow(row: OutboxRow): OutboxRow {
    const edited = this.#rows.get(row.id);
    const base = edited === undefined ? this.#book.findRow(row.id) : edited.base;
    const next = { ...row, revision: base === undefined ? 0 : base.revision + 1 };
    this.#rows.set(row.id, { base, row: next });
    return next;
  }

  /** Puts one more alert into an untouched row. */
  joinRow(row: OutboxRow, alertId: string): void {
    const joined = this.#joined.get(row.id);
    if (joined === undefined) this.#joined.set(row.id, new Set([alertId]));
    else joined.add(alertId);
  }

  /** An attempt that is about to be made; written before its row says so. */
  addAttempt(attempt: OutboxAttempt): void {
    this.#attempts.push({ kind: 'outbox.attempt', attempt });
  }

  /** How an attempt ended. */
  endAttempt(row: Pick<OutboxRow, 'id' | 'attempts'>, end: AttemptEnd): void {
    this.#others.push({ kind: 'outbox.attempt-end', rowId: row.id, number: row.attempts, end });
  }

  /** How a channel is doing now. */
  putChannel(channelId: string, state: ChannelState): void {
    this.#others.push({ kind: 'outbox.channel', channelId, state });
  }

  addSilence(silence: Silence): void {
    this.#silences.push(silence);
    this.#others.push({ kind: 'silence.insert', silence });
  }

  expireSilence(silenceId: string, operatorId: string): void {
    this.#expired.add(silenceId);
    this.#others.push({ kind: 'silence.expire', silenceId, atMs: this.nowMs, operatorId });
  }

  /** An alert that was read from the store because the book has forgotten it. */
  know(alert: Alert): void {
    if (this.#book.findAlert(alert.id) === undefined) this.#known.set(alert.id, alert);
  }

  /** An audit row that is written in the same commit. */
  also(audit: AuditChange): void {
    this.#audits.push(audit);
  }

  get audits(): readonly AuditChange[] {
    return this.#audits;
  }

  /** Everything the decision wants to be true; one change for each alert and row, whatever led to it. */
  changes(): readonly AlertChange[] {
    return [
      ...this.#attempts,
      ...[...this.#alerts.values()].map((edit) => this.#alertChange(edit)),
      ...[...this.#rows.values()].flatMap((edit) => this.#rowChange(edit)),
      ...[...this.#joined].flatMap(([rowId, alertIds]) => this.#joins(rowId, alertIds)),
      ...this.#others,
    ];
  }

  #stored(id: string): Alert | undefined {
    return this.#book.findAlert(id) ?? this.#known.get(id);
  }

  #alertChange({ base, alert, because }: AlertEdit): AlertChange {
    if (base === undefined) return { kind: 'alert.insert', alert };
    return { kind: 'alert.update', expectRevision: base.revision, alert, because, atMs: this.nowMs };
  }

  /** A row that was made and taken back by the same decision was never there. */
  #rowChange({ base, row }: RowEdit): readonly AlertChange[] {
    if (base === undefined) {
      if (!isLive(row)) return [];
      return [{ kind: 'outbox.insert', row, alertIds: [...(this.#joined.get(row.id) ?? [])] }];
    }
    const expect = { status: base.status, revision: base.revision };
    return [{ kind: 'outbox.update', expect, row, atMs: this.nowMs }];
  }

  #joins(rowId: string, alertIds: ReadonlySet<string>): readonly AlertChange[] {
    const edit = this.#rows.get(rowId);
    if (edit !== undefined && edit.base === undefined) return [];
    return [...alertIds].map((alertId) => ({ kind: 'outbox.join', rowId, alertId }));
  }
}

import type { OpsChange } from '../src/engine/ops-store.ts';
import type { AlertLevel, AlertNotice, NoticeReason } from '../src/ports/alert-channel.ts';
import type { VirtualClock } from '../src/testing/virtual-clock.ts';
import { type Alert, rankOf } from '../src/watch/alerts/alert.ts';
import type { OutboxRow } from '../src/watch/alerts/outbox.ts';
import type { StoryAnswer } from './alert-story.ts';

/** A notice that was handed to a channel. */
export interface Told {
  readonly at: At;
  readonly channelId: string;
  readonly rowId: string;
  readonly reason: NoticeReason;
  readonly level: AlertLevel;
  readonly answer: StoryAnswer;
  /** Keys of the row whose alerts somebody had taken at that moment. */
  readonly taken: readonly string[];
}

/** An alert that was put into a row. */
export interface Placed {
  readonly at: At;
  readonly row: OutboxRow;
  readonly alertId: string;
  readonly silenced: boolean;
}

/** When something happened: its place in the whole story, time that has passed, and what the clock showed. */
export interface At {
  readonly order: number;
  readonly monoMs: number;
  readonly wallMs: number;
}

interface Taken {
  untilMs: number;
  readonly sticky: boolean;
}

/** A silence of one key, with the time that has passed at its end unless the clock is set before. */
export interface Quiet {
  readonly key: string;
  readonly endMonoMs: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What was seen of a story, and who had taken or silenced what meanwhile; knows nothing of how that is decided. */
export class StoryRecord {
  readonly told: Told[] = [];
  readonly placed: Placed[] = [];
  /** Key of every episode. */
  readonly keys = new Map<string, string>();
  /** Every state an episode came to, with when. */
  readonly states = new Map<string, Array<{ readonly at: At; readonly alert: Alert }>>();
  readonly found: string[] = [];
  /** When the engine was restarted or the clock was set: how long something took says nothing across these. */
  readonly breaks: At[] = [];
  /** When the engine was off, in time that has passed. */
  readonly offs: Array<{ readonly fromMs: number; readonly toMs: number }> = [];
  /** Every silence that was made. */
  readonly silences: Quiet[] = [];
  /** When something was done about a key. */
  readonly touched: Array<{ readonly key: string; readonly at: At }> = [];
  readonly ended = new Map<string, { readonly at: At; readonly row: OutboxRow }>();
  readonly #clock: VirtualClock;
  readonly #levels = new Map<string, AlertLevel>();
  readonly #taken = new Map<string, Taken>();
  readonly #quiet = new Map<string, Quiet>();
  #order = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  raised(key: string, level: AlertLevel): void {
    this.#touch(key);
    const before = this.#levels.get(key);
    const graver = before !== undefined && rankOf(level) > rankOf(before);
    if (graver && this.#taken.get(key)?.sticky !== true) this.#taken.delete(key);
    this.#levels.set(key, level);
  }

  /** Nobody has the alert of the key any more. */
  released(key: string): void {
    this.#touch(key);
    this.#taken.delete(key);
  }

  taken(key: string, taken: Taken): void {
    this.#touch(key);
    this.#taken.set(key, taken);
  }

  silenced(id: string, asked: Omit<Quiet, 'endMonoMs'>): void {
    const endMonoMs = this.#clock.mono() + asked.untilMs - this.#clock.now();
    const quiet = { ...asked, endMonoMs };
    this.#touch(asked.key);
    this.#quiet.set(id, quiet);
    this.silences.push(quiet);
  }

  unsilenced(id: string): void {
    this.#touch(this.#quiet.get(id)?.key ?? '');
    this.#quiet.delete(id);
  }

  /** The engine was off for so long, up to now. */
  wasOff(forMs: number): void {
    const toMs = this.#clock.mono();
    this.offs.push({ fromMs: toMs - forMs, toMs });
    this.interrupted();
  }

  /** How long something takes says nothing across this moment. */
  interrupted(): void {
    this.breaks.push(this.at());
  }

  clockSet(byMs: number): void {
    this.interrupted();
    // An acknowledgement keeps its length when the clock is set back; a silence ends when the clock says so.
    if (byMs < 0) for (const taken of this.#taken.values()) taken.untilMs += byMs;
  }

  healed(): void {
    this.interrupted();
  }

  handedOver(channelId: string, notice: AlertNotice, answer: StoryAnswer): void {
    const { id: rowId, reason, level } = notice;
    const nowMs = this.#clock.now();
    const members = this.placed
      .filter((one) => one.row.id === rowId)
      .map((one) => this.keys.get(one.alertId) ?? '');
    const taken = members.filter((key) => nowMs < (this.#taken.get(key)?.untilMs ?? 0));
    this.told.push({ at: this.at(), channelId, rowId, reason, level, answer, taken });
  }

  committed(changes: readonly OpsChange[]): void {
    for (const change of changes) {
      if (change.kind === 'alert.insert' || change.kind === 'alert.update') this.#sawAlert(change.alert);
    }
    const rows = new Map<string, OutboxRow>();
    for (const change of changes) {
      if (change.kind === 'outbox.insert') {
        for (const alertId of change.alertIds) this.#sawPlaced(change.row, alertId);
      }
      if (change.kind === 'outbox.update') {
        rows.set(change.row.id, change.row);
        if (change.row.endedAtMs !== undefined)
          this.ended.set(change.row.id, { at: this.at(), row: change.row });
      }
    }
    for (const change of changes) {
      if (change.kind !== 'outbox.join') continue;
      const row = rows.get(change.rowId) ?? this.placed.find((one) => one.row.id === change.rowId)?.row;
      if (row !== undefined) this.#sawPlaced(row, change.alertId);
    }
  }

  /** Memory and store agree, and no key has two open episodes. */
  checkOpen(
    open: readonly Alert[],
    stored: { readonly items: readonly Alert[]; readonly total: number },
  ): void {
    const keys = stored.items.map(({ dedupKey }) => dedupKey);
    if (new Set(keys).size < keys.length)
      this.found.push(`(a) two open episodes of a key: ${keys.join(' ')}`);
    const name = ({ id, state, revision }: Alert) => `${id} ${state} ${revision}`;
    const [book, store] = [open.map(name).toSorted(), stored.items.map(name).toSorted()];
    if (JSON.stringify(book) !== JSON.stringify(store)) this.found.push('(a) memory and store differ');
  }

  at(): At {
    this.#order += 1;
    return { order: this.#order, monoMs: this.#clock.mono(), wallMs: this.#clock.now() };
  }

  #touch(key: string): void {
    this.touched.push({ key, at: this.at() });
  }

  #sawAlert(alert: Alert): void {
    this.keys.set(alert.id, alert.dedupKey);
    const seen = this.states.get(alert.id);
    if (seen === undefined) this.states.set(alert.id, [{ at: this.at(), alert }]);
    else seen.push({ at: this.at(), alert });
  }

  #sawPlaced(row: OutboxRow, alertId: string): void {
    const key = this.keys.get(alertId) ?? '';
    const nowMs = this.#clock.now();
    const quiet = [...this.#quiet.values()].some(
      (one) => one.key === key && one.fromMs <= nowMs && nowMs < one.untilMs,
    );
    this.placed.push({ at: this.at(), row, alertId, silenced: quiet });
  }
}

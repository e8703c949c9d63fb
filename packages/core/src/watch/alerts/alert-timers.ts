import type { Change } from '../../kernel/change.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { type Alert, isOpen } from './alert.ts';
import type { AlertChange } from './alert-changes.ts';
import type { AlertDesk } from './alert-desk.ts';
import type { AlertDraft } from './alert-draft.ts';
import { type DueRules, followDue } from './due-rules.ts';
import { nextActionMs } from './episode-rules.ts';
import { applyBegunSilences, reviewAtMs, reviewSuppressed } from './suppression-rules.ts';

/** Alerts that are looked at in one commit; the rest follows in the next. */
const DUE_AT_ONCE_MAX = 500;
/** One alert may have several things to do after a long stop. */
const TURNS_MAX = 4;
const STORE_RETRY_MS = 5000;
const TIMER_MAX_MS = 2 ** 31 - 1;

interface AlertTimersOptions<C extends Change> {
  readonly desk: AlertDesk<C>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rules: DueRules;
}

/** Does what is due: ends of holds, reminders, escalations, ends of acknowledgements and silences. */
export class AlertTimers<C extends Change> {
  readonly #options: AlertTimersOptions<C>;
  #cancel: (() => void) | undefined;
  #armedMs = Number.POSITIVE_INFINITY;
  #running: Promise<void> | undefined;
  #started = false;

  constructor(options: AlertTimersOptions<C>) {
    this.#options = options;
  }

  start(): void {
    this.#started = true;
    this.#arm(this.#options.clock.now());
  }

  /** Sets the timer earlier when a change asks for it. */
  committed(changes: readonly AlertChange[]): void {
    const { clock } = this.#options;
    const nowMs = clock.now();
    for (const change of changes) {
      if (change.kind === 'alert.insert' || change.kind === 'alert.update') {
        this.#armFor(change.alert, nowMs);
      }
      if (change.kind === 'silence.expire') this.#arm(nowMs);
      if (change.kind === 'silence.insert') this.#arm(Math.max(nowMs, change.silence.startsAtMs));
    }
  }

  /** Looks at everything now: the wall clock was set. */
  wake(): void {
    this.#arm(this.#options.clock.now());
  }

  async close(): Promise<void> {
    this.#started = false;
    this.#cancel?.();
    await this.#running;
  }

  #armFor(alert: Alert, nowMs: number): void {
    const nextMs = isOpen(alert) ? this.#nextOf(alert, nowMs) : undefined;
    if (nextMs !== undefined) this.#arm(nextMs);
  }

  #arm(atMs: number): void {
    if (!this.#started || atMs >= this.#armedMs) return;
    const { clock } = this.#options;
    this.#cancel?.();
    this.#armedMs = atMs;
    const delayMs = Math.min(Math.max(0, atMs - clock.now()), TIMER_MAX_MS);
    this.#cancel = clock.setTimer(() => this.#tick(), delayMs);
  }

  #tick(): void {
    this.#armedMs = Number.POSITIVE_INFINITY;
    this.#running = this.#followAll().finally(() => {
      this.#running = undefined;
    });
  }

  async #followAll(): Promise<void> {
    const { desk, clock, logger, rules } = this.#options;
    try {
      await desk.decide((draft) => followEverythingDue(draft, desk.book.openAlerts(), rules));
      desk.book.prune(clock.now());
      this.#arm(this.#nextMs());
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      logger.error('what is due for alerts could not be written', { error: text });
      this.#arm(clock.now() + STORE_RETRY_MS);
    }
  }

  #nextMs(): number {
    const nowMs = this.#options.clock.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { startsAtMs } of this.#options.desk.book.silences()) {
      if (startsAtMs > nowMs) nextMs = Math.min(nextMs, startsAtMs);
    }
    for (const alert of this.#options.desk.book.openAlerts()) {
      nextMs = Math.min(nextMs, this.#nextOf(alert, nowMs) ?? nextMs);
    }
    return nextMs;
  }

  #nextOf(alert: Alert, nowMs: number): number | undefined {
    const due = nextActionMs(alert);
    const review = reviewAtMs(alert, (id) => this.#endOf(id), nowMs);
    if (due === undefined || review === undefined) return due ?? review;
    return Math.min(due, review);
  }

  #endOf(silenceId: string): number | undefined {
    for (const silence of this.#options.desk.book.silences()) {
      if (silence.id === silenceId) return silence.endsAtMs;
    }
    return undefined;
  }
}

/** Decides everything that is due now, for at most so many alerts. */
export function followEverythingDue(draft: AlertDraft, open: Iterable<Alert>, rules: DueRules): void {
  applyBegunSilences(draft);
  reviewSuppressed(draft, rules);
  let followed = 0;
  for (const { id } of [...open]) {
    if (followed >= DUE_AT_ONCE_MAX) return;
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      const alert = draft.findAlert(id);
      const dueMs = alert === undefined ? undefined : nextActionMs(alert);
      if (alert === undefined || dueMs === undefined || dueMs > draft.nowMs) break;
      followDue(draft, alert, rules);
      if (turn === 0) followed += 1;
    }
  }
}

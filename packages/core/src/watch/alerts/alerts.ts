import type { AuditChange } from '../../guard/audit/audit-entry.ts';
import type { Change, CommitResult } from '../../kernel/change.ts';
import { uuidv7 } from '../../kernel/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ManualActs } from '../../ports/manual-acts.ts';
import type { NetworkIsolation } from '../../ports/network-isolation.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Alert, AlertSignal } from './alert.ts';
import { type ActsHost, AlertActs } from './alert-acts.ts';
import type { AlertChange } from './alert-changes.ts';
import { AlertDesk, type AlertDeskRecord } from './alert-desk.ts';
import { AlertHistory } from './alert-history.ts';
import type { AlertSettings } from './alert-settings.ts';
import { AlertTimers } from './alert-timers.ts';
import type { AlertRules } from './announce-rules.ts';
import type { BoundChannel, LaneWorld } from './channel-lane.ts';
import { shiftTimes } from './clock-shift-rules.ts';
import { type ChannelReport, Delivery } from './delivery.ts';
import type { NoticeOrigin } from './notice-rules.ts';
import { followSignal } from './signal-rules.ts';
import { sendTest, type TestAsked, type TestOutcome, TestWaiters } from './test-notices.ts';

export { type ActsHost, AlertActs } from './alert-acts.ts';

/** A channel gets this long to send its last notices when the engine ends, ms. */
const LAST_NOTICES_MS = 5000;

/** What the service is put together from. `C` are the changes of other chapters. */
export interface AlertsOptions<C extends Change> {
  readonly record: AlertDeskRecord<C>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly bootId: string;
  readonly settings: AlertSettings;
  readonly origin: Omit<NoticeOrigin, 'language'>;
  readonly channels: readonly BoundChannel[];
  readonly render: LaneWorld['render'];
  readonly redact: (text: string) => string;
  /** While our own connection is down the outbox waits, but for channels without a network. Default: it never is. */
  readonly isolation?: NetworkIsolation | undefined;
}

/** Alerts from the first signal to the last notice: decided, committed, then sent from what was committed. */
export class Alerts<C extends Change> {
  readonly #options: AlertsOptions<C>;
  readonly #desk: AlertDesk<C>;
  readonly #delivery: Delivery<C>;
  readonly #timers: AlertTimers<C>;
  readonly #rules: AlertRules;
  readonly #history: AlertHistory<C>;
  readonly #tests = new TestWaiters();

  constructor(options: AlertsOptions<C>) {
    this.#options = options;
    const { clock, randomness, logger, settings } = options;
    const newId = () => uuidv7(clock.now(), randomness.bytes(10));
    this.#rules = { settings, newId };
    this.#desk = new AlertDesk<C>({
      record: options.record,
      now: () => clock.now(),
      onCommitted: (changes) => this.#committed(changes),
    });
    const desk = this.#desk;
    const origin = { ...options.origin, language: settings.language };
    this.#delivery = new Delivery({ ...options, desk, origin, rules: this.#rules });
    const rules = { ...this.#rules, canReach: (channelId: string) => this.#delivery.has(channelId) };
    this.#timers = new AlertTimers({ desk, clock, logger, rules });
    this.#history = new AlertHistory({ ...options, keepMs: settings.keepHistoryMs });
  }

  /** Takes over what is stored and closes what a dead engine left. Sends nothing yet. */
  async load(): Promise<void> {
    await this.#desk.load();
    await this.#delivery.recover();
  }

  /** Begins to send and to watch the time. */
  start(): void {
    this.#delivery.start();
    this.#timers.start();
    this.#history.start();
  }

  /** Commits changes of other chapters together with what their signals lead to. A conflict changes nothing. */
  async commit(changes: readonly C[], signals: readonly AlertSignal[]): Promise<CommitResult> {
    const { result } = await this.#desk.decide((draft) => {
      for (const signal of signals) followSignal(draft, signal, this.#rules);
    }, changes);
    return result;
  }

  /** The same without other changes: signals of what is nobody's commit. */
  async signal(...signals: readonly AlertSignal[]): Promise<void> {
    await this.commit([], signals);
  }

  /** Open alerts, as the last commit left them. */
  open(): readonly Alert[] {
    return [...this.#desk.book.openAlerts()];
  }

  /** An alert that is open, ended lately, or that a notice on its way speaks of. */
  find(alertId: string): Alert | undefined {
    return this.#desk.book.findAlert(alertId);
  }

  /** How every channel is doing. */
  channels(): readonly ChannelReport[] {
    return this.#delivery.reports();
  }

  /** Ends of acts by an operator, with their audit rows. */
  acts(acts: ManualActs, host: ActsHost): AlertActs<C> {
    const test = (asked: TestAsked, audit: AuditChange) => this.#test(asked, audit);
    const channelIds = () => this.channels().map(({ channelId }) => channelId);
    return new AlertActs({ ...host, acts, desk: this.#desk, rules: this.#rules, channelIds, test });
  }

  /** The wall clock was set back: what is due keeps its distance. A jump ahead is time that has passed. */
  async clockJumped(jumpMs: number): Promise<void> {
    if (jumpMs < 0) {
      const { book } = this.#desk;
      const shift = { byMs: jumpMs, routes: this.#rules.settings.routes };
      await this.#desk.decide((draft) => shiftTimes(draft, book, shift));
    }
    this.#timers.wake();
    this.#delivery.wakeAll();
  }

  /** Sends for a few seconds what can be sent; the rest stays in the outbox for the next start. */
  async close(): Promise<void> {
    await this.#history.close();
    await this.#timers.close();
    await this.#delivery.close(LAST_NOTICES_MS);
  }

  async #test(asked: TestAsked, audit: AuditChange): Promise<TestOutcome> {
    const { value } = await this.#desk.decide((draft) => {
      draft.also(audit);
      return sendTest(draft, asked, this.#rules);
    });
    return this.#tests.outcome(value, this.#options.clock);
  }

  #committed(changes: readonly AlertChange[]): void {
    this.#timers.committed(changes);
    this.#delivery.committed(changes);
    this.#tests.committed(changes);
  }
}

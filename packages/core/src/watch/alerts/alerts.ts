import type { ManualAction } from '../../kernel/actor.ts';
import type { Change, CommitResult } from '../../kernel/change.ts';
import { uuidv7 } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { AlertLevel } from '../../ports/alert-channel.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ManualActs } from '../../ports/manual-acts.ts';
import type { NetworkIsolation } from '../../ports/network-isolation.ts';
import type { Randomness } from '../../ports/randomness.ts';
import {
  type AcknowledgeOptions,
  type ActBy,
  decideAcknowledge,
  decideClose,
  decideExpireSilence,
  decideSilence,
  decideUnacknowledge,
  type SilenceRequest,
} from './act-rules.ts';
import type { Alert, AlertSignal, Silence } from './alert.ts';
import type { AlertChange } from './alert-changes.ts';
import { AlertDesk, type AlertDeskRecord } from './alert-desk.ts';
import type { AlertDraft } from './alert-draft.ts';
import type { AlertSettings } from './alert-settings.ts';
import { AlertTimers } from './alert-timers.ts';
import type { AlertRules } from './announce-rules.ts';
import type { BoundChannel, LaneWorld } from './channel-lane.ts';
import { shiftTimes } from './clock-shift-rules.ts';
import { type ChannelReport, Delivery } from './delivery.ts';
import type { NoticeOrigin } from './notice-rules.ts';
import { followSignal } from './signal-rules.ts';
import { sendTest, type TestOutcome, TestWaiters } from './test-notices.ts';

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

  /** How every channel is doing. */
  channels(): readonly ChannelReport[] {
    return this.#delivery.reports();
  }

  /** Ends of acts by an operator, with their audit rows. */
  acts(acts: ManualActs, host: ActsHost): AlertActs<C> {
    return new AlertActs({ ...host, acts, desk: this.#desk, rules: this.#rules });
  }

  /**
   * Sends a test notice through one channel, by the same outbox as every other, and waits for what becomes of it.
   * @throws INP-0925 for a channel the config does not name.
   */
  async test(channelId: string, level: AlertLevel, by: string): Promise<TestOutcome> {
    if (!this.#delivery.has(channelId)) {
      const known = this.channels().map((report) => report.channelId);
      throw opsException('INP-0925', `channel: ${channelId}; allowed: ${known.join(', ')}`);
    }
    const { value } = await this.#desk.decide((draft) =>
      sendTest(draft, { channelId, level, by }, this.#rules),
    );
    return this.#tests.outcome(value, this.#options.clock);
  }

  /** The wall clock was set back: what is due keeps its distance. A jump ahead is time that has passed. */
  async clockJumped(jumpMs: number): Promise<void> {
    if (jumpMs < 0) {
      const { book } = this.#desk;
      await this.#desk.decide((draft) => shiftTimes(draft, book, jumpMs));
    }
    this.#timers.wake();
    this.#delivery.wakeAll();
  }

  /** Sends for a few seconds what can be sent; the rest stays in the outbox for the next start. */
  async close(): Promise<void> {
    await this.#timers.close();
    await this.#delivery.close(LAST_NOTICES_MS);
  }

  #committed(changes: readonly AlertChange[]): void {
    this.#timers.committed(changes);
    this.#delivery.committed(changes);
    this.#tests.committed(changes);
  }
}

/** Where acts find what they are about. */
export interface ActsHost {
  readonly find: (id: string) => Promise<Alert | undefined>;
  /** Default: a repeated request for a silence is refused as unknown. */
  readonly findSilence?: (id: string) => Promise<Silence | undefined>;
}

interface AlertActsOptions<C extends Change> extends ActsHost {
  readonly acts: ManualActs;
  readonly desk: AlertDesk<C>;
  readonly rules: AlertRules;
}

/** What operators may do with alerts; each act is audited in the commit that does it. */
export class AlertActs<C extends Change> {
  readonly #options: AlertActsOptions<C>;

  constructor(options: AlertActsOptions<C>) {
    this.#options = options;
  }

  /** Takes an alert. @throws INP-0920, BAT-0601, INP-0922, INP-0302, INP-0303, INP-0309, BAT-0106. */
  acknowledge(alertId: string, by: ManualAction, options: AcknowledgeOptions = {}): Promise<Alert> {
    const { expiresInMs, sticky } = options;
    const body = {
      alertId,
      ...(expiresInMs === undefined ? {} : { expiresInMs }),
      ...(sticky === undefined ? {} : { sticky }),
    };
    return this.#act({ name: 'acknowledge', alertId, by, body }, (draft, alert) =>
      decideAcknowledge(draft, alert, { ...options, by: byOf(by) }),
    );
  }

  /** Gives an alert back. @throws INP-0920, BAT-0602 and those of every act. */
  unacknowledge(alertId: string, by: ManualAction): Promise<Alert> {
    return this.#act({ name: 'unacknowledge', alertId, by, body: { alertId } }, decideUnacknowledge);
  }

  /** Declares an alert finished. @throws INP-0920, BAT-0603 and those of every act. */
  close(alertId: string, by: ManualAction): Promise<Alert> {
    return this.#act({ name: 'close', alertId, by, body: { alertId } }, (draft, alert) =>
      decideClose(draft, alert, { by: byOf(by), rules: this.#options.rules }),
    );
  }

  /** Keeps alerts untold for a while. @throws INP-0921 and those of every act. */
  async silence(request: SilenceRequest, by: ManualAction): Promise<Silence> {
    const { acts, desk, rules } = this.#options;
    const matchers = request.matchers.map(({ label, value, not = false }) => ({ label, value, not }));
    const { endsAtMs = null, forMs = null, startsAtMs = null } = request;
    const draftOfAct = {
      by,
      permission: 'RUN',
      name: 'silence',
      body: { matchers, endsAtMs, forMs, startsAtMs },
    } as const;
    const repeated = await acts.admit(draftOfAct);
    if (repeated !== undefined) return this.#silence(repeated.targetId);
    const id = rules.newId();
    const made = { by: byOf(by), id };
    const record = {
      auditType: 'ALERT_SILENCE',
      targetType: 'ALERT',
      targetId: id,
      action: 'CREATE',
    } as const;
    const audit = acts.record(draftOfAct, { ...record, after: draftOfAct.body });
    const { value } = await desk.decide((draft) => {
      draft.also(audit);
      return decideSilence(draft, { ...request, matchers }, made);
    });
    return value;
  }

  /** Ends a silence before its time. @throws INP-0923 and those of every act. */
  async expireSilence(silenceId: string, by: ManualAction): Promise<Silence> {
    const { acts, desk } = this.#options;
    const draftOfAct = { by, permission: 'RUN', name: 'expire-silence', body: { silenceId } } as const;
    if ((await acts.admit(draftOfAct)) !== undefined) return this.#silence(silenceId);
    const record = { auditType: 'ALERT_SILENCE', targetType: 'ALERT', targetId: silenceId } as const;
    const audit = acts.record(draftOfAct, { ...record, action: 'UPDATE', after: { expired: true } });
    const { value } = await desk.decide((draft) => {
      draft.also(audit);
      return decideExpireSilence(draft, silenceId, byOf(by));
    });
    return value;
  }

  async #silence(silenceId: string): Promise<Silence> {
    const found = await this.#options.findSilence?.(silenceId);
    if (found !== undefined) return found;
    throw opsException('INP-0923', `silence: ${silenceId}; allowed: the id of a recorded silence`);
  }

  async #act(
    act: {
      readonly name: string;
      readonly alertId: string;
      readonly by: ManualAction;
      readonly body: JsonObject;
    },
    decide: (draft: AlertDraft, alert: Alert) => Alert,
  ): Promise<Alert> {
    const { acts, desk } = this.#options;
    const draftOfAct = { by: act.by, permission: 'RUN', name: act.name, body: act.body } as const;
    const repeated = await acts.admit(draftOfAct);
    const stored = await this.#options.find(act.alertId);
    if (stored === undefined) {
      throw opsException('INP-0920', `alert: ${act.alertId}; allowed: the id of a recorded alert`);
    }
    if (repeated !== undefined) return stored;
    const { value } = await desk.decide((draft) => {
      draft.know(stored);
      const alert = draft.findAlert(act.alertId) ?? stored;
      const decided = decide(draft, alert);
      const record = {
        auditType: act.name === 'close' ? 'ALERT_CLOSE' : 'ALERT_ACKNOWLEDGE',
        targetType: 'ALERT',
        targetId: act.alertId,
        action: 'UPDATE',
        before: { state: alert.state },
        after: { act: act.name, state: decided.state },
      } as const;
      draft.also(acts.record(draftOfAct, record));
      return decided;
    });
    return value;
  }
}

function byOf(by: ManualAction): ActBy {
  return { operatorId: by.actor.operatorId, reason: by.reason };
}

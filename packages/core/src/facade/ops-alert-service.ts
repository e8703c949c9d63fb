import { LogOnlyAlertChannel } from '../adapters/alert-log/log-only-alert-channel.ts';
import { randomId } from '../adapters/clock-system/random-id.ts';
import { systemClock } from '../adapters/clock-system/system-clock.ts';
import { systemRandomness } from '../adapters/clock-system/system-randomness.ts';
import { jsonLogger } from '../adapters/logger-json/json-logger.ts';
import { writeStandardError } from '../adapters/logger-json/standard-error.ts';
import { systemEnvironment } from '../adapters/secrets-node/system-environment.ts';
import { SPECIFICATION_ERRORS } from '../adapters/store-sql/specification-errors.ts';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import { bindChannels, logChannel } from '../engine/alerting-channels.ts';
import { AlertingCommit } from '../engine/alerting-commit.ts';
import type { OpsChange, OpsStore } from '../engine/ops-store.ts';
import { createPluginContext } from '../engine/plugin-context.ts';
import { AuditedActs, osUserAuthorizer } from '../guard/access/manual-acts.ts';
import type { CommitResult } from '../kernel/change.ts';
import { findError } from '../kernel/define-errors.ts';
import type { JsonObject } from '../kernel/json.ts';
import { opsException } from '../kernel/ops-exception.ts';
import { redact, type Secret } from '../kernel/secret.ts';
import type { AlertChannel, AlertLevel } from '../ports/alert-channel.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Plugin } from '../ports/plugin.ts';
import { ALERT_TYPES, type AlertRecord, type AlertType, type RaiseSignal } from '../watch/alerts/alert.ts';
import { type AlertSettings, defaultAlertSettings } from '../watch/alerts/alert-settings.ts';
import type { AlertQuery, UnacknowledgedCounts } from '../watch/alerts/alert-store.ts';
import { type AlertActs, Alerts } from '../watch/alerts/alerts.ts';
import { renderNotice } from '../watch/alerts/render/render-notice.ts';

/** Where the service keeps alerts, and by which channels it sends them. Everything has a default. */
export interface OpsAlertServiceOptions {
  /** SQLite in memory when absent. A given store stays the caller's to close. */
  readonly store?: OpsStore | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
  /** Plugins with channels: `slack({...})`, `email({...})`. The log is always told. */
  readonly plugins?: readonly Plugin[] | undefined;
  /** What is told of everything; the log when absent. */
  readonly alertChannel?: AlertChannel | undefined;
  /** Default: mail gets everything, Slack from ERROR on, webhooks what is critical. */
  readonly settings?: AlertSettings | undefined;
}

/** What `sendAlert` is given. */
export interface SendAlert {
  readonly alertType: AlertType;
  readonly alertLevel: AlertLevel;
  readonly title: string;
  readonly message: string;
  readonly detail?: JsonObject | undefined;
  readonly executionId?: string | undefined;
  readonly errorCode?: string | undefined;
  /** Given: repeats are one alert until `resolveAlert`. Absent: an alert of its own each time. */
  readonly dedupKey?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** What `sendErrorAlert` is given: the level is that of the code. */
export type SendErrorAlert = Omit<SendAlert, 'alertType' | 'alertLevel' | 'errorCode'> & {
  readonly errorCode: string;
  /** Default SYSTEM_ERROR. */
  readonly alertType?: AlertType | undefined;
};

interface Running {
  readonly store: OpsStore;
  readonly own: boolean;
  readonly alerts: Alerts<OpsChange>;
  readonly acts: AlertActs<OpsChange>;
  readonly commit: AlertingCommit;
}

/** What is written to the audit log when the caller gives no reason of its own. */
const ACKNOWLEDGED = 'acknowledged through OpsAlertService';

/**
 * The specification's service: records alerts, sends them by every channel their level asks for, and remembers who
 * acknowledged them. The same episodes, outbox and audit as the engine's own alerts.
 */
export class OpsAlertService implements AsyncDisposable {
  readonly #options: OpsAlertServiceOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #ends = new AbortController();
  #running: Promise<Running> | undefined;

  constructor(options: OpsAlertServiceOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger =
      options.logger ?? jsonLogger({ clock: this.#clock, write: writeStandardError, secrets: [] });
  }

  /** Records an alert and hands it to its channels. @throws INP-0922 for a field that is not allowed. */
  async sendAlert(alert: SendAlert): Promise<AlertRecord> {
    const signal = signalOf(alert, this.#clock.now());
    const { alerts, store } = await this.#run();
    await alerts.signal(signal);
    const { items } = await store.queryAlerts({ dedupKey: signal.dedupKey, limit: 1 });
    const [recorded] = items;
    if (recorded === undefined) throw opsException('LOG-0101', `alert ${signal.dedupKey} was not recorded`);
    return recorded;
  }

  /** The same for an error code: at its level, and only if the code alerts. Absent when it does not. */
  async sendErrorAlert(alert: SendErrorAlert): Promise<AlertRecord | undefined> {
    const { errorCode, alertType = 'SYSTEM_ERROR' } = alert;
    const specified = SPECIFICATION_ERRORS.find(([code]) => code === errorCode)?.[1];
    const definition = findError(errorCode)?.definition ?? specified;
    if (definition?.autoAlert !== true) return undefined;
    return this.sendAlert({ ...alert, alertType, alertLevel: definition.severity });
  }

  /** Ends the open alert of a key; whoever was told of it is told. */
  async resolveAlert(dedupKey: string, message?: string): Promise<void> {
    const { alerts } = await this.#run();
    const atMs = this.#clock.now();
    await alerts.signal({ kind: 'resolve', dedupKey, message, atMs });
  }

  /**
   * Takes an alert, once.
   * @throws INP-0920 (C1-ALT-002) unknown, BAT-0601 (C1-ALT-003) already acknowledged, INP-0303 no operator.
   */
  async acknowledgeAlert(
    alertId: string,
    operatorId: string,
    reason: string = ACKNOWLEDGED,
  ): Promise<AlertRecord> {
    const { acts } = await this.#run();
    const actor = { operatorId, method: 'library' } as const;
    await acts.acknowledge(alertId, { actor, reason, requestId: randomId() });
    return this.getAlert(alertId);
  }

  /** @throws INP-0920 for an id that was never recorded. */
  async getAlert(alertId: string): Promise<AlertRecord> {
    const found = await (await this.#run()).store.findAlert(alertId);
    if (found !== undefined) return found;
    throw opsException('INP-0920', `alert: ${alertId}; allowed: the id of a recorded alert`);
  }

  /** Alerts by type, level, acknowledgement and time, newest first, with the count of all that fit. */
  async getAlerts(query: AlertQuery = {}): Promise<{ items: readonly AlertRecord[]; total: number }> {
    const { items, total } = await (await this.#run()).store.queryAlerts(query);
    return { items, total };
  }

  /** How many alerts of each level nobody has acknowledged. */
  async countUnacknowledged(): Promise<UnacknowledgedCounts> {
    return (await this.#run()).store.countUnacknowledged();
  }

  /** Commits changes of runs together with the alerts that follow from them, as the engine does. */
  async commit(changes: readonly OpsChange[]): Promise<CommitResult> {
    return (await this.#run()).commit.commit(changes);
  }

  /** The store of the service, for other services that are to share it. */
  async store(): Promise<OpsStore> {
    return (await this.#run()).store;
  }

  /** Sends for a few seconds what can be sent, then closes the service's own store; a given one stays open. */
  async [Symbol.asyncDispose](): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    const started = await running;
    await started?.alerts.close();
    this.#ends.abort(new Error('the service ends'));
    if (started?.own === true) await started.store.close();
  }

  #run(): Promise<Running> {
    this.#running ??= this.#start();
    return this.#running;
  }

  async #start(): Promise<Running> {
    const { plugins = [], settings, alertChannel } = this.#options;
    const clock = this.#clock;
    const logger = this.#logger;
    const own = this.#options.store === undefined;
    const now = () => clock.now();
    const store = this.#options.store ?? (await openSqliteStore({ path: ':memory:', now }));
    const secrets: Secret[] = [];
    const around = { logger, clock, env: systemEnvironment, folder: '', signal: this.#ends.signal, secrets };
    const log = logChannel(alertChannel ?? new LogOnlyAlertChannel(logger));
    const configured = plugins.flatMap((plugin) => plugin.channels ?? []);
    const channels = bindChannels(configured, (owner) => createPluginContext(owner, around));
    const alerts = new Alerts<OpsChange>({
      record: store,
      clock,
      randomness: systemRandomness,
      logger,
      bootId: randomId(),
      settings: settings ?? defaultAlertSettings(channels),
      origin: { instance: 'ops-alert-service', environment: 'LAB', timeZone: 'UTC' },
      channels: [log, ...channels],
      render: renderNotice,
      redact: (text) => redact(text, secrets),
    });
    await alerts.load();
    alerts.start();
    const audited = new AuditedActs({ store, authorizer: osUserAuthorizer, clock, host: 'library' });
    const acts = alerts.acts(audited, { find: (id) => store.findAlert(id) });
    const commit = new AlertingCommit({
      commit: (changes) => store.commit(changes),
      commitWith: (changes, signals) => alerts.commit(changes, signals),
      logger,
      onLost: () => undefined,
    });
    return { store, own, alerts, acts, commit };
  }
}

function signalOf(alert: SendAlert, atMs: number): RaiseSignal {
  const { alertType, alertLevel: level, title, message, dedupKey } = alert;
  if (!ALERT_TYPES.includes(alertType)) {
    throw opsException('INP-0922', `alertType: ${String(alertType)}; allowed: ${ALERT_TYPES.join(', ')}`);
  }
  if (title.trim() === '') throw opsException('INP-0922', 'title: empty; allowed: 1 to 200 characters');
  if (dedupKey !== undefined && (dedupKey.trim() === '' || dedupKey.length > 255)) {
    throw opsException('INP-0922', `dedupKey: ${dedupKey.length} characters; allowed: 1 to 255`);
  }
  return {
    kind: 'raise',
    dedupKey: dedupKey ?? `sent:${randomId()}`,
    alertType,
    level,
    title,
    message,
    labels: alert.labels,
    detail: alert.detail,
    executionId: alert.executionId,
    errorCode: alert.errorCode,
    event: dedupKey === undefined,
    atMs,
  };
}

import type { ActRequest, ActResult, Page } from '../../client/ops-client.ts';
import type { AcknowledgeRequest, PingRequest, SilenceAsk, WatchClient } from '../../client/watch-client.ts';
import type {
  AlertDetail,
  AlertView,
  ChannelTestView,
  ChannelView,
  HealthView,
  SilenceView,
} from '../../client/watch-views.ts';
import type { Actor, ManualAction } from '../../kernel/actor.ts';
import type { CommitResult } from '../../kernel/change.ts';
import { uuidv7 } from '../../kernel/ids.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import { redact, type Secret } from '../../kernel/secret.ts';
import type { AlertLevel } from '../../ports/alert-channel.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ManualActs } from '../../ports/manual-acts.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { AlertQuery, UnacknowledgedCounts } from '../../watch/alerts/alert-store.ts';
import type { AlertActs, Alerts } from '../../watch/alerts/alerts.ts';
import type { TestOutcome } from '../../watch/alerts/test-notices.ts';
import type { HealthChecks } from '../../watch/health/health-checks.ts';
import { summarizeHealth } from '../../watch/health/readiness-rules.ts';
import type { OpsChange, OpsStore } from '../ops-store.ts';
import { pageOf } from '../page-rules.ts';
import { parseMatcher } from './matcher-input.ts';
import type { PingBook } from './ping-book.ts';
import { alertDetail, alertView, channelView, healthCheckView, silenceView } from './watch-view-rules.ts';

/** Notices of one alert, and silences, that are shown at once. */
const ROWS_SHOWN_MAX = 200;
/** Notices of one alert, the newest first, whose attempts are shown one by one. */
const HISTORIES_MAX = 20;
/** Beyond so many checks the accounts of the day are left out: they are read from the store one by one. */
const ACCOUNTS_MAX = 200;
const DAY_MS = 86_400_000;
/** Ids of checks in one audit row; all of them stand in its details. */
const CHECK_IDS_MAX_CHARACTERS = 200;

/** The services that answer an operator about alerts and checks. */
export interface WatchServices {
  readonly store: OpsStore;
  readonly alerts: Alerts<OpsChange>;
  readonly alertActs: AlertActs<OpsChange>;
  readonly health: HealthChecks;
  readonly pings: PingBook;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Taken out of every reason before it is written down. */
  readonly secrets: readonly Secret[];
  readonly acts: ManualActs;
  readonly commit: (changes: readonly OpsChange[]) => Promise<CommitResult>;
}

/** What an operator can ask about alerts, channels and checks, answered by the services of this process. */
export abstract class InProcessWatch implements WatchClient {
  readonly #services: WatchServices;
  readonly #actor: Actor;

  constructor(services: WatchServices, actor: Actor) {
    this.#services = services;
    this.#actor = actor;
  }

  async alerts(query: AlertQuery): Promise<Page<AlertView>> {
    const page = pageOf(query);
    const { items, total } = await this.#services.store.queryAlerts({ ...query, ...page });
    return { items: items.map((alert) => alertView(alert)), count: total, ...page };
  }

  async alert(id: string): Promise<AlertDetail> {
    const { store } = this.#services;
    const alert = await store.findAlert(id);
    if (alert === undefined) {
      const text = `alert: ${id.slice(0, 60)}; allowed: the id of a recorded alert`;
      throw opsException('INP-0920', text, { data: { alertId: id.slice(0, 60) } });
    }
    const { items } = await store.queryOutbox({ alertId: id, limit: ROWS_SHOWN_MAX });
    const attempts = items.slice(0, HISTORIES_MAX).map(async (row) => {
      return [row.id, await store.readAttempts(row.id)] as const;
    });
    return alertDetail(alert, items, new Map(await Promise.all(attempts)));
  }

  unacknowledged(): Promise<UnacknowledgedCounts> {
    return this.#services.store.countUnacknowledged();
  }

  acknowledge(alertId: string, request: AcknowledgeRequest): Promise<ActResult> {
    const { forMs: expiresInMs, sticky } = request;
    return this.#act(request, (by) =>
      this.#services.alertActs.acknowledge(alertId, by, { expiresInMs, sticky }),
    );
  }

  unacknowledge(alertId: string, request: ActRequest): Promise<ActResult> {
    return this.#act(request, (by) => this.#services.alertActs.unacknowledge(alertId, by));
  }

  closeAlert(alertId: string, request: ActRequest): Promise<ActResult> {
    return this.#act(request, (by) => this.#services.alertActs.close(alertId, by));
  }

  async silences(): Promise<readonly SilenceView[]> {
    const { store, clock } = this.#services;
    const nowMs = clock.now();
    return (await store.readSilences(ROWS_SHOWN_MAX)).map((silence) => silenceView(silence, nowMs));
  }

  async silence(request: SilenceAsk): Promise<ActResult> {
    const matchers = request.matchers.map(parseMatcher);
    const { forMs } = request;
    return this.#act(request, async (by) => {
      const { id: silenceId } = await this.#services.alertActs.silence({ matchers, forMs }, by);
      return { silenceId };
    });
  }

  expireSilence(silenceId: string, request: ActRequest): Promise<ActResult> {
    return this.#act(request, (by) => this.#services.alertActs.expireSilence(silenceId, by));
  }

  async channels(): Promise<readonly ChannelView[]> {
    return this.#services.alerts.channels().map(channelView);
  }

  async testChannel(channelId: string, level: AlertLevel): Promise<ChannelTestView> {
    const { alertActs, clock } = this.#services;
    const begun = clock.mono();
    const by = this.by({ reason: `a test of channel ${channelId}` });
    const outcome = await alertActs.test(channelId, level, by);
    return {
      channelId,
      delivered: outcome.status === 'sent',
      text: testText(channelId, outcome),
      attempts: outcome.attempts,
      durationMs: Math.round(clock.mono() - begun),
    };
  }

  async health(): Promise<HealthView> {
    const { health, clock } = this.#services;
    const views = health.list();
    const toMs = clock.now();
    const day = { fromMs: toMs - DAY_MS, toMs };
    const accounted = views.length <= ACCOUNTS_MAX;
    const checks = views.map(async (view) =>
      healthCheckView(view, accounted ? await health.availability(view.id, day) : undefined),
    );
    return {
      atMs: toMs,
      status: summarizeHealth(views).status,
      isolated: health.isolated,
      checks: await Promise.all(checks),
    };
  }

  async runChecks(ids: readonly string[]): Promise<HealthView> {
    const { health } = this.#services;
    // One that does not exist is refused before anything is written down.
    for (const id of ids) health.view(id);
    await this.#recordRun(ids);
    await health.runNow(ids.length === 0 ? undefined : ids);
    return this.health();
  }

  async #recordRun(ids: readonly string[]): Promise<void> {
    const { acts, commit } = this.#services;
    const body = { checks: [...ids] };
    const draft = {
      by: this.by({ reason: 'checks were made to look out of turn' }),
      permission: 'RUN',
      name: 'run-checks',
      body,
    } as const;
    await acts.admit(draft);
    const targetId = ids.length === 0 ? 'all' : ids.join(',').slice(0, CHECK_IDS_MAX_CHARACTERS);
    const row = { auditType: 'CHECK_RUN', targetType: 'HEALTH_CHECK', targetId, action: 'START' } as const;
    await commit([acts.record(draft, { ...row, after: body })]);
  }

  ping(key: string, request: PingRequest): Promise<void> {
    return this.#services.pings.take(key, request);
  }

  /** Who acts, why, and under which request id. */
  protected by(request: ActRequest): ManualAction {
    const { clock, randomness, secrets } = this.#services;
    const requestId = request.requestId ?? uuidv7(clock.now(), randomness.bytes(10));
    return { actor: this.#actor, reason: redact(request.reason, secrets), requestId };
  }

  /** Does an act and finds the audit row that was written in its transaction, or by the first of a repeated request. */
  async #act(request: ActRequest, act: (by: ManualAction) => Promise<object>): Promise<ActResult> {
    const { store } = this.#services;
    const by = this.by(request);
    const seqBefore = await store.lastAuditSeq();
    const done = await act(by);
    const { items } = await store.queryAudit({ requestId: by.requestId, limit: ROWS_SHOWN_MAX });
    const row = items.find(({ outcome }) => outcome === 'OK');
    const auditSeq = row?.seq ?? seqBefore;
    const made = 'silenceId' in done ? { silenceId: String(done.silenceId) } : {};
    return { auditSeq, ...made, repeated: auditSeq <= seqBefore };
  }
}

function testText(channelId: string, { status, attempts, error }: TestOutcome): string {
  const said = error === undefined ? '' : `: ${error}`;
  if (status === 'sent') return `${channelId} took the test notice`;
  if (status === 'dead') return `${channelId} refused the test notice${said}`;
  if (status === 'retry') return `${channelId} failed at attempt ${attempts} and is tried again${said}`;
  return `nothing was heard of the test notice to ${channelId} in time; it stays in the outbox${said}`;
}

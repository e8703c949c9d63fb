import type { AlertView, HealthCheckView, HealthView } from '../../client/watch-views.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Alert } from '../../watch/alerts/alert.ts';
import type { Alerts } from '../../watch/alerts/alerts.ts';
import type { HealthChecks } from '../../watch/health/health-checks.ts';
import { summarizeHealth } from '../../watch/health/readiness-rules.ts';
import type { OpsChange } from '../ops-store.ts';
import { NoticeMoves } from './notice-moves.ts';
import { alertView, byGravity, healthCheckView } from './watch-view-rules.ts';

/** Open alerts that a snapshot holds. */
export const SNAPSHOT_ALERTS_MAX = 200;

/** What becomes of notices is shown at most so often, ms. */
export const NOTICES_EVERY_MS = 250;

/** The part of a snapshot that is about alerts and checks. */
export interface WatchSnapshot {
  readonly alerts: readonly AlertView[];
  readonly alertCount: number;
  readonly health: HealthView;
}

/** What an engine without alerts and checks shows, before it has started. */
export function nothingWatched(atMs: number): WatchSnapshot {
  return { alerts: [], alertCount: 0, health: { atMs, status: 'unknown', isolated: false, checks: [] } };
}

interface WatchBoardOptions {
  readonly alerts: Pick<Alerts<OpsChange>, 'open' | 'find'>;
  readonly health: Pick<HealthChecks, 'list' | 'isolated'>;
  readonly clock: Clock;
  readonly showAlert: (alert: AlertView) => void;
  readonly showCheck: (check: HealthCheckView) => void;
}

/** Shows alerts and checks as they were committed, once for everything that moved in one turn of the loop. */
export class WatchBoard {
  readonly #options: WatchBoardOptions;
  readonly #movedAlerts = new Map<string, Alert>();
  readonly #movedChecks = new Set<string>();
  readonly #notices = new NoticeMoves();
  #closed = false;
  #cancelNotices: (() => void) | undefined;
  #cancelFlush: (() => void) | undefined;

  constructor(options: WatchBoardOptions) {
    this.#options = options;
  }

  /** Takes note of what was committed. */
  committed(changes: readonly OpsChange[]): void {
    const { clock } = this.#options;
    for (const change of changes) this.#note(change);
    if (this.#closed) return;
    if (this.#notices.waits) {
      this.#cancelNotices ??= clock.setTimer(() => this.#flushNotices(), NOTICES_EVERY_MS);
    }
    if (this.#movedAlerts.size === 0 && this.#movedChecks.size === 0) return;
    this.#cancelFlush ??= clock.setTimer(() => this.flush(), 0);
  }

  /** Shows everything that moved. */
  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const { health, showAlert, showCheck } = this.#options;
    for (const alert of this.#movedAlerts.values()) showAlert(this.#view(alert));
    this.#movedAlerts.clear();
    if (this.#movedChecks.size === 0) return;
    for (const view of health.list()) if (this.#movedChecks.has(view.id)) showCheck(healthCheckView(view));
    this.#movedChecks.clear();
  }

  /** Shows the last; what moves afterwards is no longer shown. */
  close(): void {
    this.flush();
    this.#flushNotices();
    this.#closed = true;
  }

  snapshot(): WatchSnapshot {
    const { alerts, health, clock } = this.#options;
    const open = [...alerts.open()].sort(byGravity);
    const views = health.list();
    return {
      alerts: open.slice(0, SNAPSHOT_ALERTS_MAX).map((alert) => this.#view(alert)),
      alertCount: open.length,
      health: {
        atMs: clock.now(),
        status: summarizeHealth(views).status,
        isolated: health.isolated,
        checks: views.map((view) => healthCheckView(view)),
      },
    };
  }

  /** An alert whose notices moved is shown again: who shows them knows by it that they are to be read again. */
  #flushNotices(): void {
    this.#cancelNotices?.();
    this.#cancelNotices = undefined;
    const { alerts, showAlert } = this.#options;
    for (const id of this.#notices.take()) {
      const alert = alerts.find(id);
      if (alert !== undefined) showAlert(this.#view(alert));
    }
  }

  #view(alert: Alert): AlertView {
    return alertView(alert, this.#notices.lastOf(alert.id));
  }

  #note(change: OpsChange): void {
    this.#notices.note(change, this.#options.clock.now());
    if (change.kind === 'alert.insert' || change.kind === 'alert.update') {
      this.#movedAlerts.set(change.alert.id, change.alert);
    }
    if (change.kind === 'health.insert' || change.kind === 'health.update') {
      this.#movedChecks.add(change.state.checkId);
    }
  }
}

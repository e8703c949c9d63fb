import { systemClock } from '../packages/core/src/adapters/clock-system/system-clock.ts';
import { systemRandomness } from '../packages/core/src/adapters/clock-system/system-randomness.ts';
import { openSqliteStore } from '../packages/core/src/adapters/store-sql/sqlite-store.ts';
import type { OpsChange } from '../packages/core/src/engine/ops-store.ts';
import { silentLogger } from '../packages/core/src/index.ts';
import { uuidv7 } from '../packages/core/src/kernel/ids.ts';
import type { RaiseSignal } from '../packages/core/src/watch/alerts/alert.ts';
import { defaultAlertSettings } from '../packages/core/src/watch/alerts/alert-settings.ts';
import { Alerts } from '../packages/core/src/watch/alerts/alerts.ts';
import type { BoundChannel } from '../packages/core/src/watch/alerts/channel-lane.ts';
import { renderNotice } from '../packages/core/src/watch/alerts/render/render-notice.ts';

/** Alerts on a file of their own; nothing is told before `alerts.start()`. */
export interface WatchAlerts extends AsyncDisposable {
  readonly alerts: Alerts<OpsChange>;
  /** Resolves when so many notices in all were taken and nothing waits. */
  told(count: number): Promise<void>;
}

interface WatchAlertsOptions {
  readonly channels: readonly string[];
}

/** Opens the store and the alerts on it, with channels that take everything at once. */
export async function openWatchAlerts(path: string, options: WatchAlertsOptions): Promise<WatchAlerts> {
  let taken = 0;
  const onTaken = () => {
    taken += 1;
  };
  const channels = options.channels.map((id) => loopbackChannel(id, onTaken));
  const store = await openSqliteStore({ path, now: () => Date.now() });
  const settings = defaultAlertSettings(channels);
  // Each notice is sent alone: what is put together would hide what one costs.
  const alone = { ...settings.digest, notices: 1_000_000, criticalNotices: 1_000_000 };
  const alerts = new Alerts<OpsChange>({
    record: {
      commit: (changes) => store.commit(changes),
      readAlerts: (sinceMs) => store.readAlerts(sinceMs),
      readForgettable: (beforeMs, limit) => store.readForgettable(beforeMs, limit),
    },
    clock: systemClock,
    randomness: systemRandomness,
    logger: silentLogger,
    bootId: uuidv7(systemClock.now(), systemRandomness.bytes(10)),
    settings: { ...settings, digest: alone },
    origin: { instance: 'bench', environment: 'LAB', timeZone: 'UTC' },
    channels,
    render: renderNotice,
    redact: (text) => text,
  });
  await alerts.load();
  const waiting = () => alerts.channels().some((report) => report.waiting > 0);
  return {
    alerts,
    told: async (count) => {
      while (taken < count || waiting()) await systemClock.nextTurn();
    },
    [Symbol.asyncDispose]: async () => {
      await alerts.close();
      await store.close();
    },
  };
}

/** A critical alert of a key, as a failing check raises it. */
export function raiseOf(dedupKey: string): RaiseSignal {
  return {
    kind: 'raise',
    dedupKey,
    alertType: 'HEALTH_CHECK',
    level: 'CRITICAL',
    title: `[HEALTH_CHECK] ${dedupKey}`,
    message: `${dedupKey}: no answer within 8,000 ms, allowed up to 500 ms`,
    messageKo: `${dedupKey}: 8,000 ms 안에 응답이 없습니다`,
    labels: { check: dedupKey, kind: 'broker_heartbeat', desk: 'bench' },
    errorCode: 'EXT-0601',
    atMs: systemClock.now(),
  };
}

function loopbackChannel(id: string, onTaken: () => void): BoundChannel {
  return {
    id,
    kind: 'loopback',
    capabilities: {
      formats: ['text'],
      titleMax: 150,
      bodyMax: 4000,
      threads: false,
      idempotent: false,
      rate: { perSecond: 100_000, burst: 100_000 },
    },
    instance: {
      send: async () => {
        onTaken();
        return { status: 'sent' };
      },
    },
  };
}

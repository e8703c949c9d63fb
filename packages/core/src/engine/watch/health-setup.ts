import type { CommitResult } from '../../kernel/change.ts';
import { redact, type Secret } from '../../kernel/secret.ts';
import type { PluginContext } from '../../ports/alert-channel.ts';
import type { Alerts } from '../../watch/alerts/alerts.ts';
import { isInWindow } from '../../watch/alerts/maintenance-window-rules.ts';
import { matchesAll } from '../../watch/alerts/match-rules.ts';
import type { InMaintenance } from '../../watch/health/health-book.ts';
import { HealthChecks } from '../../watch/health/health-checks.ts';
import { pluginCheck, type RegisteredCheck } from '../../watch/health/registered-check.ts';
import { selfChecks } from '../../watch/health/self-checks.ts';
import type { SelfReaders } from '../../watch/health/self-readers.ts';
import type { OpsConfig } from '../config/ops-config.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { OpsChange, OpsStore } from '../ops-store.ts';
import type { PingDoorKeeper } from './ping-door-keeper.ts';

/** What the machine under an engine says; see `SelfReaders`. */
export type MachineReaders = Pick<SelfReaders, 'eventLoop' | 'disks' | 'memory' | 'clock'> & {
  readonly close: () => void;
};

/** What the health of an engine is put together from. */
export interface HealthParts
  extends Pick<
    EngineParts,
    'config' | 'clock' | 'randomness' | 'logger' | 'networkIsolation' | 'backupReadings'
  > {
  readonly store: OpsStore;
  readonly commit: (changes: readonly OpsChange[]) => Promise<CommitResult>;
  readonly secrets: readonly Secret[];
  readonly contextOf: (owner: string) => PluginContext;
  readonly alerts: Pick<Alerts<OpsChange>, 'channels'>;
  /** Grows at least once a second while the scheduler's loop goes on. */
  readonly schedulerWakes: () => number;
  /** Absent where no pings of other hosts are taken. */
  readonly pingDoor?: Pick<PingDoorKeeper, 'look'> | undefined;
  /** Absent: the engine does not look at itself. */
  readonly machine?: MachineReaders | undefined;
}

/** The health checks of an engine, not yet begun: those of the config, and those of the engine itself. */
export function setUpHealth(parts: HealthParts): HealthChecks {
  const { config, clock, randomness, logger, store, commit, secrets, contextOf } = parts;
  const configured = config.watch.checks.map((check) => pluginCheck(check, contextOf(check.id)));
  return new HealthChecks({
    checks: [...configured, ...ownChecks(parts)],
    store,
    commit,
    clock,
    randomness,
    logger,
    clean: (text) => redact(text, secrets),
    inMaintenance: maintenanceOf(config),
    isolation: config.watch.isolation,
    onIsolation: (isolated) => parts.networkIsolation.set(isolated),
  });
}

/** One that the config names under the same id stands instead of the engine's own. */
function ownChecks(parts: HealthParts): readonly RegisteredCheck[] {
  const { machine, schedulerWakes, alerts, clock, backupReadings, config, pingDoor } = parts;
  if (machine === undefined) return [];
  const taken = new Set(config.watch.checks.map(({ id }) => id));
  const { close: _, ...readers } = machine;
  const all: SelfReaders = {
    ...readers,
    schedulerWakes,
    writeCanary: () => writeCanary(parts),
    outbox: () => outboxReading(alerts, clock.now()),
    channels: () => channelReadings(alerts),
    backups: backupReadings,
    pingDoor: pingDoor && (() => pingDoor.look()),
  };
  const checks = selfChecks(all, config.watch.selfChecks);
  return checks.filter(({ id }) => !taken.has(id));
}

/** How long it takes to write something of our own, ms. */
export async function writeCanary({ commit, clock }: Pick<HealthParts, 'commit' | 'clock'>): Promise<number> {
  const begun = clock.mono();
  await commit([{ kind: 'health.canary', atMs: clock.now() }]);
  return clock.mono() - begun;
}

/** What waits to be sent, and since when the oldest of what is due has waited. */
export function outboxReading(alerts: Pick<Alerts<OpsChange>, 'channels'>, nowMs: number) {
  const reports = alerts.channels();
  const due = reports.flatMap(({ dueSinceMs }) => (dueSinceMs === undefined ? [] : [dueSinceMs]));
  const pending = reports.reduce((sum, { waiting }) => sum + waiting, 0);
  return due.length === 0 ? { pending } : { pending, oldestMs: Math.max(0, nowMs - Math.min(...due)) };
}

function channelReadings(alerts: Pick<Alerts<OpsChange>, 'channels'>) {
  return alerts.channels().map(({ channelId, failures, waiting, lastSentAtMs, lastError }) => ({
    id: channelId,
    failuresInRow: failures,
    pending: waiting,
    ...(lastSentAtMs === undefined ? {} : { lastSuccessAtMs: lastSentAtMs }),
    ...(lastError === undefined ? {} : { lastError }),
  }));
}

/** A window is open for a check when it would be for the check's alert; the alert's level is not known beforehand. */
function maintenanceOf({ watch }: OpsConfig): InMaintenance {
  const { windows } = watch.alerts;
  return ({ id, target, labels }, atMs) => {
    const known = {
      ...labels,
      ...(target === undefined ? {} : { target }),
      check: id,
      alertType: 'HEALTH_CHECK',
      dedupKey: `check:${id}`,
    };
    return windows.some((window) => isInWindow(window, atMs) && matchesAll(window.matchers, known, true));
  };
}

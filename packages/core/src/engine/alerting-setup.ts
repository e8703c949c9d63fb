import { redact, type Secret } from '../kernel/secret.ts';
import type { AlertChannel, PluginContext } from '../ports/alert-channel.ts';
import type { AlertSignal } from '../watch/alerts/alert.ts';
import { Alerts } from '../watch/alerts/alerts.ts';
import type { BoundChannel } from '../watch/alerts/channel-lane.ts';
import { channelKey } from '../watch/alerts/delivery-rules.ts';
import { renderNotice } from '../watch/alerts/render/render-notice.ts';
import { bindChannels, logChannel } from './alerting-channels.ts';
import type { OpsConfig } from './config/ops-config.ts';
import type { EngineParts } from './engine-parts.ts';
import type { OpsChange, OpsStore } from './ops-store.ts';
import { warningSignals } from './reactions.ts';

/** What the alerts of an engine are put together from. */
export interface AlertingParts
  extends Pick<
    EngineParts,
    'config' | 'clock' | 'randomness' | 'logger' | 'bootId' | 'alertChannel' | 'channels' | 'networkIsolation'
  > {
  readonly store: OpsStore;
  /** Writes and tells; knows nothing of alerts. */
  readonly commit: OpsStore['commit'];
  readonly secrets: readonly Secret[];
  readonly contextOf: (owner: string) => PluginContext;
}

/** The alerts of an engine, not yet loaded, and the channels that must be closed at its end. */
export function setUpAlerts(parts: AlertingParts): {
  readonly alerts: Alerts<OpsChange>;
  readonly channels: readonly BoundChannel[];
} {
  const { config, clock, randomness, logger, bootId, store, commit, secrets } = parts;
  const channels = channelsOf(parts, parts.alertChannel);
  const { instance, environment, timeZone } = config;
  const alerts = new Alerts<OpsChange>({
    record: {
      commit,
      readAlerts: (sinceMs) => store.readAlerts(sinceMs),
      readForgettable: (beforeMs, limit) => store.readForgettable(beforeMs, limit),
    },
    clock,
    randomness,
    logger,
    bootId,
    settings: config.watch.alerts,
    origin: { instance, environment, timeZone },
    channels,
    render: renderNotice,
    redact: (text) => redact(text, secrets),
    isolation: parts.networkIsolation,
  });
  return { alerts, channels };
}

/** What an engine says at its start: what the config warns of, and the end of what it no longer names. */
export function startSignals(
  alerts: Pick<Alerts<OpsChange>, 'open' | 'channels'>,
  config: OpsConfig,
  atMs: number,
): readonly AlertSignal[] {
  const warnings = warningSignals(config.warnings, atMs);
  const warned = new Set(warnings.map(({ dedupKey }) => dedupKey));
  const targets = new Set(config.targets.map(({ id }) => id));
  const channels = new Set(alerts.channels().map(({ channelId }) => channelKey(channelId)));
  const gone = alerts.open().filter(({ dedupKey, alertType, labels }) => {
    if (dedupKey.startsWith('config:')) return !warned.has(dedupKey);
    if (alertType === 'CHANNEL_FAILED') return !channels.has(dedupKey);
    const ofTarget = ['TARGET_SUSPENDED', 'BATCH_FAILED', 'BACKUP_FAILED'].includes(alertType);
    return ofTarget && labels['target'] !== undefined && !targets.has(labels['target']);
  });
  const ends = gone.map(({ dedupKey }) => ({
    kind: 'resolve' as const,
    dedupKey,
    message: 'the config no longer names it',
    atMs,
  }));
  return [...ends, ...warnings];
}

function channelsOf(parts: AlertingParts, log: AlertChannel): readonly BoundChannel[] {
  const configured = bindChannels(parts.config.watch.channels, parts.contextOf);
  return [logChannel(log), ...configured, ...(parts.channels ?? [])];
}

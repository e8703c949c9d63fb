import type { AlertLevel } from '../../ports/alert-channel.ts';
import type { AlertMatcher, AlertType, EscalationStep } from './alert.ts';
import type { WeeklyHours } from './weekly-hours.ts';

/** Whom to tell about what, and how it is bundled. */
export interface AlertRoute {
  /** Shown where somebody asks why a channel was or was not told. */
  readonly id: string;
  readonly minLevel?: AlertLevel | undefined;
  readonly alertTypes?: readonly AlertType[] | undefined;
  readonly matchers?: readonly AlertMatcher[] | undefined;
  readonly channels: readonly string[];
  /** True: later routes are asked as well. The first that fits and does not continue ends the search. */
  readonly continue?: boolean | undefined;
  /** Outside of these hours notices wait for their next beginning. */
  readonly activeHours?: WeeklyHours | undefined;
  /** True: critical notices wait for the hours, too. By default they never do. */
  readonly criticalWaits?: boolean | undefined;
  /** Labels whose values make a group; alerts that lack one of them stay alone. Default: no groups. */
  readonly groupBy?: readonly string[] | undefined;
  /** How long the first notice of a group waits for company; critical ones never do. Default 30 s. */
  readonly groupWaitMs?: number | undefined;
  /** Least time between two notices of a group. Default 5 min. */
  readonly groupIntervalMs?: number | undefined;
  /** How often an alert that nobody took is told again. Default 4 h, critical 30 min. */
  readonly remindEveryMs?: number | undefined;
  /** Policy that is followed while nobody takes the alert. */
  readonly escalation?: string | undefined;
}

/** Ordered steps that are taken while nobody takes the alert. */
export interface EscalationPolicy {
  readonly steps: readonly EscalationStep[];
  /** How often the steps are run again after the last one, 0 … 9. Default 0. */
  readonly repeat?: number | undefined;
}

/** While an alert that `source` fits is open, alerts that `target` fits and that share the `equal` labels stay untold. */
export interface InhibitionRule {
  readonly id: string;
  readonly source: readonly AlertMatcher[];
  readonly target: readonly AlertMatcher[];
  readonly equal?: readonly string[] | undefined;
  /** False: what no open alert explains yet is told at once, instead of being held until it might. Default true. */
  readonly holds?: boolean | undefined;
}

/** A planned time in which nobody is told: recurring hours or one stretch. */
export interface MaintenanceWindow {
  readonly id: string;
  /** None: every alert. */
  readonly matchers: readonly AlertMatcher[];
  readonly hours?: WeeklyHours | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** From how many notices to one channel on they are put together, and for how long. */
export interface DigestLimits {
  /** So many notices below CRITICAL in `perMs` are sent one by one. Default 20. */
  readonly notices: number;
  /** The same for critical ones, which have a count of their own. Default 10. */
  readonly criticalNotices: number;
  readonly perMs: number;
  /** A digest waits so long for more. Default 60 s, critical 15 s. */
  readonly waitMs: number;
  readonly criticalWaitMs: number;
}

/** Everything the user may say about alerts, with its defaults filled in. */
export interface AlertSettings {
  /** The last one must fit every alert. */
  readonly routes: readonly AlertRoute[];
  readonly escalations: Readonly<Record<string, EscalationPolicy>>;
  readonly inhibitions: readonly InhibitionRule[];
  readonly windows: readonly MaintenanceWindow[];
  readonly digest: DigestLimits;
  readonly language: 'en' | 'ko';
  /** Types that are recorded and told to nobody, not even the log. Default none. */
  readonly untold?: readonly AlertType[] | undefined;
  /** How long what is over is kept, ms; default 180 days. */
  readonly keepHistoryMs?: number | undefined;
}

/** Alerts that are over, their notices and attempts are kept so long, ms. */
export const DEFAULT_HISTORY_MS = 180 * 86_400_000;

/** The channel that is always there: the log. */
export const LOG_CHANNEL = 'log';

/** Nothing is put together below these. */
export const DEFAULT_DIGEST: DigestLimits = {
  notices: 20,
  criticalNotices: 10,
  perMs: 600_000,
  waitMs: 60_000,
  criticalWaitMs: 15_000,
};

/**
 * What explains what when the config does not say: a target that is suspended has failed runs, and one alert about it is
 * enough to wake somebody. The failure before the suspension is told without any wait.
 */
export const DEFAULT_INHIBITIONS: readonly InhibitionRule[] = [
  {
    id: 'suspended-target',
    source: [{ label: 'alertType', value: 'TARGET_SUSPENDED' }],
    target: [{ label: 'alertType', value: 'BATCH_FAILED' }],
    equal: ['target'],
    holds: false,
  },
];

/** A channel as the default routes know it. */
export interface RoutedChannel {
  readonly id: string;
  /** Name of its definition: `email`, `slack`, `webhook`, … */
  readonly kind: string;
}

/** Settings of an engine whose config says nothing about alerts. */
export function defaultAlertSettings(channels: readonly RoutedChannel[]): AlertSettings {
  return {
    routes: defaultRoutes(channels),
    escalations: {},
    inhibitions: DEFAULT_INHIBITIONS,
    windows: [],
    digest: DEFAULT_DIGEST,
    language: 'en',
  };
}

/** Mail and kinds we do not know get everything, Slack from ERROR on, webhooks what is critical. */
export function defaultRoutes(channels: readonly RoutedChannel[]): readonly AlertRoute[] {
  const of = (...kinds: readonly string[]) =>
    channels.filter(({ kind }) => kinds.includes(kind)).map(({ id }) => id);
  const rest = channels.filter(({ kind }) => kind !== 'slack' && kind !== 'webhook').map(({ id }) => id);
  const routes: AlertRoute[] = [];
  const [slack, webhook] = [of('slack'), of('webhook')];
  if (webhook.length > 0) {
    routes.push({ id: 'default-webhook', minLevel: 'CRITICAL', channels: webhook, continue: true });
  }
  if (slack.length > 0)
    routes.push({ id: 'default-slack', minLevel: 'ERROR', channels: slack, continue: true });
  return [...routes, { id: 'default', channels: rest.length > 0 ? rest : [LOG_CHANNEL] }];
}

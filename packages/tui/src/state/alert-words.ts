import { ALERT_LEVELS, type AlertLevel, type AlertView } from '@qts-ops/core/client';
import { isFresh } from './link.ts';
import type { Reading } from './target-words.ts';
import type { World } from './world.ts';

/** State of an alert in one word, most urgent first. */
export const ALERT_WORDS = ['FIRING', 'HELD', 'ACKED', 'QUIET', 'ENDED', 'EVENT', 'STALE'] as const;
/** One of the state words. */
export type AlertWord = (typeof ALERT_WORDS)[number];

/** Levels as rows show them. */
export const LEVEL_WORDS: Readonly<Record<AlertLevel, string>> = {
  CRITICAL: 'CRIT',
  ERROR: 'ERROR',
  WARN: 'WARN',
  INFO: 'INFO',
};

/** The word an alert shows. Without a link nobody knows whether an open one has ended. */
export function alertWord(alert: AlertView, reading: Reading): AlertWord {
  if (alert.event) return 'EVENT';
  if (alert.state === 'resolved') return 'ENDED';
  return isFresh(reading.link) ? openWord(alert) : 'STALE';
}

/** The word an open alert has, or had when it was last heard of. */
export function openWord(alert: AlertView): AlertWord {
  if (alert.acknowledgedBy !== undefined) return 'ACKED';
  if (alert.suppressedBy !== undefined) return 'QUIET';
  return alert.state === 'pending' ? 'HELD' : 'FIRING';
}

/** True for an open alert that nobody has taken and nothing keeps quiet. */
export function isUnanswered(alert: AlertView): boolean {
  return alert.state !== 'resolved' && alert.acknowledgedBy === undefined && alert.suppressedBy === undefined;
}

/** Open alerts in the order of the list. */
export function openAlerts({ alerts }: World): readonly AlertView[] {
  return alerts.filter(({ state }) => state !== 'resolved');
}

/** What the open alerts come to: how many, how many of each level nobody has answered. */
export interface AlertCounts {
  readonly open: number;
  readonly unanswered: number;
  readonly byLevel: Readonly<Record<AlertLevel, number>>;
  /** The gravest level that nobody has answered. */
  readonly worst?: AlertLevel;
}

/** Counts the open alerts. */
export function countAlerts(world: World): AlertCounts {
  const open = openAlerts(world);
  const byLevel: Record<AlertLevel, number> = { INFO: 0, WARN: 0, ERROR: 0, CRITICAL: 0 };
  for (const alert of open) if (isUnanswered(alert)) byLevel[alert.level] += 1;
  const worst = ALERT_LEVELS.findLast((level) => byLevel[level] > 0);
  return {
    open: open.length + world.alertsUnseen,
    unanswered: open.filter(isUnanswered).length,
    byLevel,
    ...(worst === undefined ? {} : { worst }),
  };
}

/** The newest critical alerts that nobody has answered; the banner is about them. */
export function criticalAlerts(world: World): readonly AlertView[] {
  return openAlerts(world).filter((alert) => alert.level === 'CRITICAL' && isUnanswered(alert));
}

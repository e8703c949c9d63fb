import { ALERT_LEVELS, type AlertView } from '@qts-ops/core/client';

/** So many ended alerts are kept for the list; older ones are in the history of the engine. */
export const ENDED_ALERTS_KEPT = 200;

/** Merges two lists of alerts: the newer list wins for the same id; in the order of the list. */
export function mergeAlerts(older: readonly AlertView[], newer: readonly AlertView[]): readonly AlertView[] {
  const byId = new Map<string, AlertView>();
  for (const alert of older) byId.set(alert.id, alert);
  for (const alert of newer) byId.set(alert.id, alert);
  const sorted = [...byId.values()].sort(mostUrgentFirst);
  const open = sorted.findIndex(({ state }) => state === 'resolved');
  return open < 0 ? sorted : sorted.slice(0, open + ENDED_ALERTS_KEPT);
}

/** Open before ended, told before silent, unanswered before taken; then the graver, then the newer. */
export function mostUrgentFirst(a: AlertView, b: AlertView): number {
  return (
    urgencyOf(a) - urgencyOf(b) ||
    (a.state === 'resolved' ? 0 : ALERT_LEVELS.indexOf(b.level) - ALERT_LEVELS.indexOf(a.level)) ||
    newestOf(b) - newestOf(a) ||
    (a.id < b.id ? 1 : -1)
  );
}

function urgencyOf({ state, suppressedBy, acknowledgedBy }: AlertView): number {
  if (state === 'resolved') return 3;
  if (acknowledgedBy !== undefined) return 1;
  return suppressedBy === undefined ? 0 : 2;
}

function newestOf(alert: AlertView): number {
  return alert.resolvedAtMs ?? alert.startedAtMs;
}

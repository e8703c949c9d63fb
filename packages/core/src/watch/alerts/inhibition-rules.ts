import { type Alert, isOpen, labelsOf } from './alert.ts';
import type { InhibitionRule } from './alert-settings.ts';
import { matchesAll } from './match-rules.ts';

/** An alert that something may explain is held so long, so that the cause can be seen first. */
export const INHIBIT_WAIT_MS = 10_000;
/** After its cause is over an alert gets so long to end as well before it is told. */
export const INHIBIT_RELEASE_MS = 60_000;

/** Which open alerts there are, for a rule that looks for a cause. */
export interface OpenAlerts {
  findOpen(dedupKey: string): Alert | undefined;
  openAlerts(): Iterable<Alert>;
}

/** True when a parent or a rule could explain the alert: then it is worth holding it for a moment. */
export function couldBeExplained(alert: Alert, rules: readonly InhibitionRule[]): boolean {
  if (alert.parents.length > 0) return true;
  const labels = labelsOf(alert);
  return rules.some((rule) => rule.holds !== false && matchesAll(rule.target, labels));
}

/** The open alert that explains this one: only its opening stays untold, never its end. */
export function explanationOf(
  alert: Alert,
  open: OpenAlerts,
  rules: readonly InhibitionRule[],
): { readonly by: 'parent' | 'inhibition'; readonly name: string } | undefined {
  for (const key of alert.parents) {
    const parent = open.findOpen(key);
    if (parent !== undefined && parent.id !== alert.id && isCause(parent)) return { by: 'parent', name: key };
  }
  const labels = labelsOf(alert);
  const fitting = rules.filter((rule) => matchesAll(rule.target, labels));
  if (fitting.length === 0) return undefined;
  for (const source of open.openAlerts()) {
    if (source.id === alert.id || !isCause(source)) continue;
    if (fitting.some((rule) => isSource(rule, source, labels))) {
      return { by: 'inhibition', name: source.dedupKey };
    }
  }
  return undefined;
}

/** What is itself explained by something explains nothing: two alerts could otherwise hide each other for ever. */
function isCause(alert: Alert): boolean {
  const by = alert.suppression?.by;
  return isOpen(alert) && by !== 'parent' && by !== 'inhibition';
}

function isSource(rule: InhibitionRule, source: Alert, target: Readonly<Record<string, string>>): boolean {
  const labels = labelsOf(source);
  return (
    matchesAll(rule.source, labels) &&
    (rule.equal ?? []).every((label) => labels[label] !== undefined && labels[label] === target[label])
  );
}

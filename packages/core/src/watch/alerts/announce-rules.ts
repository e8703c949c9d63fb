import type { NoticeReason } from '../../ports/alert-channel.ts';
import { type Alert, graver } from './alert.ts';
import type { AlertDraft } from './alert-draft.ts';
import { type AlertRoute, type AlertSettings, LOG_CHANNEL } from './alert-settings.ts';
import { bundleFor } from './group-rules.ts';
import { isUnheard, isUntouched, type OutboxRow } from './outbox.ts';
import { type RoutedTo, routesOf, routeTo } from './route-rules.ts';

/** What decisions need besides the draft. */
export interface AlertRules {
  readonly settings: AlertSettings;
  /** A new UUIDv7. */
  readonly newId: () => string;
}

/** What is to be told. */
export interface Announcement {
  readonly reason: NoticeReason;
  /** Absent: those the routes name, or for an end those that were told. */
  readonly channels?: readonly string[];
  /** True when it should have been told much earlier. */
  readonly late?: boolean;
}

/** One row to be made, or to be joined to another one. */
export interface RowPlan {
  readonly channelId: string;
  readonly route: AlertRoute;
  readonly reason: NoticeReason;
  readonly late: boolean;
  readonly tellsFirst: boolean;
  readonly maybeRepeat: boolean;
  /** A row of the same alert that must be finished first. */
  readonly afterId?: string;
  readonly rules: AlertRules;
}

/** Makes the outbox rows of an announcement; gives the alert with what it now knows about its channels. */
export function announce(
  draft: AlertDraft,
  alert: Alert,
  told: Announcement & { readonly rules: AlertRules },
): Alert {
  const notified: Record<string, string> = { ...alert.notified };
  let changed = false;
  for (const { channelId, route } of targetsOf(alert, told)) {
    const rowId = place(draft, alert, { ...told, channelId, route });
    if (rowId === undefined || notified[channelId] === rowId) continue;
    notified[channelId] = rowId;
    changed = true;
  }
  return changed ? draft.putAlert({ ...alert, notified }, 'told') : alert;
}

function targetsOf(alert: Alert, told: Announcement & { readonly rules: AlertRules }): readonly RoutedTo[] {
  const { settings } = told.rules;
  const named = told.channels ?? (told.reason === 'resolved' ? Object.keys(alert.notified) : undefined);
  if (named === undefined) return routesOf(alert, settings);
  return named
    .filter((channelId) => channelId !== alert.avoidChannel)
    .map((channelId) => ({ channelId, route: routeTo(alert, channelId, settings) }));
}

/** Somebody has the alert: what would remind of it or call somebody else, and has not left yet, is taken back. */
export function takeBackCalls(draft: AlertDraft, alert: Alert): Alert {
  const unknown = new Set<string>();
  for (const [channelId, rowId] of Object.entries(alert.notified)) {
    const row = channelId === LOG_CHANNEL ? undefined : draft.findRow(rowId);
    if (row === undefined || row.status === 'sending' || row.alertCount > 1) continue;
    if (row.reason !== 'reminder' && row.reason !== 'escalation') continue;
    const superseded = draft.putRow({ ...row, status: 'superseded', endedAtMs: draft.nowMs });
    // Who never heard of the alert needs not hear of its end.
    if (isUnheard({ ...superseded, status: 'dead' })) unknown.add(channelId);
  }
  const known = Object.entries(alert.notified).filter(([channelId]) => !unknown.has(channelId));
  return { ...alert, notified: Object.fromEntries(known) };
}

type Placing = Announcement & RoutedTo & { readonly rules: AlertRules };

/** The row by which a channel hears of it: a new one, or one that is still on its way and can say it as well. */
function place(draft: AlertDraft, alert: Alert, placing: Placing): string | undefined {
  const { channelId, reason, route, rules, late = false } = placing;
  const lastId = alert.notified[channelId];
  const knows = lastId !== undefined && !draft.isDead(lastId);
  if (reason === 'resolved' && !knows) return undefined;
  const last = lastId === undefined ? undefined : draft.findRow(lastId);
  const plan = { channelId, route, reason, late, tellsFirst: !knows, maybeRepeat: false, rules };
  if (last === undefined) return addRow(draft, alert, plan);
  if (channelId === LOG_CHANNEL) return addRow(draft, alert, { ...plan, afterId: last.id });
  if (reason === 'reminder' || reason === 'escalation') return last.id;
  if (isUntouched(last) && last.alertCount > 1) return amend(draft, alert, { row: last, reason });
  if (last.status === 'sending' || last.alertCount > 1) {
    return addRow(draft, alert, { ...plan, afterId: last.id });
  }
  return replace(draft, alert, { last, plan });
}

/** A bundle that was not sent yet is worded when it is: it only has to be grave enough. */
function amend(
  draft: AlertDraft,
  alert: Alert,
  { row, reason }: { readonly row: OutboxRow; readonly reason: NoticeReason },
): string {
  const level = graver(row.level, alert.level);
  if (level === row.level || reason === 'resolved') return row.id;
  const nextAtMs = level === 'CRITICAL' ? Math.min(row.nextAtMs, draft.nowMs) : row.nextAtMs;
  return draft.putRow({ ...row, level, nextAtMs }).id;
}

/** The only row of one alert did not arrive yet: the new one says everything it would have said. */
function replace(
  draft: AlertDraft,
  alert: Alert,
  { last, plan }: { readonly last: OutboxRow; readonly plan: RowPlan },
): string {
  draft.putRow({ ...last, status: 'superseded', endedAtMs: draft.nowMs });
  const { tellsFirst, maybeRepeat } = last;
  // The end was not told yet and is taken back: who heard of the beginning needs to hear nothing.
  const takenBack = last.reason === 'resolved' && plan.reason !== 'resolved';
  if (takenBack && !tellsFirst && !maybeRepeat) return last.id;
  const reason = tellsFirst && plan.reason === 'severity-up' ? 'first' : plan.reason;
  return addRow(draft, alert, { ...plan, reason, tellsFirst, maybeRepeat });
}

function addRow(draft: AlertDraft, alert: Alert, plan: RowPlan): string {
  const bundle = bundleFor(draft, alert, plan);
  const after = plan.afterId === undefined ? [] : [plan.afterId];
  const level = plan.reason === 'resolved' ? alert.peakLevel : alert.level;
  const { joins } = bundle;
  if (joins !== undefined) {
    draft.joinRow(joins, alert.id);
    return draft.putRow({
      ...joins,
      level: graver(joins.level, level),
      nextAtMs: Math.min(joins.nextAtMs, bundle.nextAtMs),
      alertCount: joins.alertCount + 1,
      afterIds: [...new Set([...joins.afterIds, ...after])],
      // If it is given up, whoever knew one of its alerts is still to hear of the end.
      tellsFirst: joins.tellsFirst && plan.tellsFirst,
      maybeRepeat: joins.maybeRepeat || plan.maybeRepeat,
      late: joins.late || plan.late,
    }).id;
  }
  const row: Omit<OutboxRow, 'seq' | 'revision'> = {
    id: plan.rules.newId(),
    channelId: plan.channelId,
    groupKey: bundle.groupKey,
    reason: bundle.reason,
    level,
    status: 'pending',
    createdAtMs: draft.nowMs,
    nextAtMs: bundle.nextAtMs,
    afterIds: after,
    alertCount: 1,
    firstAlertId: alert.id,
    tellsFirst: plan.tellsFirst,
    maybeRepeat: plan.maybeRepeat,
    late: plan.late,
    plain: false,
    attempts: 0,
  };
  return draft.addRow(row, [alert.id]).id;
}

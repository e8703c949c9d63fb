import type { NoticeReason } from '../../ports/alert-channel.ts';
import { type Alert, labelsOf } from './alert.ts';
import { bundleOf } from './alert-book.ts';
import type { AlertDraft } from './alert-draft.ts';
import { type AlertRoute, type DigestLimits, LOG_CHANNEL } from './alert-settings.ts';
import type { RowPlan } from './announce-rules.ts';
import type { OutboxRow } from './outbox.ts';
import { openFromMs } from './route-rules.ts';

const GROUP_WAIT_MS = 30_000;
const GROUP_INTERVAL_MS = 300_000;
/** News of a critical member of a group waits at most so long for the interval to pass. */
const CRITICAL_INTERVAL_MAX_MS = 60_000;

/** With what a notice is put together, and until when it waits for company. */
export interface Bundle {
  readonly groupKey: string;
  readonly reason: NoticeReason;
  readonly nextAtMs: number;
  /** The row that takes the alert in; absent when it gets one of its own. */
  readonly joins?: OutboxRow;
}

/** Where a planned row belongs: alone, in its group, in a digest, or in what waits for the hours of its route. */
export function bundleFor(draft: AlertDraft, alert: Alert, plan: RowPlan): Bundle {
  const { digest } = plan.rules.settings;
  const alone: Bundle = { groupKey: alert.dedupKey, reason: plan.reason, nextAtMs: draft.nowMs };
  if (plan.channelId === LOG_CHANNEL || plan.reason === 'test') return alone;
  const grouped = groupOf(draft, alert, plan) ?? alone;
  const gathered = isCrowded(draft, alert, { plan, digest })
    ? digestOf(draft, alert, { plan, digest })
    : grouped;
  const opensMs = openFromMs(plan.route, alert.level, gathered.nextAtMs);
  const placed: Bundle =
    opensMs > gathered.nextAtMs
      ? { groupKey: hoursKeyOf(plan.route), reason: 'digest', nextAtMs: opensMs }
      : gathered;
  const joins = draft.findBundle(bundleOf({ channelId: plan.channelId, ...placed }));
  // Two rows of one alert are never put together by their key: the later one replaced the earlier one.
  return joins === undefined || placed.groupKey === alert.dedupKey ? placed : { ...placed, joins };
}

/** What waits for the hours of one route is told together. */
export function hoursKeyOf({ id }: AlertRoute): string {
  return `hours:${id}`;
}

/** The values of the route's group labels; absent when the alert lacks one of them. */
export function groupKeyOf(alert: Alert, route: AlertRoute): string | undefined {
  const { groupBy, id } = route;
  if (groupBy === undefined || groupBy.length === 0) return undefined;
  const labels = labelsOf(alert);
  const values = groupBy.map((label) => labels[label]);
  return values.includes(undefined) ? undefined : `group:${id}:${JSON.stringify(values)}`;
}

function groupOf(draft: AlertDraft, alert: Alert, plan: RowPlan): Bundle | undefined {
  const groupKey = groupKeyOf(alert, plan.route);
  if (groupKey === undefined) return undefined;
  const { groupWaitMs = GROUP_WAIT_MS, groupIntervalMs = GROUP_INTERVAL_MS } = plan.route;
  const { nowMs } = draft;
  if (plan.reason === 'resolved') return { groupKey, reason: 'resolved', nextAtMs: nowMs + groupWaitMs };
  const critical = alert.level === 'CRITICAL';
  const intervalMs = critical ? Math.min(groupIntervalMs, CRITICAL_INTERVAL_MAX_MS) : groupIntervalMs;
  const lastMs = draft.notices.lastOfGroup({ channelId: plan.channelId, groupKey }, nowMs);
  const waited = nowMs + (critical ? 0 : groupWaitMs);
  if (lastMs === undefined || lastMs + intervalMs <= nowMs) {
    return { groupKey, reason: plan.reason, nextAtMs: waited };
  }
  const reason = plan.reason === 'first' ? 'new-in-group' : plan.reason;
  return { groupKey, reason, nextAtMs: Math.max(waited, lastMs + intervalMs) };
}

interface DigestPlan {
  readonly plan: RowPlan;
  readonly digest: DigestLimits;
}

function isCrowded(draft: AlertDraft, alert: Alert, { plan, digest }: DigestPlan): boolean {
  if (plan.reason === 'escalation') return false;
  const critical = levelOf(alert, plan) === 'CRITICAL';
  const { channelId } = plan;
  const stored = draft.notices.countSince(channelId, critical, draft.nowMs - digest.perMs);
  const most = critical ? digest.criticalNotices : digest.notices;
  return stored + draft.madeFor(channelId, critical) >= most;
}

function digestOf(draft: AlertDraft, alert: Alert, { plan, digest }: DigestPlan): Bundle {
  const critical = levelOf(alert, plan) === 'CRITICAL';
  const groupKey = critical ? 'digest:critical' : 'digest:other';
  const waitMs = critical ? digest.criticalWaitMs : digest.waitMs;
  const lastMs = draft.notices.lastOfGroup({ channelId: plan.channelId, groupKey }, draft.nowMs);
  const intervalMs = critical ? CRITICAL_INTERVAL_MAX_MS : GROUP_INTERVAL_MS;
  const soonest = lastMs === undefined ? 0 : lastMs + intervalMs;
  return { groupKey, reason: 'digest', nextAtMs: Math.max(draft.nowMs + waitMs, soonest) };
}

/** The end of what was critical is as urgent as its beginning. */
function levelOf(alert: Alert, plan: RowPlan): Alert['level'] {
  return plan.reason === 'resolved' ? alert.peakLevel : alert.level;
}

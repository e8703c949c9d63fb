import type { Acknowledgement, Alert, AlertTimers } from './alert.ts';
import type { AlertBook } from './alert-book.ts';
import type { AlertDraft } from './alert-draft.ts';
import type { AlertRoute } from './alert-settings.ts';
import { hoursKeyOf } from './group-rules.ts';
import { isUntouched, type OutboxRow } from './outbox.ts';
import { openFromMs } from './route-rules.ts';

/** The clock was set back. */
export interface ClockShift {
  /** Below 0, ms. */
  readonly byMs: number;
  readonly routes: readonly AlertRoute[];
}

/**
 * Moves everything that is due by a step of the wall clock, so that nothing waits for an hour that comes twice. What waits
 * for the hours of a route waits for their next beginning as the clock shows it now.
 */
export function shiftTimes(draft: AlertDraft, book: AlertBook, shift: ClockShift): void {
  const { byMs } = shift;
  for (const channelId of book.liveChannels()) {
    for (const row of [...book.liveRows(channelId)]) {
      if (row.status === 'sending' || row.nextAtMs <= draft.nowMs) continue;
      draft.putRow({ ...row, nextAtMs: dueAfter(row, shift, draft.nowMs) });
    }
  }
  for (const alert of [...book.openAlerts()]) {
    const shifted = shiftAlert(draft.findAlert(alert.id) ?? alert, byMs);
    if (JSON.stringify(shifted) !== JSON.stringify(alert)) draft.putAlert(shifted, 'repeated');
  }
}

function dueAfter(row: OutboxRow, { byMs, routes }: ClockShift, nowMs: number): number {
  const route = isUntouched(row) ? routes.find((known) => hoursKeyOf(known) === row.groupKey) : undefined;
  if (route !== undefined) return openFromMs(route, row.level, nowMs);
  return Math.max(nowMs, row.nextAtMs + byMs);
}

function shiftAlert(alert: Alert, byMs: number): Alert {
  const { acknowledgement, flap, escalation } = alert;
  return {
    ...alert,
    timers: shiftTimers(alert.timers, byMs),
    ...(acknowledgement === undefined ? {} : { acknowledgement: shiftAck(acknowledgement, byMs) }),
    ...(flap === undefined ? {} : { flap: { ...flap, changedAtMs: flap.changedAtMs + byMs } }),
    ...(escalation?.nextAtMs === undefined
      ? {}
      : { escalation: { ...escalation, nextAtMs: escalation.nextAtMs + byMs } }),
  };
}

function shiftTimers(timers: AlertTimers, byMs: number): AlertTimers {
  const entries = Object.entries(timers).map(([name, atMs]) => [name, atMs + byMs] as const);
  return Object.fromEntries(entries);
}

function shiftAck(acknowledgement: Acknowledgement, byMs: number): Acknowledgement {
  return { ...acknowledgement, expiresAtMs: acknowledgement.expiresAtMs + byMs };
}

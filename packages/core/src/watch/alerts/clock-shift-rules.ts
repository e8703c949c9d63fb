import type { Acknowledgement, Alert, AlertTimers } from './alert.ts';
import type { AlertBook } from './alert-book.ts';
import type { AlertDraft } from './alert-draft.ts';

/** Moves everything that is due by a step of the wall clock, so that nothing waits for an hour that comes twice. */
export function shiftTimes(draft: AlertDraft, book: AlertBook, byMs: number): void {
  for (const channelId of book.liveChannels()) {
    for (const row of [...book.liveRows(channelId)]) {
      if (row.status === 'sending' || row.nextAtMs <= draft.nowMs) continue;
      draft.putRow({ ...row, nextAtMs: Math.max(draft.nowMs, row.nextAtMs + byMs) });
    }
  }
  for (const alert of [...book.openAlerts()]) {
    const shifted = shiftAlert(draft.findAlert(alert.id) ?? alert, byMs);
    if (JSON.stringify(shifted) !== JSON.stringify(alert)) draft.putAlert(shifted, 'repeated');
  }
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

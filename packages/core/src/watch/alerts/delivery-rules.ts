import type { SendResult } from '../../ports/alert-channel.ts';
import type { AlertDraft } from './alert-draft.ts';
import { LOG_CHANNEL } from './alert-settings.ts';
import type { AlertRules } from './announce-rules.ts';
import { afterAttempts, type ChannelState, FAILURES_TO_TELL } from './channel-state-rules.ts';
import { resolveAlert } from './episode-rules.ts';
import { dueAt } from './escalation-rules.ts';
import { type NoticeOrigin, noticeOf } from './notice-rules.ts';
import { isLive, type OutboxRow } from './outbox.ts';
import { leaseRow, type Measured, type Outcome, recoverRow, settleRow } from './outbox-rules.ts';
import { endAlert, followSignal } from './signal-rules.ts';

/** Which engine sends, and in what words. */
export interface LeaseRules {
  readonly bootId: string;
  readonly origin: NoticeOrigin;
}

/** Takes rows for sending: the attempt is written before it is made. Rows that have moved on meanwhile are left. */
export function leaseRows(
  draft: AlertDraft,
  rowIds: readonly string[],
  { bootId, origin }: LeaseRules,
): readonly OutboxRow[] {
  return rowIds.flatMap((rowId) => {
    const row = draft.findRow(rowId);
    if (row === undefined || !isLive(row) || row.status === 'sending') return [];
    if (row.afterIds.some((id) => draft.findRow(id) !== undefined)) return [];
    const alerts = [...draft.membersOf(rowId)].flatMap((id) => draft.findAlert(id) ?? []);
    const notice = row.notice ?? noticeOf(row, alerts, { ...origin, nowMs: draft.nowMs });
    const leased = draft.putRow(leaseRow(row, { bootId, notice }));
    const { id, channelId, attempts: number } = leased;
    draft.addAttempt({ rowId: id, number, channelId, bootId, startedAtMs: draft.nowMs });
    return [leased];
  });
}

/** An attempt that was made. */
export interface Finished {
  readonly row: OutboxRow;
  readonly result: SendResult;
  readonly measured: Measured;
  /** How many attempts of the channel failed in a row, this one included; 0 after a success. */
  readonly failures: number;
  /** True when that is worth telling the other channels. */
  readonly tell: boolean;
}

/** A channel and how it is doing. */
export interface ChannelNow {
  readonly channelId: string;
  readonly state: ChannelState;
}

/** Takes rows for sending and the tokens they cost. The log is always there: nothing is remembered of it. */
export function leaseFor(
  draft: AlertDraft,
  rowIds: readonly string[],
  { channelId, state, ...rules }: LeaseRules & ChannelNow,
): { readonly rows: readonly OutboxRow[]; readonly state: ChannelState } {
  const rows = leaseRows(draft, rowIds, rules);
  if (rows.length === 0) return { rows, state };
  const spent = { ...state, tokens: Math.max(0, state.tokens - rows.length) };
  if (channelId !== LOG_CHANNEL) draft.putChannel(channelId, spent);
  return { rows, state: spent };
}

/** Writes what became of attempts, and how the channel is doing after them. */
export function finishFor(
  draft: AlertDraft,
  finished: readonly Finished[],
  { channelId, state, ...rules }: AlertRules & ChannelNow,
): { readonly outcomes: ReadonlyArray<Outcome | undefined>; readonly state: ChannelState } {
  const outcomes = finished.map((one) => finishRow(draft, one, rules));
  const after = afterAttempts(
    state,
    finished.map(({ measured }, index) => ({ outcome: outcomes[index], atMs: measured.endedAtMs })),
  );
  if (channelId !== LOG_CHANNEL) draft.putChannel(channelId, after);
  const isBack = state.failures >= FAILURES_TO_TELL && after.failures === 0;
  if (isBack) tryWaitingNow(draft, channelId);
  return { outcomes, state: after };
}

/** The channel delivers again: what backed off while it could not is due now, as fast as its bucket lets it go. */
function tryWaitingNow(draft: AlertDraft, channelId: string): void {
  for (const { id } of [...draft.liveRows(channelId)]) {
    const row = draft.findRow(id);
    if (row?.status !== 'retry' || row.nextAtMs <= draft.nowMs) continue;
    draft.putRow({ ...row, nextAtMs: draft.nowMs });
  }
}

/** Gives up rows that grew too old while our own connection was down. */
export function giveUpRows(draft: AlertDraft, rowIds: readonly string[], rules: AlertRules): void {
  for (const rowId of rowIds) {
    const row = draft.findRow(rowId);
    if (row === undefined || row.status === 'sending') continue;
    const members = [...draft.membersOf(rowId)];
    const text = 'our own connection was down until it was too old';
    const dead = draft.putRow({ ...row, status: 'dead', endedAtMs: draft.nowMs, lastError: text });
    tellFailed(draft, { row: dead, failure: { text, channelRefused: false } }, rules);
    if (row.reason === 'escalation') nextStepAtOnce(draft, members);
  }
}

/** Writes what became of an attempt, and what follows for the channel and for alerts that wait for somebody else. */
export function finishRow(draft: AlertDraft, finished: Finished, rules: AlertRules): Outcome | undefined {
  const { row, result, measured } = finished;
  const current = draft.findRow(row.id);
  if (current?.status !== 'sending' || current.attempts !== row.attempts) return undefined;
  const outcome = settleRow(current, result, measured);
  const members = [...draft.membersOf(row.id)];
  draft.putRow(outcome.row);
  draft.endAttempt(row, outcome.end);
  if (outcome.failure === undefined) tellRecovered(draft, row.channelId, rules);
  else if (finished.tell || outcome.failure.channelRefused || outcome.row.status === 'dead') {
    tellFailed(draft, outcome, rules);
  }
  if (outcome.row.status === 'dead' && row.reason === 'escalation') nextStepAtOnce(draft, members);
  return outcome;
}

/** Closes what a dead engine left: rows it was sending are sent again, rows of channels that are gone are given up. */
export function recoverOutbox(
  draft: AlertDraft,
  rows: readonly OutboxRow[],
  world: { readonly bootId: string; readonly has: (channelId: string) => boolean },
): { readonly repeated: number; readonly orphaned: readonly OutboxRow[] } {
  const orphaned: OutboxRow[] = [];
  let repeated = 0;
  for (const row of rows) {
    if (row.status === 'sending' && row.leaseBootId !== world.bootId) {
      draft.endAttempt(row, { result: 'lost', endedAtMs: draft.nowMs, durationMs: 0 });
      draft.putRow(recoverRow(row, draft.nowMs));
      repeated += 1;
    }
    if (world.has(row.channelId)) continue;
    const { leaseBootId: _, ...given } = draft.findRow(row.id) ?? row;
    const lastError = 'the config names no such channel any more';
    draft.putRow({ ...given, status: 'dead', endedAtMs: draft.nowMs, lastError });
    orphaned.push(row);
  }
  return { repeated, orphaned };
}

/** Key of the alert about a channel. */
export function channelKey(channelId: string): string {
  return `channel:${channelId}`;
}

function tellRecovered(draft: AlertDraft, channelId: string, rules: AlertRules): void {
  const open = draft.findOpen(channelKey(channelId));
  if (open === undefined) return;
  const message = `alert channel ${channelId} delivers again`;
  endAlert(draft, resolveAlert(open, { atMs: draft.nowMs, message }), rules);
}

function tellFailed(draft: AlertDraft, outcome: Pick<Outcome, 'row' | 'failure'>, rules: AlertRules): void {
  const { channelId, level, status } = outcome.row;
  const text = outcome.failure?.text ?? '';
  const grave = level === 'CRITICAL' && (status === 'dead' || outcome.failure?.channelRefused === true);
  const open = draft.findOpen(channelKey(channelId));
  if (open !== undefined && (!grave || open.level === 'CRITICAL')) return;
  const given = status === 'dead' ? '; a notice was given up' : '; what waits is tried again';
  followSignal(
    draft,
    {
      kind: 'raise',
      dedupKey: channelKey(channelId),
      alertType: 'CHANNEL_FAILED',
      level: grave ? 'CRITICAL' : 'ERROR',
      title: `[CHANNEL_FAILED] ${channelId}`,
      message: `alert channel ${channelId} cannot deliver: ${text}${given}`,
      messageKo: `알림 채널 ${channelId} 전달 실패: ${text}`,
      labels: { channel: channelId },
      errorCode: 'SYS-0501',
      atMs: draft.nowMs,
      avoidChannel: channelId,
    },
    rules,
  );
}

/** Nobody was reached by this step of an escalation. */
function nextStepAtOnce(draft: AlertDraft, alertIds: readonly string[]): void {
  for (const id of alertIds) {
    const alert = draft.findAlert(id);
    if (alert?.escalation === undefined || alert.state !== 'firing') continue;
    draft.putAlert({ ...alert, escalation: dueAt(alert.escalation, draft.nowMs) }, 'escalated');
  }
}

import { spreadFraction } from '../../kernel/ids.ts';
import type { AlertLevel, AlertNotice, SendResult, SettledRecipients } from '../../ports/alert-channel.ts';
import type { AttemptEnd, OutboxRow } from './outbox.ts';

/** The engine waits so long for one attempt, whether or not the channel listens to its signal. */
export const SEND_DEADLINE_MS = 15_000;
const RETRY_FIRST_MS = 5000;
const RETRY_MAX_MS = 900_000;
const RETRY_MIN_MS = 1000;
/** Nobody can ask for more patience than this, ms. */
export const RETRY_AFTER_MAX_MS = 3_600_000;
const ATTEMPT_TEXT_MAX = 256;
const RECIPIENTS_MAX = 50;

/** A notice that could not be delivered for so long is given up; it is always tried once. */
export const MAX_AGE_MS: Readonly<Record<AlertLevel, number>> = {
  INFO: 3_600_000,
  WARN: 6 * 3_600_000,
  ERROR: 24 * 3_600_000,
  CRITICAL: 24 * 3_600_000,
};

/** Which rows of a channel may be sent now, and when to look again if none may. */
export interface PickedRows {
  readonly rows: readonly OutboxRow[];
  /** Absent when nothing waits for time. */
  readonly nextMs?: number;
}

/** What choosing needs to know besides the rows. */
export interface PickLimits {
  readonly nowMs: number;
  readonly most: number;
  /** Rows that are being sent or for which earlier ones are still on their way. */
  readonly isLive: (rowId: string) => boolean;
  /** True: only rows that were never tried and are critical. */
  readonly criticalOnly: boolean;
}

/** Critical ones first, then in the order they were made; never before an earlier row of the same alert. */
export function pickRows(rows: Iterable<OutboxRow>, limits: PickLimits): PickedRows {
  const critical: OutboxRow[] = [];
  const others: OutboxRow[] = [];
  let nextMs: number | undefined;
  for (const row of rows) {
    if (row.status === 'sending' || row.afterIds.some(limits.isLive)) continue;
    const isCritical = row.level === 'CRITICAL';
    if (limits.criticalOnly && (!isCritical || row.attempts > 0)) continue;
    if (row.nextAtMs > limits.nowMs) nextMs = Math.min(nextMs ?? row.nextAtMs, row.nextAtMs);
    else if (isCritical) critical.push(row);
    else if (others.length < limits.most) others.push(row);
    if (critical.length >= limits.most) break;
  }
  const picked = [...critical, ...others].slice(0, limits.most);
  return { rows: picked, ...(nextMs === undefined ? {} : { nextMs }) };
}

/** The row while it is being sent. */
export function leaseRow(
  row: OutboxRow,
  lease: { readonly bootId: string; readonly notice: AlertNotice },
): OutboxRow {
  return {
    ...row,
    status: 'sending',
    attempts: row.attempts + 1,
    leaseBootId: lease.bootId,
    // What was said once is said again in the same words.
    notice: row.notice ?? lease.notice,
  };
}

/** The row of an engine that died while it was sending: it may have arrived, and is sent again saying so. */
export function recoverRow(row: OutboxRow, nowMs: number): OutboxRow {
  const { leaseBootId: _, ...rest } = row;
  return { ...rest, status: 'pending', maybeRepeat: true, nextAtMs: Math.min(row.nextAtMs, nowMs) };
}

/** How an attempt ended, in the words of the outbox. */
export interface Outcome {
  readonly row: OutboxRow;
  readonly end: AttemptEnd;
  /** Absent when it arrived. */
  readonly failure?: {
    readonly text: string;
    /** True when nothing can arrive until somebody corrects the channel. */
    readonly channelRefused: boolean;
    /** The whole channel waits so long, because the other side said so or refused it. */
    readonly pauseMs?: number;
  };
}

/** What was measured of an attempt. */
export interface Measured {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly durationMs: number;
  /** True when the engine stopped waiting: the notice may have arrived. */
  readonly timedOut: boolean;
}

/** Decides what becomes of a row after an attempt. Texts must be redacted before. */
export function settleRow(row: OutboxRow, result: SendResult, measured: Measured): Outcome {
  const { leaseBootId: _, ...rest } = row;
  const { endedAtMs, durationMs } = measured;
  const timed = { endedAtMs, durationMs };
  if (result.status === 'sent') {
    const { ref, rejectedRecipients } = result;
    const more = {
      ...(ref === undefined ? {} : { ref: cut(ref) }),
      ...(rejectedRecipients === undefined
        ? {}
        : { rejectedRecipients: rejectedRecipients.slice(0, RECIPIENTS_MAX) }),
    };
    return { row: { ...rest, status: 'sent', endedAtMs }, end: { result: 'sent', ...timed, ...more } };
  }
  const text = cut(result.reason);
  const end: AttemptEnd = { result: result.status, ...timed, text };
  const unheard = measured.timedOut || (result.status === 'retry' && result.mayHaveArrived === true);
  const failed = { ...rest, lastError: text, maybeRepeat: rest.maybeRepeat || unheard };
  if (result.status === 'retry') {
    const { retryAfterMs, pauseChannel, settled } = result;
    const refused = settled?.refused ?? [];
    const ended =
      refused.length === 0 ? end : { ...end, rejectedRecipients: refused.slice(0, RECIPIENTS_MAX) };
    const waiting =
      settled === undefined ? failed : { ...failed, settled: withSettled(row.settled, settled) };
    const askedMs = retryAfterMs === undefined ? undefined : clampRetryAfter(retryAfterMs);
    const waitMs = askedMs ?? backoffMs(row);
    const pauses = askedMs !== undefined && pauseChannel !== false;
    const failure = { text, channelRefused: false, ...(pauses ? { pauseMs: askedMs } : {}) };
    return { row: retryOrDead(waiting, endedAtMs, waitMs), end: ended, failure };
  }
  return { ...rejected(failed, result.scope, endedAtMs), end };
}

/** True when a row is given up instead of being tried any more. */
export function isTooOld(row: Pick<OutboxRow, 'createdAtMs' | 'level'>, nowMs: number): boolean {
  return nowMs - row.createdAtMs > MAX_AGE_MS[row.level];
}

/** Rows that are given up although nothing can be tried now; one that is being sent is not among them. */
export function tooOldRows(rows: Iterable<OutboxRow>, nowMs: number): readonly OutboxRow[] {
  return [...rows].filter((row) => row.status !== 'sending' && isTooOld(row, nowMs));
}

/** When the first of the rows grows too old; absent when none will. */
export function nextTooOldMs(rows: Iterable<OutboxRow>, nowMs: number): number | undefined {
  const ends = [...rows].map(({ createdAtMs, level }) => createdAtMs + MAX_AGE_MS[level] + 1);
  const coming = ends.filter((atMs) => atMs > nowMs);
  return coming.length === 0 ? undefined : Math.min(...coming);
}

/** Nobody who has it gets it again, whatever a later attempt says. */
function withSettled(before: SettledRecipients | undefined, now: SettledRecipients): SettledRecipients {
  const all = (one: readonly string[] = [], other: readonly string[] = []) =>
    [...new Set([...one, ...other])].slice(0, RECIPIENTS_MAX);
  return { accepted: all(before?.accepted, now.accepted), refused: all(before?.refused, now.refused) };
}

/** What a channel answered, when it is an answer; anything else counts as a failure that nobody classified. */
export function checkedResult(answer: unknown): SendResult {
  const status = typeof answer === 'object' && answer !== null && 'status' in answer ? answer.status : '';
  if (status === 'sent' || status === 'retry' || status === 'rejected') {
    // The status says which it is; texts and numbers in it are read with care.
    const result = answer as SendResult;
    return result.status === 'sent' ? result : { ...result, reason: String(result.reason) };
  }
  return { status: 'retry', reason: 'unclassified: the channel gave no result' };
}

/** Full jitter: from 5 s on twice as long each time, at most 15 min, and never less than a second. */
export function backoffMs(row: Tried): number {
  const most = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(row.attempts - 1, 20));
  return Math.max(RETRY_MIN_MS, Math.round(most * spreadFraction(row.id, String(row.attempts))));
}

type Tried = { readonly id: string; readonly attempts: number };

/** What the other side asked for, within reason. */
export function clampRetryAfter(retryAfterMs: number): number {
  if (!Number.isFinite(retryAfterMs)) return RETRY_MAX_MS;
  return Math.min(Math.max(Math.round(retryAfterMs), RETRY_MIN_MS), RETRY_AFTER_MAX_MS);
}

function rejected(
  row: OutboxRow,
  scope: 'message' | 'recipient' | 'channel',
  nowMs: number,
): Required<Omit<Outcome, 'end'>> {
  const text = row.lastError ?? '';
  if (scope === 'channel') {
    const failure = { text, channelRefused: true, pauseMs: RETRY_MAX_MS };
    return { row: retryOrDead(row, nowMs, RETRY_MAX_MS), failure };
  }
  const failure = { text, channelRefused: false };
  // The other side may only dislike how it looks.
  if (scope === 'message' && !row.plain) {
    return { row: { ...row, status: 'retry', plain: true, nextAtMs: nowMs }, failure };
  }
  return { row: { ...row, status: 'dead', endedAtMs: nowMs }, failure };
}

function retryOrDead(row: OutboxRow, nowMs: number, waitMs: number): OutboxRow {
  if (isTooOld(row, nowMs)) return { ...row, status: 'dead', endedAtMs: nowMs };
  return { ...row, status: 'retry', nextAtMs: nowMs + waitMs };
}

function cut(text: string): string {
  const clean = text.replaceAll(/\p{Cc}+/gu, ' ').toWellFormed();
  return clean.length > ATTEMPT_TEXT_MAX ? `${clean.slice(0, ATTEMPT_TEXT_MAX - 1).toWellFormed()}…` : clean;
}

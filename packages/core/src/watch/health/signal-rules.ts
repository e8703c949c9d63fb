import './health-errors.ts';
import type { AlertLevel } from '../../ports/alert-channel.ts';
import type { CheckStatus } from '../../ports/health-check.ts';
import type { CheckState, RaisedAlert } from './check-state.ts';
import type { HealthCause, HealthSignal } from './health-changes.ts';

/** What keeps an alert from being opened. Nothing keeps a check from looking, or an alert from being resolved. */
export type Hold =
  /** The engine has just started. */
  | 'grace'
  /** A check this one depends on fails. */
  | 'parent'
  /** It is given time to fail first. */
  | 'waits'
  /** Our own connection is down. */
  | 'isolated';

/** Of a check, what its signals need. */
export interface SignallingCheck {
  readonly id: string;
  readonly kind: string;
  readonly policy: { readonly critical: boolean; readonly labels: Readonly<Record<string, string>> };
}

/** What may hold back an alert at one instant. */
export interface HoldContext {
  readonly critical: boolean;
  readonly inGrace: boolean;
  /** Our own connection is down and the check needs it, or it said unknown because of that. */
  readonly isolated: boolean;
  /** States of all checks it depends on, near and far. */
  readonly ancestors: readonly CheckState[];
  /** Whether it has anything to wait for: parents, or reference checks. */
  readonly waits: boolean;
  readonly inhibitWaitMs: number;
  readonly nowMs: number;
}

/** What becomes of the alert about a check. */
export interface SignalDecision {
  /** Present while an alert is open after this. */
  readonly raised?: RaisedAlert;
  readonly signal?: HealthSignal;
  /** True when an alert would be opened but is held back. */
  readonly held: boolean;
}

/** Level of an alert about a check with this status; only a critical check is CRITICAL. */
export function levelOf(status: CheckStatus, critical: boolean): AlertLevel {
  if (status === 'fail') return critical ? 'CRITICAL' : 'ERROR';
  if (status === 'unknown') return critical ? 'ERROR' : 'WARN';
  return 'WARN';
}

/** What holds back the opening of an alert now; absent when nothing does. */
export function holdOf(state: CheckState, context: HoldContext): Hold | undefined {
  if (context.inGrace && !context.critical) return 'grace';
  if (context.isolated) return 'isolated';
  if (context.ancestors.some(isFailing)) return 'parent';
  const badForMs = context.nowMs - (state.badSince.warnMs ?? context.nowMs);
  return context.waits && badForMs < context.inhibitWaitMs ? 'waits' : undefined;
}

/** True while a check keeps those that depend on it silent: it fails, or its last look did. */
export function isFailing(state: CheckState): boolean {
  return state.last?.status === 'fail' || (state.settled && state.status === 'fail');
}

/**
 * What a state means for the alert about its check. Only opening can be held back; while a check flaps, nothing is
 * opened or resolved after the one notice that it flaps; not being able to look never resolves anything.
 */
export function signalOf(
  check: SignallingCheck,
  state: CheckState,
  {
    because,
    hold,
    nowMs,
  }: { readonly because: HealthCause; readonly hold: Hold | undefined; readonly nowMs: number },
): SignalDecision {
  const { raised } = state;
  const unchanged: SignalDecision = { ...(raised === undefined ? {} : { raised }), held: false };
  if (!state.settled) return unchanged;
  const signal = (action: HealthSignal['action'], level: AlertLevel) =>
    signalFor(check, state, { action, level, because, nowMs });
  if (!state.flapping && state.status === 'pass') {
    return raised === undefined ? unchanged : { signal: signal('resolve', raised.level), held: false };
  }
  if (raised === undefined && hold !== undefined) return { held: true };
  const level = wantedLevel(check, state);
  if (raised === undefined || isNews(state, because, level)) {
    return { raised: { level, atMs: nowMs }, signal: signal('raise', level), held: false };
  }
  return isSeenAgain(state, because) ? { ...unchanged, signal: signal('raise', level) } : unchanged;
}

/** The signal that ends the alert about a check that is no longer configured. */
export function removalSignal(state: CheckState, nowMs: number): HealthSignal | undefined {
  if (state.raised === undefined) return undefined;
  const check = { id: state.checkId, kind: 'removed', policy: { critical: false, labels: {} } };
  const { level } = state.raised;
  return signalFor(check, state, { action: 'resolve', level, because: 'removed', nowMs });
}

/** Level of an open alert; unknown and flapping never take from what is known to be bad. */
function wantedLevel({ policy }: SignallingCheck, state: CheckState): AlertLevel {
  const { raised, flapping, status } = state;
  if (raised !== undefined && (flapping || status === 'unknown')) return raised.level;
  return levelOf(flapping && status === 'pass' ? 'warn' : status, policy.critical);
}

function isNews(state: CheckState, because: HealthCause, level: AlertLevel): boolean {
  if (because === 'flapping-started' || because === 'flapping-ended') return true;
  return !state.flapping && state.raised?.level !== level;
}

/** A look that found at least what is confirmed; one that could not look has found nothing. */
function isSeenAgain(state: CheckState, because: HealthCause): boolean {
  if (state.flapping || because === 'released' || state.last === undefined) return false;
  return state.last.status === state.status || state.last.status === 'fail';
}

function signalFor(
  { id, kind, policy }: SignallingCheck,
  state: CheckState,
  what: Pick<HealthSignal, 'action' | 'level' | 'because'> & { readonly nowMs: number },
): HealthSignal {
  const { action, level, because, nowMs } = what;
  const { value, unit, message = '' } = state.last ?? {};
  return {
    action,
    dedupKey: `check:${id}`,
    checkId: id,
    kindOfCheck: kind,
    level,
    status: state.status,
    because,
    isRepeat: action === 'raise' && state.raised !== undefined && !isNews(state, because, level),
    errorCode: state.status === 'unknown' ? 'EXT-0602' : 'EXT-0601',
    message,
    ...(value === undefined ? {} : { value }),
    ...(unit === undefined ? {} : { unit }),
    sinceMs: state.sinceMs,
    atMs: nowMs,
    flapping: state.flapping,
    labels: policy.labels,
  };
}

import type { CheckStatus } from '../../ports/health-check.ts';
import { judgedValue, nextChangeFrom, withChange } from './change-rules.ts';
import type { CheckPolicy } from './check-policy.ts';
import { type BadSince, type CheckLook, type CheckSpan, type CheckState, RECENT_MAX } from './check-state.ts';
import { isFlapping } from './flapping-rules.ts';
import type { CheckTransition, HealthCause } from './health-changes.ts';
import { extendSpan } from './span-rules.ts';
import { staleAfterMs } from './staleness-rules.ts';
import { brokenThresholds } from './threshold-rules.ts';

/** How bad a status is. Not knowing is worse than a warning and better than a known failure. */
export const RANK: Readonly<Record<CheckStatus, number>> = { pass: 0, warn: 1, unknown: 2, fail: 3 };

const LETTERS: Readonly<Record<CheckStatus, string>> = { pass: 'p', warn: 'w', unknown: 'u', fail: 'f' };
const BY_LETTER: Readonly<Record<string, CheckStatus>> = { p: 'pass', w: 'warn', u: 'unknown', f: 'fail' };
const WORST_FIRST: readonly CheckStatus[] = ['fail', 'unknown', 'warn'];

/** What one look means: the next state, why, and what the history and the accounts get. */
export interface Judgement {
  readonly state: CheckState;
  readonly because: HealthCause;
  readonly transition?: CheckTransition;
  /** Stretches that grew or began, oldest first. */
  readonly spans: readonly CheckSpan[];
}

/** The state of a check nobody has looked at yet. */
export function firstState(checkId: string, policy: CheckPolicy, nowMs: number): CheckState {
  return {
    checkId,
    revision: 0,
    status: 'unknown',
    settled: false,
    sinceMs: nowMs,
    recent: '',
    changes: '',
    flapping: false,
    badSince: {},
    broken: { warn: false, crit: false },
    staleAfterMs: staleAfterMs(policy),
  };
}

/** The look with its status after the thresholds: the engine judges values, so that every kind behaves alike. */
export function applyThresholds(
  look: CheckLook,
  policy: CheckPolicy,
  state: CheckState,
): { readonly look: CheckLook; readonly broken: CheckState['broken'] } {
  const { thresholds, changePerMs } = policy;
  const before = state.broken;
  if (thresholds === undefined) return { look, broken: before };
  if (look.value === undefined) {
    const blind = look.status === 'pass';
    return {
      look: blind ? { ...look, status: 'unknown', message: withoutValue(look) } : look,
      broken: before,
    };
  }
  const value = judgedValue(state, look, changePerMs);
  if (value === undefined) return { look, broken: before };
  const broken = brokenThresholds(thresholds, value, before);
  const status = broken.crit ? 'fail' : broken.warn ? 'warn' : 'pass';
  if (RANK[status] <= RANK[look.status]) return { look, broken };
  const judged = { ...look, status } as const;
  return { look: changePerMs === undefined ? judged : withChange(judged, value, changePerMs), broken };
}

/** What a look means for its check. `maintenance` says whether a window is open. */
export function judgeLook(
  before: CheckState,
  seen: CheckLook,
  { policy, maintenance }: { readonly policy: CheckPolicy; readonly maintenance: boolean },
): Judgement {
  const { look, broken } = applyThresholds(seen, policy, before);
  const remembered = remember(before, look);
  const confirmed = confirmedStatus(remembered, policy, look.atMs);
  const settled = before.settled || confirmed !== undefined;
  const status = confirmed ?? before.status;
  const changed = settled && (status !== before.status || !before.settled);
  const flapping =
    policy.flapping !== undefined && isFlapping(remembered.changes, before.flapping, policy.flapping);
  const { betterSinceMs: _, changeFrom: __, ...rest } = remembered;
  const isConfirming = wantsRetry({ ...remembered, status, settled });
  const changeFrom =
    policy.changePerMs === undefined ? undefined : nextChangeFrom(before, look, isConfirming);
  const moved: CheckState = {
    ...rest,
    ...(changeFrom === undefined ? {} : { changeFrom }),
    ...(changed || remembered.betterSinceMs === undefined ? {} : { betterSinceMs: remembered.betterSinceMs }),
    status,
    settled,
    sinceMs: changed ? look.atMs : before.sinceMs,
    flapping,
    broken,
    staleAfterMs: staleAfterMs(policy),
  };
  const spans = extendSpan(before, { checkId: before.checkId, status, maintenance, atMs: look.atMs });
  const span = spans.at(-1);
  const state = span === undefined ? moved : { ...moved, span };
  const because = causeOf(before, state, look);
  const transition =
    changed || flapping !== before.flapping ? transitionOf(before, state, because) : undefined;
  return { state, because, spans, ...(transition === undefined ? {} : { transition }) };
}

/** True while more looks are wanted soon: a look was worse than what is confirmed. */
export function wantsRetry(state: CheckState): boolean {
  if (state.last === undefined) return false;
  const baseline = state.settled ? state.status : 'pass';
  return RANK[state.last.status] > RANK[baseline];
}

function remember(before: CheckState, look: CheckLook): CheckState {
  const differs = before.last !== undefined && before.last.status !== look.status;
  const better = before.settled && RANK[look.status] < RANK[before.status];
  const { betterSinceMs, freshFromMs: _, ...rest } = before;
  return {
    ...rest,
    last: look,
    recent: `${before.recent}${LETTERS[look.status]}`.slice(-RECENT_MAX),
    changes: before.last === undefined ? '' : `${before.changes}${differs ? '1' : '0'}`.slice(-RECENT_MAX),
    badSince: badSince(before.badSince, look),
    ...(better ? { betterSinceMs: firstOf(betterSinceMs, look) } : {}),
    ...(look.status === 'pass' ? { lastPassAtMs: look.atMs } : {}),
    ...(look.status === 'unknown' ? {} : { lastKnownAtMs: look.atMs }),
  };
}

function badSince(before: BadSince, look: CheckLook): BadSince {
  const rank = RANK[look.status];
  return {
    ...(rank >= RANK.warn ? { warnMs: firstOf(before.warnMs, look) } : {}),
    ...(rank >= RANK.unknown ? { unknownMs: firstOf(before.unknownMs, look) } : {}),
    ...(rank >= RANK.fail ? { failMs: firstOf(before.failMs, look) } : {}),
  };
}

/** Since when something lasts: never after the look, also when the clock was set back meanwhile. */
function firstOf(sinceMs: number | undefined, { atMs }: CheckLook): number {
  return Math.min(sinceMs ?? atMs, atMs);
}

/** The status that the looks agree on; absent when they agree on nothing new. */
function confirmedStatus(state: CheckState, policy: CheckPolicy, nowMs: number): CheckStatus | undefined {
  const looks = [...state.recent].map((letter) => BY_LETTER[letter] ?? 'unknown');
  const baseline = state.settled ? state.status : 'pass';
  const isBad = (status: CheckStatus) => isConfirmedBad({ state, looks, policy, nowMs }, status);
  const worse = WORST_FIRST.find((status) => RANK[status] > RANK[baseline] && isBad(status));
  if (worse !== undefined) return worse;
  if (!state.settled) return looks.at(-1) === 'pass' ? 'pass' : undefined;
  if (state.status === 'pass') return undefined;
  const last = looks.slice(-policy.successesToResolve);
  const worst = last.reduce((a, b) => (RANK[b] > RANK[a] ? b : a), 'pass');
  if (last.length < policy.successesToResolve || RANK[worst] >= RANK[state.status]) return undefined;
  if (nowMs - (state.betterSinceMs ?? nowMs) < policy.keepFiringForMs) return undefined;
  return policy.mOfN !== undefined && isBad(state.status) ? undefined : worst;
}

interface Looks {
  readonly state: CheckState;
  readonly looks: readonly CheckStatus[];
  readonly policy: CheckPolicy;
  readonly nowMs: number;
}

function isConfirmedBad({ state, looks, policy, nowMs }: Looks, status: CheckStatus): boolean {
  const atLeast = (look: CheckStatus) => RANK[look] >= RANK[status];
  if (policy.mOfN !== undefined) {
    const [m, n] = policy.mOfN;
    return looks.slice(-n).filter(atLeast).length >= m;
  }
  const { failuresToAlert, forMs } = policy;
  const last = looks.slice(-failuresToAlert);
  const sinceMs = sinceOf(state.badSince, status);
  return last.length === failuresToAlert && last.every(atLeast) && nowMs - (sinceMs ?? nowMs) >= forMs;
}

function sinceOf(since: BadSince, status: CheckStatus): number | undefined {
  if (status === 'fail') return since.failMs;
  return status === 'unknown' ? since.unknownMs : since.warnMs;
}

function causeOf(before: CheckState, after: CheckState, look: CheckLook): HealthCause {
  if (after.flapping !== before.flapping) return after.flapping ? 'flapping-started' : 'flapping-ended';
  if (!after.settled) return 'confirming';
  if (!before.settled && after.status === 'pass') return 'first-pass';
  if (after.status !== before.status || !before.settled) {
    return after.status === 'pass' ? 'recovered' : `hard-${after.status}`;
  }
  return look.status === after.status ? 'seen' : 'confirming';
}

function transitionOf(before: CheckState, after: CheckState, because: HealthCause): CheckTransition {
  return {
    checkId: after.checkId,
    from: before.status,
    to: after.status,
    because,
    message: after.last?.message ?? '',
    atMs: after.last?.atMs ?? after.sinceMs,
  };
}

function withoutValue(look: CheckLook): string {
  return `no value to compare with the thresholds: ${look.message}`;
}

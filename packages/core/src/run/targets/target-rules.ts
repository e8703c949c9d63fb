import type { JsonObject } from '../../kernel/json.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { Breaker, ErrorPolicy, Pause, TargetDefinition, TargetState } from './target.ts';
import { OUTCOMES_MAX } from './target.ts';
import type { TargetCause, TargetChange } from './target-store.ts';

/** How a run of the target ended, as far as the target's own state is concerned. */
export interface RunEnd {
  readonly executionId: string;
  readonly status: 'SUCCESS' | 'FAILED' | 'STOPPED';
  /** True for a run of a slot; a manual run that fails does not count towards suspension. */
  readonly scheduled: boolean;
  readonly startedAtMs?: number;
  readonly endedAtMs: number;
  readonly errorCode?: string;
  readonly errorMessage?: string;
}

/** What a run's end did to the target besides counting. */
export type TargetTurn = 'none' | 'suspended' | 'still-suspended' | 'recovered';

/** The state of a target that was never seen before. `firstSlotMs`: for `delay` schedules. */
export function newTargetState(targetId: string, nowMs: number, firstSlotMs?: number): TargetState {
  return {
    targetId,
    revision: 1,
    consecutiveErrors: 0,
    breaker: { kind: 'closed' },
    cursorMs: nowMs,
    ...(firstSlotMs === undefined ? {} : { nextSlotMs: firstSlotMs }),
    clockEra: 0,
    outcomes: '',
  };
}

/**
 * The state after a run ended (rules S10 to S12): SUCCESS sets the counter to 0 and closes the breaker, also for a
 * manual run; FAILED of a slot adds one, backs off, and opens the breaker at the limit; STOPPED changes neither.
 */
export function afterRun(
  state: TargetState,
  end: RunEnd,
  policy: ErrorPolicy,
): { readonly state: TargetState; readonly turn: TargetTurn } {
  const recorded = recordRun(state, end);
  if (end.status === 'SUCCESS') return afterSuccess(recorded, state);
  if (end.status === 'STOPPED') return { state: afterUncounted(recorded, end), turn: 'none' };
  return afterFailure(recorded, end, policy);
}

/** Sets a target aside until it is resumed. */
export function pauseTarget(state: TargetState, pause: Pause): TargetState {
  return { ...state, revision: state.revision + 1, pause };
}

/** Takes the pause away; slots that passed meanwhile are accounted as paused, not caught up. */
export function resumeTarget(state: TargetState): TargetState {
  const { pause: _pause, ...rest } = state;
  return { ...rest, revision: state.revision + 1 };
}

/** Sets the error counter to 0, ends a suspension and a back-off. */
export function resetTarget(state: TargetState): TargetState {
  const { backoffUntilMs: _backoff, ...rest } = state;
  return { ...rest, revision: state.revision + 1, consecutiveErrors: 0, breaker: { kind: 'closed' } };
}

/** The breaker while its one probe runs. */
export function beginProbe(breaker: Breaker & { kind: 'open' }, executionId: string): Breaker {
  return { kind: 'half-open', sinceMs: breaker.sinceMs, cooldownMs: breaker.cooldownMs, executionId };
}

/** The breaker after a probe that proved nothing: the target rests once more, for the same time. */
export function reopenBreaker(breaker: Breaker & { kind: 'half-open' }, nowMs: number): Breaker {
  const { sinceMs, cooldownMs } = breaker;
  return { kind: 'open', sinceMs, cooldownMs, probeAtMs: nowMs + cooldownMs };
}

/** How long to wait after failure number `failures` in a row (1 …), ms (rule S11). */
export function backoffMs(policy: ErrorPolicy, failures: number): number {
  const grown = policy.errorBackoffMs * policy.backoffFactor ** Math.max(0, failures - 1);
  return Math.min(grown, policy.maxBackoffMs);
}

/**
 * The state after the engine that ran `end.executionId` was found dead. One loss may be anybody's fault; only the
 * second in a row counts as a failure of the target, because then it may be the target that kills the engine.
 * `suspect`: the target, unless the config no longer names it or the engine said that it died of somebody else's error.
 */
export function afterLostRun(
  state: TargetState,
  end: RunEnd,
  suspect: TargetDefinition | undefined,
): { readonly state: TargetState; readonly turn: TargetTurn } {
  const lostBefore = state.lastStatus === 'FAILED' && state.lastErrorCode === end.errorCode;
  if (lostBefore && suspect !== undefined && end.scheduled) return afterRun(state, end, suspect.errors);
  return { state: afterUncounted(recordRun(state, end), end), turn: 'none' };
}

/** Why a target's state changed, for a run that ended. */
export function causeOfTurn(turn: TargetTurn): TargetCause {
  return turn === 'suspended' || turn === 'recovered' ? turn : 'run-ended';
}

/** The change that replaces one state of a target by the next. */
export function updateOf(before: TargetState, after: TargetState, because: TargetCause): TargetChange {
  return { kind: 'target.update', expectRevision: before.revision, state: after, because };
}

/** @throws BAT-0105 when the target is no longer at the revision the request was decided on. */
export function requireRevision(state: TargetState, expected: number | undefined): void {
  if (expected === undefined || expected === state.revision) return;
  throw opsException(
    'BAT-0105',
    `target ${state.targetId}: revision ${state.revision}; expected ${expected}`,
    {
      data: { targetId: state.targetId, revision: state.revision, expectedRevision: expected },
    },
  );
}

/** The part of a target's state that an act changes, for the before and after of its audit row. */
export function auditState(state: TargetState): JsonObject {
  return {
    revision: state.revision,
    consecutiveErrors: state.consecutiveErrors,
    breaker: state.breaker.kind,
    ...(state.pause === undefined ? {} : { pause: { ...state.pause } }),
  };
}

function recordRun(state: TargetState, end: RunEnd): TargetState {
  const letter = end.status === 'SUCCESS' ? '.' : end.status === 'FAILED' ? 'x' : 's';
  const { lastErrorCode: _code, lastErrorMessage: _message, lastDurationMs: _duration, ...rest } = state;
  return {
    ...rest,
    revision: state.revision + 1,
    outcomes: (state.outcomes + letter).slice(-OUTCOMES_MAX),
    lastExecutionId: end.executionId,
    lastStatus: end.status,
    lastEndedAtMs: end.endedAtMs,
    ...(end.startedAtMs === undefined
      ? {}
      : { lastDurationMs: Math.max(0, end.endedAtMs - end.startedAtMs) }),
    ...(end.status === 'SUCCESS' ? { lastSuccessAtMs: end.endedAtMs } : {}),
    ...(end.errorCode === undefined ? {} : { lastErrorCode: end.errorCode }),
    ...(end.errorMessage === undefined ? {} : { lastErrorMessage: end.errorMessage.slice(0, 300) }),
  };
}

function afterSuccess(recorded: TargetState, before: TargetState) {
  const { backoffUntilMs: _backoff, ...rest } = recorded;
  const state: TargetState = { ...rest, consecutiveErrors: 0, breaker: { kind: 'closed' } };
  return { state, turn: before.breaker.kind === 'closed' ? ('none' as const) : ('recovered' as const) };
}

/** A probe that was stopped or lost proves nothing: the target rests for the same time again. */
function afterUncounted(recorded: TargetState, end: RunEnd): TargetState {
  const breaker = recorded.breaker;
  if (breaker.kind !== 'half-open' || breaker.executionId !== end.executionId) return recorded;
  return { ...recorded, breaker: reopenBreaker(breaker, end.endedAtMs) };
}

function afterFailure(
  recorded: TargetState,
  end: RunEnd,
  policy: ErrorPolicy,
): { readonly state: TargetState; readonly turn: TargetTurn } {
  if (!end.scheduled) return { state: recorded, turn: 'none' };
  const consecutiveErrors = recorded.consecutiveErrors + 1;
  const counted = { ...recorded, consecutiveErrors };
  if (recorded.breaker.kind === 'half-open') {
    const cooldownMs = Math.min(recorded.breaker.cooldownMs * 2, policy.maxCooldownMs);
    return {
      state: {
        ...counted,
        breaker: openBreaker({ sinceMs: recorded.breaker.sinceMs, cooldownMs }, end, policy),
      },
      turn: 'still-suspended',
    };
  }
  if (recorded.breaker.kind === 'open') return { state: counted, turn: 'still-suspended' };
  if (consecutiveErrors >= policy.maxConsecutiveErrors) {
    return {
      state: {
        ...counted,
        breaker: openBreaker({ sinceMs: end.endedAtMs, cooldownMs: policy.cooldownMs }, end, policy),
      },
      turn: 'suspended',
    };
  }
  return {
    state: { ...counted, backoffUntilMs: end.endedAtMs + backoffMs(policy, consecutiveErrors) },
    turn: 'none',
  };
}

function openBreaker(
  rest: { readonly sinceMs: number; readonly cooldownMs: number },
  end: RunEnd,
  policy: ErrorPolicy,
): Breaker {
  const probe = policy.recovery === 'manual' ? {} : { probeAtMs: end.endedAtMs + rest.cooldownMs };
  return { kind: 'open', ...rest, ...probe };
}

import { type Alert, type EscalationState, type EscalationStep, rankOf } from './alert.ts';
import type { AlertSettings } from './alert-settings.ts';
import { fittingRoutes } from './route-rules.ts';

/** A policy is run again at most so often. */
export const ESCALATION_REPEATS_MAX = 9;

/** The policy of an alert at the moment it is told, copied so that a later config changes nothing in it. */
export function beginEscalation(
  alert: Alert,
  settings: Pick<AlertSettings, 'routes' | 'escalations'>,
  nowMs: number,
): EscalationState | undefined {
  const route = fittingRoutes(alert, settings.routes).find((fits) => fits.escalation !== undefined);
  const policyId = route?.escalation;
  const policy = policyId === undefined ? undefined : settings.escalations[policyId];
  const first = policy?.steps[0];
  if (policyId === undefined || policy === undefined || first === undefined) return undefined;
  const repeat = Math.min(Math.max(policy.repeat ?? 0, 0), ESCALATION_REPEATS_MAX);
  return { policyId, steps: policy.steps, repeat, nextStep: 0, round: 0, nextAtMs: nowMs + first.afterMs };
}

/** The same policy from its beginning: after a graver level, or when an acknowledgement has ended. */
export function restartEscalation(state: EscalationState, nowMs: number): EscalationState {
  const first = state.steps[0];
  const { nextAtMs: _, ...rest } = state;
  return {
    ...rest,
    nextStep: 0,
    round: 0,
    ...(first === undefined ? {} : { nextAtMs: nowMs + first.afterMs }),
  };
}

/** The same step, with its whole time from now on if it is due already: nobody was told while it was waited for. */
export function resumeEscalation(state: EscalationState, nowMs: number): EscalationState {
  if (state.nextAtMs === undefined || state.nextAtMs > nowMs) return state;
  return { ...state, nextAtMs: nowMs + (state.steps[state.nextStep]?.afterMs ?? 0) };
}

/** What is due now, and what comes after it. */
export interface EscalationTurn {
  /** Absent when the step is not meant for this level. */
  readonly step?: EscalationStep;
  readonly state: EscalationState;
}

/** Takes the step that is due. The time of the next one counts from now: steps missed while the engine was off do not pile up. */
export function takeStep(alert: Alert, state: EscalationState, nowMs: number): EscalationTurn {
  const step = state.steps[state.nextStep];
  const next = advance(state, nowMs);
  if (step === undefined) return { state: next };
  const meant = step.minLevel === undefined || rankOf(alert.level) >= rankOf(step.minLevel);
  return meant ? { step, state: next } : { state: dueAt(next, nowMs) };
}

/** The next step at once: nobody could be reached by the last one. */
export function dueAt(state: EscalationState, nowMs: number): EscalationState {
  return state.nextAtMs === undefined ? state : { ...state, nextAtMs: nowMs };
}

function advance(state: EscalationState, nowMs: number): EscalationState {
  const { nextAtMs: _, ...rest } = state;
  const last = state.nextStep + 1 >= state.steps.length;
  if (last && state.round >= state.repeat) return { ...rest, nextStep: state.steps.length };
  const nextStep = last ? 0 : state.nextStep + 1;
  const following = state.steps[nextStep];
  const round = last ? state.round + 1 : state.round;
  return { ...rest, nextStep, round, nextAtMs: nowMs + (following?.afterMs ?? 0) };
}

import type { CheckStatus } from '@qts-ops/core/plugin';

/** Bounds of one number; each may be absent. */
export interface Limits {
  readonly warnAbove?: number | undefined;
  readonly failAbove?: number | undefined;
  readonly warnBelow?: number | undefined;
  readonly failBelow?: number | undefined;
}

/** How a number stands against its limits; a number on a limit is still allowed. */
export function judge(value: number, limits: Limits): Extract<CheckStatus, 'pass' | 'warn' | 'fail'> {
  const { warnAbove, failAbove, warnBelow, failBelow } = limits;
  if ((failAbove !== undefined && value > failAbove) || (failBelow !== undefined && value < failBelow)) {
    return 'fail';
  }
  if ((warnAbove !== undefined && value > warnAbove) || (warnBelow !== undefined && value < warnBelow)) {
    return 'warn';
  }
  return 'pass';
}

/** What is allowed, as messages say it: `allowed up to 90 %`; empty when nothing is bounded. */
export function allowedText(limits: Limits, shown: (value: number) => string): string {
  const upper = limits.failAbove ?? limits.warnAbove;
  const lower = limits.failBelow ?? limits.warnBelow;
  if (upper !== undefined && lower !== undefined) return `allowed ${shown(lower)} to ${shown(upper)}`;
  if (upper !== undefined) return `allowed up to ${shown(upper)}`;
  return lower === undefined ? '' : `allowed from ${shown(lower)}`;
}

const GRAVITY: readonly CheckStatus[] = ['pass', 'warn', 'unknown', 'fail'];

/** The gravest of several states: what fails outweighs what could not be seen, that outweighs a warning. */
export function gravest(states: readonly CheckStatus[]): CheckStatus {
  return states.reduce<CheckStatus>(
    (worst, state) => (GRAVITY.indexOf(state) > GRAVITY.indexOf(worst) ? state : worst),
    'pass',
  );
}

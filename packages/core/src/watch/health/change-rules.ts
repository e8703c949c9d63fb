import { formatExactDuration } from '../../kernel/duration.ts';
import { type CheckLook, type CheckState, MESSAGE_MAX_CHARACTERS, type MeasuredAt } from './check-state.ts';

/**
 * What thresholds are held against. With `changePerMs` that is how much the value changes in so many ms since the last
 * look that needed no confirmation: looks that confirm a bad one, seconds later, are compared with the same one. Absent
 * when the look measured nothing, or when there is nothing yet to compare with.
 */
export function judgedValue(
  before: CheckState,
  look: CheckLook,
  changePerMs: number | undefined,
): number | undefined {
  if (look.value === undefined || changePerMs === undefined) return look.value;
  const from = changeFrom(before, look);
  return from && ((look.value - from.value) / (look.atMs - from.atMs)) * changePerMs;
}

/** The look with what its change was, for whoever reads why it is bad. */
export function withChange(look: CheckLook, change: number, changePerMs: number): CheckLook {
  const amount = `${change > 0 ? '+' : ''}${Number(change.toPrecision(3))}${look.unit === undefined ? '' : ` ${look.unit}`}`;
  const text = `changes by ${amount} in ${formatExactDuration(changePerMs)}`;
  const line = Array.from(look.message === '' ? text : `${text}: ${look.message}`);
  return { ...look, message: line.slice(0, MESSAGE_MAX_CHARACTERS).join('') };
}

/** Where the next change is counted from: this look, unless it measured nothing or is still being confirmed. */
export function nextChangeFrom(
  before: CheckState,
  look: CheckLook,
  isConfirming: boolean,
): MeasuredAt | undefined {
  const from = changeFrom(before, look);
  return isConfirming ? (from ?? measuredAt(look)) : (measuredAt(look) ?? from);
}

/** A clock that was set back leaves nothing to compare with. */
function changeFrom({ changeFrom: known, last }: CheckState, { atMs }: CheckLook): MeasuredAt | undefined {
  const from = known ?? measuredAt(last);
  return from !== undefined && from.atMs < atMs ? from : undefined;
}

function measuredAt(look: CheckLook | undefined): MeasuredAt | undefined {
  return look?.value === undefined ? undefined : { value: look.value, atMs: look.atMs };
}

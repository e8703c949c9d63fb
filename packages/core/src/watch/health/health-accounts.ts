import { type Availability, availabilityOf, type TimeRange } from './availability-rules.ts';
import type { CheckState } from './check-state.ts';
import type { HealthStore } from './health-store.ts';
import { grow } from './span-rules.ts';

/** Which accounts are asked for. */
export interface AccountsQuestion {
  readonly id: string;
  readonly range: TimeRange;
  /** The state as it is known now, whose last stretch may reach further than the record. */
  readonly state: CheckState | undefined;
  readonly nowMs: number;
}

/** Accounts of a check over a range, weighted by time. */
export async function readAvailability(
  store: Pick<HealthStore, 'readCheckSpans' | 'readCheckDays'>,
  { id, range, state, nowMs }: AccountsQuestion,
): Promise<Availability> {
  const spans = await store.readCheckSpans(id, range.fromMs, range.toMs);
  const days = await store.readCheckDays(id, range.fromMs, range.toMs);
  if (state?.span === undefined) return availabilityOf(range, spans, days);
  const current = grow(state.span, nowMs, state.staleAfterMs);
  const others = spans.filter(({ fromMs }) => fromMs !== current.fromMs);
  return availabilityOf(range, [...others, current], days);
}

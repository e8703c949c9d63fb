import { buildCalendar } from '../src/run/calendars/build-calendar.ts';
import { parseWindow } from '../src/run/calendars/session-terms.ts';
import type { Schedule, SessionFilter } from '../src/run/scheduler/schedule.ts';
import type { TargetDefinition } from '../src/run/targets/target.ts';
import {
  DEFAULT_POLICIES,
  type OverlapPolicy,
  type RetryPolicy,
  type TargetPolicies,
} from '../src/run/targets/target-policies.ts';
import { VIRTUAL_START_MS } from '../src/testing/virtual-clock.ts';
import type { SeededRandom } from './seeded-random.ts';

const HOUR_MS = 3_600_000;
const SESSION_EVERY_MS = 40_000;

/** Pools of a script, with their limits; `free` has none. */
export const SCRIPT_POOLS: Readonly<Record<string, number>> = { narrow: 1, wide: 2 };

/** Open for 20 s, closed for 20 s, so that a short script sees many openings. */
const sessions: SessionFilter = {
  calendar: buildCalendar({
    id: 'SHORT',
    name: { en: 'short', ko: 'short' },
    timeZone: 'UTC',
    weekdays: [0, 1, 2, 3, 4, 5, 6],
    sessions: Array.from({ length: (24 * HOUR_MS) / SESSION_EVERY_MS }, (_, index) => {
      const openMs = VIRTUAL_START_MS - 12 * HOUR_MS + index * SESSION_EVERY_MS;
      const date = new Date(Date.UTC(2020, 0, 1 + index)).toISOString().slice(0, 10);
      return { date, openMs, closeMs: openMs + 20_000, kind: 'regular' as const };
    }),
    closedDays: [],
  }),
  window: parseWindow('open..close'),
};

/** The same schedule, now and then with a trading calendar. */
export function filtered(schedule: Schedule, random: SeededRandom): Schedule {
  const passes = schedule.kind === 'anchor' || (schedule.kind === 'interval' && schedule.mode === 'delay');
  return passes || !random.chance(0.25) ? schedule : { ...schedule, sessions };
}

/** Everything a target may say about its runs, except after whom it comes. */
export function scriptPolicies(random: SeededRandom): TargetPolicies {
  return {
    ...DEFAULT_POLICIES,
    overlap: random.pick<OverlapPolicy>([
      { kind: 'skip' },
      { kind: 'skip' },
      { kind: 'queue-one' },
      { kind: 'queue', max: 3 },
      { kind: 'cancel-running' },
      { kind: 'allow', maxConcurrent: 3 },
    ]),
    retry: random.pick<RetryPolicy>([
      DEFAULT_POLICIES.retry,
      { ...DEFAULT_POLICIES.retry, maxAttempts: 2, backoffMs: 500 },
      { ...DEFAULT_POLICIES.retry, maxAttempts: 3, backoffMs: 4000, categories: ['BAT'] },
    ]),
    missed: random.pick<TargetPolicies['missed']>([
      { kind: 'skip' },
      { kind: 'latest' },
      { kind: 'all', maxCatchUp: 3, windowMs: 8000 },
    ]),
    pool: random.pick(['free', 'free', 'narrow', 'wide']),
    priority: random.whole(0, 9),
    jitterMs: random.pick([0, 0, 0, 300, 2500]),
  };
}

/** Adds targets that come after others: alone, in chains, and after two that share their slots. */
export function withDependents(
  targets: readonly TargetDefinition[],
  random: SeededRandom,
): readonly TargetDefinition[] {
  const all = [...targets];
  const twinOf = new Map<string, string>();
  for (let index = random.whole(0, 4); index > 0; index--) {
    const parent = all[random.whole(0, all.length - 1)];
    if (parent === undefined || (parent.schedule === undefined && parent.policies.dependency === undefined))
      continue;
    const template = targets[random.whole(1, targets.length - 1)];
    if (template === undefined) continue;
    const { schedule: _schedule, ...child } = template;
    const { schedule } = parent;
    const after = [parent.id];
    if (schedule !== undefined && canBeShared(schedule) && random.chance(0.5)) {
      const twin = twinOf.get(parent.id) ?? `${parent.id}-twin`;
      if (!twinOf.has(parent.id)) all.push({ ...template, id: twin, schedule });
      twinOf.set(parent.id, twin);
      after.push(twin);
    }
    const on = random.pick(['success', 'all-done', 'any-failed'] as const);
    const policies = { ...child.policies, dependency: { after, on } };
    all.push({ ...child, id: `after${all.length}`, policies });
  }
  return all;
}

/** Runs that follow each other at a distance have no instants in common with anybody. */
function canBeShared(schedule: Schedule): boolean {
  return schedule.kind !== 'interval' || schedule.mode === 'rate';
}

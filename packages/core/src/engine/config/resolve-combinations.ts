import { formatExactDuration } from '../../kernel/duration.ts';
import { upcomingSlots } from '../../run/scheduler/next-slot.ts';
import { describeSchedule, type Schedule, sessionsOf } from '../../run/scheduler/schedule.ts';
import { nextOpenSlot } from '../../run/scheduler/session-slots.ts';
import type { TargetPolicies } from '../../run/targets/target-policies.ts';
import type { ConfigPlace } from './config-place.ts';
import type { RawObject } from './read-fields.ts';

/** A target as it was written, and where. */
interface Written {
  readonly value: RawObject;
  readonly place: ConfigPlace;
  readonly nowMs: number;
}

/** Where the slots of a target come from. */
type Slots = 'fixed' | 'delay' | 'moment' | 'demand' | 'parents';

/** A setting that does nothing for some kind of slots. */
interface Idle {
  readonly key: string;
  readonly slots: readonly Slots[];
  readonly because: string;
  readonly remedy: string;
  /** Whether the setting asks for something at all; default: whenever it is written. */
  readonly asks?: (policies: TargetPolicies) => boolean;
}

const noSlots = 'the target has no slots of its own';
const asksMissed = ({ missed }: TargetPolicies) => missed.kind !== 'skip';
const asksBeyondOne = ({ overlap }: TargetPolicies) => !['skip', 'queue-one'].includes(overlap.kind);
const asksToWait = ({ overlap }: TargetPolicies) => !['skip', 'allow'].includes(overlap.kind);

const idle: readonly Idle[] = [
  ...['calendar', 'window'].flatMap((key): Idle[] => [
    {
      key,
      slots: ['moment'],
      because: "a moment of a session ('at') names its own calendar",
      remedy: "remove it; the calendar stands beside 'at'",
    },
    { key, slots: ['demand'], because: noSlots, remedy: 'remove it' },
    {
      key,
      slots: ['parents'],
      because: 'a target that follows others runs at their slots',
      remedy: "remove it; write it where the schedule is, at the targets of 'after'",
    },
  ]),
  { key: 'missed', slots: ['demand', 'parents'], because: noSlots, remedy: 'remove it', asks: asksMissed },
  {
    key: 'missed',
    slots: ['delay'],
    because: "with mode 'delay' only one slot waits, and it is run however late it is",
    remedy: "remove it, or write mode: 'rate'",
    asks: asksMissed,
  },
  {
    key: 'overlap',
    slots: ['delay'],
    because: "with mode 'delay' no slot comes during a run of its own, and at most one during a run by hand",
    remedy: "remove it, write 'queue-one' for the slot during a run by hand, or mode: 'rate'",
    asks: asksBeyondOne,
  },
  { key: 'overlap', slots: ['demand'], because: noSlots, remedy: 'remove it', asks: asksToWait },
  {
    key: 'retry',
    slots: ['demand'],
    because: 'only runs of slots are tried again; a run by hand is judged by whoever asked for it',
    remedy: 'remove it',
    asks: ({ retry }) => retry.maxAttempts > 1,
  },
  { key: 'jitter', slots: ['demand'], because: noSlots, remedy: 'remove it' },
  {
    key: 'jitter',
    slots: ['parents'],
    because: 'a target that follows others starts when they have ended',
    remedy: "remove it; write it at the targets of 'after'",
  },
];

/** What is known of a target once its parts have been read. */
export interface TargetParts {
  /** Absent for a target on demand, and for one that follows others. */
  readonly schedule?: Schedule | undefined;
  readonly policies: TargetPolicies;
  readonly graceMs: number;
}

/** Reports settings of one target that do nothing together, and schedules that never run. */
export function reportCombinations(parts: TargetParts, written: Written): void {
  const slots = slotsOf(parts);
  for (const { key, slots: kinds, because, remedy, asks } of idle) {
    const value = written.value[key];
    if (value === undefined || !kinds.includes(slots) || asks?.(parts.policies) === false) continue;
    const message = `'${key}' has no effect: ${because}`;
    written.place.child(key).report({ value, message, allowed: `no '${key}' here`, remedy });
  }
  const { schedule } = parts;
  if (schedule === undefined) return;
  reportLongJitter(parts.policies.jitterMs, schedule, written);
  reportShortCatchUp(parts, written);
  reportNeverOpen(schedule, written);
}

function slotsOf({ schedule, policies }: TargetParts): Slots {
  if (policies.dependency !== undefined) return 'parents';
  if (schedule === undefined) return 'demand';
  if (schedule.kind === 'anchor') return 'moment';
  return schedule.kind === 'interval' && schedule.mode === 'delay' ? 'delay' : 'fixed';
}

/** So many slots of an expression are looked at for the shortest distance of two. */
const lookedAtSlots = 100;

function reportLongJitter(jitterMs: number, schedule: Schedule, { value, place, nowMs }: Written): void {
  if (jitterMs === 0) return;
  const shortestMs = shortestDistance(schedule, nowMs);
  if (jitterMs < shortestMs) return;
  place.child('jitter').report({
    value: value['jitter'],
    message: `${formatExactDuration(jitterMs)} is not less than the distance of two slots (${formatExactDuration(shortestMs)})`,
    allowed: `less than ${formatExactDuration(shortestMs)}`,
    remedy: "shorten the jitter, or use 'spread' or 'phase' for a shift that stays the same",
  });
}

function shortestDistance(schedule: Schedule, nowMs: number): number {
  if (schedule.kind === 'interval') return schedule.everyMs;
  const slots = upcomingSlots(schedule, nowMs, lookedAtSlots);
  return Math.min(...slots.slice(1).map((slotMs, index) => slotMs - (slots[index] ?? slotMs)));
}

function reportShortCatchUp({ policies: { missed }, graceMs }: TargetParts, { value, place }: Written): void {
  if (missed.kind !== 'all' || missed.windowMs > graceMs) return;
  const grace = formatExactDuration(graceMs);
  place.child('missed').report({
    value: value['missed'],
    message: `the window of ${formatExactDuration(missed.windowMs)} is not longer than the grace of ${grace}, within which late slots run anyway`,
    allowed: `a window longer than ${grace}`,
    remedy: "lengthen the window, or shorten 'grace'",
  });
}

/** A schedule and a window that never meet. That the data end soon has its own warning. */
function reportNeverOpen(schedule: Schedule, { value, place, nowMs }: Written): void {
  const sessions = sessionsOf(schedule);
  const firstMs = sessions?.calendar.sessions[0]?.openMs;
  if (sessions === undefined || firstMs === undefined) return;
  const dayMs = 86_400_000;
  const meets = [nowMs, firstMs - 2 * dayMs].some((ms) => nextOpenSlot(schedule, ms) !== undefined);
  if (meets) return;
  const key = value['window'] === undefined ? 'calendar' : 'window';
  place.child(key).report({
    value: value[key],
    message: `'${describeSchedule(schedule)}' never runs: no slot falls into a session from ${sessions.calendar.firstDate} to ${sessions.calendar.lastDate}`,
    allowed: 'a schedule with slots inside the sessions',
    remedy: `widen the window or change the schedule; hours are meant in ${sessions.calendar.timeZone}`,
  });
}

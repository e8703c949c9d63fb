import { nextSlot } from '../../run/scheduler/next-slot.ts';
import type { OpsConfig } from '../config/ops-config.ts';
import type { SourceAct } from './keep-request.ts';

/** So many slots of a schedule are looked at: a week of days with its weekend. */
const SLOTS_MAX = 8;

/**
 * How far apart runs of an act are by plan, ms: the longest of the next distances of the target that runs it most
 * seldom, for that one may have been the last. Undefined when nothing runs it by a schedule.
 */
export function plannedPeriodMs(
  { targets }: Pick<OpsConfig, 'targets'>,
  act: SourceAct,
  nowMs: number,
): number | undefined {
  const periods = targets.flatMap(({ work, schedule }) => {
    if (work.kind !== 'keep' || work.act !== act || schedule === undefined) return [];
    if (schedule.kind === 'interval') return [schedule.everyMs];
    const gaps: number[] = [];
    let at = nextSlot(schedule, nowMs);
    for (let count = 0; count < SLOTS_MAX && at !== undefined; count++) {
      const after = nextSlot(schedule, at);
      if (after !== undefined) gaps.push(after - at);
      at = after;
    }
    return gaps.length === 0 ? [] : [Math.max(...gaps)];
  });
  return periods.length === 0 ? undefined : Math.max(...periods);
}

import type { TargetDefinition } from '../targets/target.ts';
import type { Dependency } from '../targets/target-policies.ts';
import { describeSchedule } from './schedule.ts';

const conditions: Readonly<Record<Dependency['on'], string>> = {
  success: '',
  'all-done': ' (all done)',
  'any-failed': ' (any failed)',
};

/** When a target runs, short, for a table: its schedule, `after a, b`, or `on demand`. */
export function describeWhen(definition: TargetDefinition): string {
  const { dependency } = definition.policies;
  if (dependency !== undefined) {
    const { after, on, sameDayIn } = dependency;
    const days = sameDayIn === undefined ? '' : ` on the same day (${sameDayIn})`;
    return `after ${after.join(', ')}${days}${conditions[on]}`;
  }
  return definition.schedule === undefined ? 'on demand' : describeSchedule(definition.schedule);
}

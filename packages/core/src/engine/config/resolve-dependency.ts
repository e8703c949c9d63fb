import { isValidZone } from '../../kernel/time/zone.ts';
import type { Dependency } from '../../run/targets/target-policies.ts';
import type { ConfigPlace } from './config-place.ts';
import { isRawObject, type RawObject } from './read-fields.ts';

/** Most targets that one target waits for. */
export const maxParents = 50;

const allowed = `the id of a target, or a list of 1 to ${maxParents} ids, each once`;

/** What a target says about others that come before it; absent when it says nothing. */
export type ReadDependency = { readonly ok: true; readonly dependency?: Dependency } | { readonly ok: false };

/** What was read besides `after` itself. */
interface DependencyContext {
  /** What `afterOn` was read as; absent when it was not written or was reported. */
  readonly on: Dependency['on'] | undefined;
  /** Zone of the config. */
  readonly timeZone: string;
}

/**
 * Reads `after`, `afterOn` and `afterBy`. Whether the ids exist and what they share is decided when all targets are known.
 */
export function readDependency(
  value: RawObject,
  place: ConfigPlace,
  { on, timeZone }: DependencyContext,
): ReadDependency {
  if (value['after'] === undefined) {
    for (const key of ['afterOn', 'afterBy']) {
      if (value[key] !== undefined) reportLonelyCondition(value[key], place.child(key), key);
    }
    return { ok: true };
  }
  const after = parentsOf(value['after']);
  if (after === undefined) reportParents(value['after'], place.child('after'));
  const isAlone = reportOwnSchedule(value, place);
  const days = readDays(value['afterBy'], place.child('afterBy'), timeZone);
  if (after === undefined || !isAlone || days === undefined) return { ok: false };
  return { ok: true, dependency: { after, on: on ?? 'success', ...days } };
}

/** What `afterBy` says; undefined after a report. */
function readDays(
  value: unknown,
  place: ConfigPlace,
  timeZone: string,
): Pick<Dependency, 'sameDayIn'> | undefined {
  if (value === undefined || value === 'slot') return {};
  if (value === 'date') return { sameDayIn: timeZone };
  const isObject = isRawObject(value) && Object.keys(value).length === 1;
  const zone = isObject ? value['date'] : undefined;
  if (typeof zone === 'string' && isValidZone(zone)) return { sameDayIn: zone };
  place.report({
    value,
    message: `${place.show(value)} does not say which runs belong together`,
    allowed: "'slot', 'date', or { date: ZONE } with an IANA name such as 'Asia/Seoul'",
    remedy: "write afterBy: 'date' for runs of the same calendar day; leave it out for runs of the same slot",
  });
  return undefined;
}

/** The ids that `after` names; undefined when it is neither an id nor a list of ids. */
export function parentsOf(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const ids = list.flatMap((id) => (typeof id === 'string' && id !== '' ? [id] : []));
  const isList = ids.length === list.length && ids.length > 0 && ids.length <= maxParents;
  return isList && new Set(ids).size === ids.length ? ids : undefined;
}

function reportParents(value: unknown, place: ConfigPlace): void {
  place.report({
    value,
    message: `${place.show(value)} does not name the targets that come first`,
    allowed,
    remedy: "write for example after: 'prices' or after: ['prices', 'rates']",
  });
}

function reportOwnSchedule(value: RawObject, place: ConfigPlace): boolean {
  const written = ['on', 'intervalMs'].find((key) => value[key] !== undefined);
  if (written === undefined) return true;
  place.child('after').report({
    value: value['after'],
    message: `'after' and '${written}' exclude each other: a target that follows others runs at their slots`,
    allowed: 'one of the two',
    remedy: `remove '${written}', or remove 'after'`,
  });
  return false;
}

function reportLonelyCondition(value: unknown, place: ConfigPlace, key: string): void {
  place.report({
    value,
    message: `'${key}' has no effect without 'after'`,
    allowed: `'${key}' beside 'after'`,
    remedy: `name the targets that come first in 'after', or remove '${key}'`,
  });
}

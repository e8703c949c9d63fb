import type { z } from 'zod';
import { formatExactDuration } from '../../kernel/duration.ts';
import type { Schedule } from '../../run/scheduler/schedule.ts';
import type { ErrorPolicy, TargetDefinition } from '../../run/targets/target.ts';
import { DEFAULT_POLICIES, type TargetPolicies } from '../../run/targets/target-policies.ts';
import type { ConfigPlace } from './config-place.ts';
import { targetSchema } from './config-schema.ts';
import { defaultFailWhen } from './define-config.ts';
import { isRawObject, type RawObject, readFields } from './read-fields.ts';
import { reportAbove, reportDoubled } from './report-conflict.ts';
import { reportCombinations } from './resolve-combinations.ts';
import { type ReadDependency, readDependency } from './resolve-dependency.ts';
import { readMissed, readOverlap, readRetry } from './resolve-policies.ts';
import { intervalOf, type ReadSchedule, readSchedule } from './resolve-schedule.ts';
import type { ResolveScope } from './resolve-scope.ts';
import { type ReadSessions, readSessions } from './resolve-sessions.ts';
import { readWork } from './resolve-work.ts';

type TargetFields = Partial<z.output<typeof targetSchema>>;

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** Checks one target and fills in its defaults; undefined when a part of it was reported. */
export function resolveTarget(
  value: unknown,
  place: ConfigPlace,
  scope: ResolveScope,
): TargetDefinition | undefined {
  if (!isRawObject(value)) {
    place.report({
      value,
      message: `${place.show(value)} is not a target`,
      allowed: "an object with at least 'id', 'on' and 'run'",
      remedy: "write { id: 'prices', on: { every: '1s' }, run: … }",
    });
    return undefined;
  }
  const fields = readFields(targetSchema, value, place);
  const waits = readDependency(value, place, { on: fields.afterOn, timeZone: scope.timeZone });
  const slots = waits.ok ? readSlots(value, place, { fields, scope, waits }) : undefined;
  const filter = readSessions(value, place, scope);
  const work = readWork(value['run'], place.child('run'), scope);
  reportDoubledBackoff(value, place);
  const intervalMs = slots === undefined ? undefined : intervalMsOf(slots.schedule);
  const tooFast =
    intervalMs !== undefined && intervalMs < secondMs && work !== undefined && work.kind !== 'function';
  if (tooFast) reportTooFast(value, place, intervalMs);
  const errors = errorPolicy(fields, place, intervalMs);
  const policies = { ...readPolicies(value, place, fields), ...dependencyOf(waits) };
  const graceMs = fields.grace ?? minuteMs;
  const schedule = filtered(slots?.schedule, filter);
  if (slots !== undefined) {
    reportCombinations({ schedule, policies, graceMs }, { value, place, nowMs: scope.nowMs });
  }
  if (fields.id === undefined || slots === undefined || !filter.ok || work === undefined) return undefined;
  return {
    id: fields.id,
    ...(fields.title === undefined ? {} : { title: fields.title }),
    work,
    ...(schedule === undefined ? {} : { schedule }),
    timeoutMs: fields.timeout ?? defaultTimeoutMs(intervalMs),
    stopGraceMs: fields.stopGrace ?? 10 * secondMs,
    graceMs,
    errors,
    policies,
    failWhen: fields.failWhen ?? defaultFailWhen,
  };
}

interface SlotContext {
  readonly fields: TargetFields;
  readonly scope: ResolveScope;
  readonly waits: ReadDependency;
}

/** A schedule with the sessions that take slots away; a moment of a session has its own calendar. */
function filtered(schedule: Schedule | undefined, filter: ReadSessions): Schedule | undefined {
  if (schedule === undefined || schedule.kind === 'anchor') return schedule;
  return filter.ok && filter.sessions !== undefined ? { ...schedule, sessions: filter.sessions } : schedule;
}

function dependencyOf(waits: ReadDependency): Pick<TargetPolicies, 'dependency'> {
  return waits.ok && waits.dependency !== undefined ? { dependency: waits.dependency } : {};
}

/** When the target is due, before a calendar takes slots away. */
function readSlots(
  value: RawObject,
  place: ConfigPlace,
  { fields, scope, waits }: SlotContext,
): ReadSchedule | undefined {
  if (waits.ok && waits.dependency !== undefined) return {};
  if (value['intervalMs'] === undefined) {
    return readSchedule(value['on'], place.child('on'), { scope, targetId: fields.id ?? '' });
  }
  if (value['on'] !== undefined) {
    reportDoubled(place.child('intervalMs'), value['intervalMs'], "'on' and 'intervalMs' exclude each other");
    return undefined;
  }
  return fields.intervalMs === undefined ? undefined : { schedule: intervalOf(fields.intervalMs) };
}

/** Everything but the dependency; a policy that was reported is the default one. */
function readPolicies(value: RawObject, place: ConfigPlace, fields: TargetFields): TargetPolicies {
  const { missed, overlap, retry } = value;
  return {
    missed:
      (missed === undefined ? undefined : readMissed(missed, place.child('missed'))) ??
      DEFAULT_POLICIES.missed,
    overlap:
      (overlap === undefined ? undefined : readOverlap(overlap, place.child('overlap'))) ??
      DEFAULT_POLICIES.overlap,
    retry:
      (retry === undefined ? undefined : readRetry(retry, place.child('retry'))) ?? DEFAULT_POLICIES.retry,
    pool: fields.pool ?? DEFAULT_POLICIES.pool,
    priority: fields.priority ?? DEFAULT_POLICIES.priority,
    jitterMs: fields.jitter ?? DEFAULT_POLICIES.jitterMs,
  };
}

function reportDoubledBackoff(value: RawObject, place: ConfigPlace): void {
  if (value['errorBackoff'] === undefined || value['errorBackoffMs'] === undefined) return;
  const message = "'errorBackoff' and 'errorBackoffMs' exclude each other";
  reportDoubled(place.child('errorBackoffMs'), value['errorBackoffMs'], message);
}

function reportTooFast(value: RawObject, place: ConfigPlace, intervalMs: number): void {
  const at = value['intervalMs'] === undefined ? place.child('on').child('every') : place.child('intervalMs');
  at.report({
    value: intervalMs,
    message: `${formatExactDuration(intervalMs)} is too short for work outside the engine's process`,
    allowed: '1 s or more for exec, isolated and http; 100 ms or more for functions',
    remedy: 'lengthen the interval, or let one long-running program or service repeat its work itself',
  });
}

function intervalMsOf(schedule: Schedule | undefined): number | undefined {
  return schedule?.kind === 'interval' ? schedule.everyMs : undefined;
}

function defaultTimeoutMs(intervalMs: number | undefined): number {
  return intervalMs === undefined ? hourMs : Math.min(Math.max(10 * intervalMs, 30 * secondMs), hourMs);
}

/** A default never contradicts a limit that was written: it gives way to it. */
function errorPolicy(fields: TargetFields, place: ConfigPlace, intervalMs: number | undefined): ErrorPolicy {
  const writtenBackoffMs = fields.errorBackoff ?? fields.errorBackoffMs;
  reportAbove(place.child('maxBackoff'), {
    least: writtenBackoffMs,
    most: fields.maxBackoff,
    name: 'errorBackoff',
  });
  reportAbove(place.child('maxCooldown'), {
    least: fields.cooldown,
    most: fields.maxCooldown,
    name: 'cooldown',
  });
  const errorBackoffMs = writtenBackoffMs ?? Math.min(5 * secondMs, fields.maxBackoff ?? hourMs);
  const restMs = Math.max(10 * (intervalMs ?? 0), 5 * minuteMs);
  const cooldownMs = fields.cooldown ?? Math.min(restMs, fields.maxCooldown ?? restMs);
  return {
    errorBackoffMs,
    backoffFactor: fields.backoffFactor ?? 1,
    maxBackoffMs: fields.maxBackoff ?? Math.max(hourMs, errorBackoffMs),
    maxConsecutiveErrors: fields.maxConsecutiveErrors ?? 3,
    cooldownMs,
    maxCooldownMs: fields.maxCooldown ?? Math.max(hourMs, cooldownMs),
    recovery: fields.recovery ?? 'auto',
  };
}

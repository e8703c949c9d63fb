import type { z } from 'zod';
import { formatExactDuration } from '../../kernel/duration.ts';
import type { Schedule } from '../../run/scheduler/schedule.ts';
import type { ErrorPolicy, TargetDefinition } from '../../run/targets/target.ts';
import { DEFAULT_POLICIES } from '../../run/targets/target-policies.ts';
import type { ConfigPlace } from './config-place.ts';
import { targetSchema } from './config-schema.ts';
import { defaultFailWhen } from './define-config.ts';
import { isRawObject, type RawObject, readFields } from './read-fields.ts';
import { intervalOf, type ReadSchedule, readSchedule } from './resolve-schedule.ts';
import type { ResolveScope } from './resolve-scope.ts';
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
  const read = readWhen(value, place, { fields, scope });
  const work = readWork(value['run'], place.child('run'), scope);
  reportDoubledBackoff(value, place);
  const intervalMs = read === undefined ? undefined : intervalMsOf(read.schedule);
  const tooFast =
    intervalMs !== undefined && intervalMs < secondMs && work !== undefined && work.kind !== 'function';
  if (tooFast) reportTooFast(value, place, intervalMs);
  const errors = errorPolicy(fields, place, intervalMs);
  if (fields.id === undefined || read === undefined || work === undefined) return undefined;
  return {
    id: fields.id,
    ...(fields.title === undefined ? {} : { title: fields.title }),
    work,
    ...(read.schedule === undefined ? {} : { schedule: read.schedule }),
    timeoutMs: fields.timeout ?? defaultTimeoutMs(intervalMs),
    stopGraceMs: fields.stopGrace ?? 10 * secondMs,
    graceMs: fields.grace ?? minuteMs,
    errors,
    policies: DEFAULT_POLICIES,
    failWhen: fields.failWhen ?? defaultFailWhen,
  };
}

function readWhen(
  value: RawObject,
  place: ConfigPlace,
  { fields, scope }: { readonly fields: TargetFields; readonly scope: ResolveScope },
): ReadSchedule | undefined {
  if (value['intervalMs'] === undefined) {
    return readSchedule(value['on'], place.child('on'), { scope, targetId: fields.id ?? '' });
  }
  if (value['on'] !== undefined) {
    reportDoubled(place.child('intervalMs'), value['intervalMs'], "'on' and 'intervalMs' exclude each other");
    return undefined;
  }
  return fields.intervalMs === undefined ? undefined : { schedule: intervalOf(fields.intervalMs) };
}

function reportDoubledBackoff(value: RawObject, place: ConfigPlace): void {
  if (value['errorBackoff'] === undefined || value['errorBackoffMs'] === undefined) return;
  const message = "'errorBackoff' and 'errorBackoffMs' exclude each other";
  reportDoubled(place.child('errorBackoffMs'), value['errorBackoffMs'], message);
}

function reportDoubled(place: ConfigPlace, value: unknown, message: string): void {
  place.report({ value, message, allowed: 'one of the two', remedy: 'remove one of them' });
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

function reportAbove(
  place: ConfigPlace,
  { least, most, name }: { least: number | undefined; most: number | undefined; name: string },
): void {
  if (least === undefined || most === undefined || least <= most) return;
  place.report({
    value: most,
    message: `${formatExactDuration(most)} is less than '${name}' (${formatExactDuration(least)})`,
    allowed: `at least '${name}'`,
    remedy: `raise the limit, or lower '${name}'`,
  });
}

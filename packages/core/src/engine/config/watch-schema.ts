import { z } from 'zod';
import { ALERT_LEVELS } from '../../ports/alert-channel.ts';
import { ALERT_TYPES } from '../../watch/alerts/alert.ts';
import { duration, field, flag, name, oneOf, wholeNumber, zone } from './schema-fields.ts';

const secondMs = 1_000;
const dayMs = 86_400_000;

const level = oneOf(ALERT_LEVELS, 'write it in capitals');
const channels = field(
  z.array(z.string().min(1).max(64)).min(1).max(50),
  'a list of ids of channels',
  "name channels of 'plugins', or 'log'",
);
const labels = field(
  z
    .record(z.string().min(1).max(64), z.string().max(200))
    .refine((entries) => Object.keys(entries).length > 0 && Object.keys(entries).length <= 20),
  "labels with their values, such as { job: 'prices', level: '!INFO' }",
  "write at least one; '*' stands for any text, a leading '!' for «must not be»",
);
const labelNames = field(
  z.array(z.string().min(1).max(64)).min(1).max(20),
  'a list of names of labels',
  "write for example ['job']",
);
const id = name('write a short name').optional();

/** `MON-FRI 09:00-18:00`: the text is read by `readHours`. */
const hours = field(
  z.string().regex(/^(\*|[A-Za-z,-]+) \d\d:\d\d-\d\d:\d\d$/),
  "weekdays and hours such as 'MON-FRI 09:00-18:00' or '* 22:00-06:00'",
  'write both; the end may lie on the next day',
);

/** An entry of `alerts.routes`. */
export const routeSchema = z.strictObject({
  id,
  level: level.optional(),
  types: field(z.array(z.enum(ALERT_TYPES)).min(1), ALERT_TYPES.join(', '), 'name at least one').optional(),
  match: labels.optional(),
  to: channels,
  continue: flag('leave it out for false').optional(),
  hours: hours.optional(),
  criticalWaits: flag('leave it out for false').optional(),
  groupBy: labelNames.optional(),
  groupWait: duration(0, dayMs, '0 to 1 day').optional(),
  groupInterval: duration(secondMs, dayMs, '1 s to 1 day').optional(),
  remindEvery: duration(10 * secondMs, 30 * dayMs, '10 s to 30 days').optional(),
  escalation: name("name an entry of 'alerts.escalations'").optional(),
});

/** A step of an escalation. */
export const stepSchema = z.strictObject({
  after: duration(secondMs, 7 * dayMs, '1 s to 7 days'),
  to: channels,
  level: level.optional(),
});

/** An entry of `alerts.escalations`; its steps are read one by one. */
export const escalationSchema = z.strictObject({
  steps: z.unknown(),
  repeat: wholeNumber(0, 9, 'leave it out for 0').optional(),
});

/** An entry of `alerts.inhibit`. */
export const inhibitionSchema = z.strictObject({
  id,
  source: labels,
  target: labels,
  equal: labelNames.optional(),
});

/** An entry of `alerts.maintenance`. */
export const windowSchema = z.strictObject({
  id,
  match: labels.optional(),
  hours: hours.optional(),
  timeZone: zone().optional(),
  from: instant().optional(),
  to: instant().optional(),
});

/** `alerts.deadMan`; its address may be a reference. */
export const deadManSchema = z.strictObject({
  url: z.unknown(),
  every: duration(30 * secondMs, 3_600_000, '30 s to 1 hour').optional(),
  paths: flag('leave it out for a service that only wants its address to be asked').optional(),
});

/** `isolation`. */
export const isolationSchema = z.strictObject({
  references: field(
    z.array(z.string().min(1).max(64)).min(1).max(20),
    'a list of 1 to 20 ids of checks over the network',
    "write for example ['dns', 'https']",
  ),
  down: wholeNumber(1, 20, 'leave it out for all of them').optional(),
});

/** `alerts`; its lists are read entry by entry. */
export const alertsSchema = z.strictObject({
  language: oneOf(['en', 'ko'], "leave it out for 'en'").optional(),
  keepHistory: duration(dayMs, 3650 * dayMs, '1 day to 3650 days').optional(),
  routes: z.unknown(),
  escalations: z.unknown(),
  inhibit: z.unknown(),
  maintenance: z.unknown(),
  deadMan: z.unknown(),
});

/** An instant with its offset, read into ms UTC. */
function instant() {
  const schema = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
  return field(
    schema,
    "a date and time with its offset, such as '2026-12-24T18:00:00+09:00'",
    'write the offset of the zone, or Z for UTC',
  );
}

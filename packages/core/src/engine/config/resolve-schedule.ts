import { createHash } from 'node:crypto';
import { nodeCronGrammar } from '../../adapters/cron-node/cron-grammar.ts';
import { formatExactDuration } from '../../kernel/duration.ts';
import { readAnchor } from '../../run/calendars/session-terms.ts';
import type { CronFieldError } from '../../run/scheduler/cron-fields.ts';
import {
  type CronSchedule,
  type IntervalSchedule,
  maxIntervalMs,
  type Schedule,
} from '../../run/scheduler/schedule.ts';
import { checkSchedule, type ScheduleProblem } from '../../run/scheduler/schedule-rules.ts';
import type { ConfigPlace } from './config-place.ts';
import { anchorSchema, cronSchema, intervalSchema } from './config-schema.ts';
import { meantDuration } from './meant-value.ts';
import { nearestWord } from './nearest-word.ts';
import { isRawObject, type RawObject, readFields, reportUnknownKeys } from './read-fields.ts';
import { takeCalendar } from './resolve-calendars.ts';
import type { ResolveScope } from './resolve-scope.ts';

/** A schedule as it was read; `schedule` is absent for a target that runs on demand. */
export interface ReadSchedule {
  readonly schedule?: Schedule;
}

const allowedSchedules =
  "{ every: '1s' }, { cron: '0 17 * * 1-5' }, { at: 'close+5m', calendar: 'XKRX' } or 'demand'";

/** What `on` says; undefined when it was reported. `targetId` decides where `spread` puts the slots. */
export function readSchedule(
  value: unknown,
  place: ConfigPlace,
  { scope, targetId }: { readonly scope: ResolveScope; readonly targetId: string },
): ReadSchedule | undefined {
  if (value === 'demand') return {};
  if (isRawObject(value)) {
    const words = ['every', 'cron', 'at'].filter((word) => value[word] !== undefined);
    if (words.length > 1) {
      place.report({
        value,
        message: `${words.map((word) => `'${word}'`).join(' and ')} exclude each other`,
        allowed: allowedSchedules,
        remedy: 'keep one of them; two schedules are two targets',
      });
      return undefined;
    }
    if (words[0] === 'every') return readInterval(value, place, targetId);
    if (words[0] === 'cron') return readCron(value, place, scope);
    if (words[0] === 'at') return readMoment(value, place, scope);
  }
  reportUnknownSchedule(value, place);
  return undefined;
}

/** The schedule of the specification's `intervalMs`. */
export function intervalOf(intervalMs: number): IntervalSchedule {
  return { kind: 'interval', everyMs: intervalMs, mode: 'rate', phaseMs: 0, runOnStart: false };
}

function readInterval(value: RawObject, place: ConfigPlace, targetId: string): ReadSchedule | undefined {
  const fields = readFields(intervalSchema, value, place);
  const { every: everyMs, mode = 'rate', phase, spread = false, runOnStart = false } = fields;
  if (spread && value['phase'] !== undefined) {
    place.child('phase').report({
      value: value['phase'],
      message: "'spread' and 'phase' exclude each other",
      allowed: 'one of the two',
      remedy: "keep 'spread' for many similar targets, 'phase' for one exact shift",
    });
  }
  if (spread && mode === 'delay') {
    place.child('spread').report({
      value: spread,
      message: "'spread' has no effect with mode 'delay': its slots follow the end of the last run",
      allowed: "spread: true with mode 'rate'",
      remedy: "remove 'spread', or write mode: 'rate'",
    });
    return undefined;
  }
  if (everyMs === undefined) return undefined;
  const phaseMs = spread ? spreadMs(targetId, everyMs) : (phase ?? 0);
  const schedule: IntervalSchedule = { kind: 'interval', everyMs, mode, phaseMs, runOnStart };
  return checked(schedule, place, 0);
}

/** A shift that is the same on every machine and differs between targets. */
function spreadMs(targetId: string, everyMs: number): number {
  const number = createHash('sha256').update(targetId, 'utf8').digest().readUIntBE(0, 6);
  return number % everyMs;
}

function readCron(value: RawObject, place: ConfigPlace, scope: ResolveScope): ReadSchedule | undefined {
  const { cron, timeZone, dayMatch, dstGap = 'run' } = readFields(cronSchema, value, place);
  if (cron === undefined) return undefined;
  const expression = place.clean(cron);
  const parsed = nodeCronGrammar.parse(expression);
  if (!parsed.ok) {
    for (const error of parsed.errors) reportCron(error, expression, place.child('cron'));
    return undefined;
  }
  // A zone or dayMatch that was already reported must not be reported again as missing.
  if (value['timeZone'] !== undefined && timeZone === undefined) return undefined;
  if (value['dayMatch'] !== undefined && dayMatch === undefined) return undefined;
  const schedule: CronSchedule = {
    kind: 'cron',
    expression,
    fields: parsed.fields,
    timeZone: timeZone ?? scope.timeZone,
    ...(dayMatch === undefined ? {} : { dayMatch }),
    dstGap,
  };
  return checked(schedule, place, scope.nowMs);
}

function readMoment(value: RawObject, place: ConfigPlace, scope: ResolveScope): ReadSchedule | undefined {
  const { at } = readFields(anchorSchema, value, place);
  const calendar = takeCalendar(value['calendar'], place.child('calendar'), scope);
  if (at === undefined) return undefined;
  const read = readAnchor(place.clean(at));
  if (!read.ok) {
    const { message, allowed, remedy } = read.problem;
    place.child('at').report({ value: at, message, allowed, remedy: cronAt(at) ?? remedy });
    return undefined;
  }
  return calendar === undefined
    ? undefined
    : checked({ kind: 'anchor', calendar, anchor: read.value }, place, scope.nowMs);
}

/** Who writes a time of day wants it every day, whatever a market does. */
function cronAt(at: string): string | undefined {
  const [, hour, minute] = /^\s*([01]?\d|2[0-3]):([0-5]\d)\s*$/.exec(at) ?? [];
  if (hour === undefined || minute === undefined) return undefined;
  return `for a time of day write { cron: '${Number(minute)} ${Number(hour)} * * *' }`;
}

function reportCron(error: CronFieldError, expression: string, place: ConfigPlace): void {
  const [message = error.message, allowed = allowedCron] = error.message.split('; allowed is ');
  place.report({
    value: expression,
    message,
    allowed,
    remedy: error.field === 'expression' ? 'correct the expression' : `correct the field ${error.field}`,
  });
}

const allowedCron =
  "'minute hour day-of-month month day-of-week', a second before them if wanted; or @hourly, @daily and their like";

function checked(schedule: Schedule, place: ConfigPlace, nowMs: number): ReadSchedule | undefined {
  const problems = checkSchedule(schedule, nowMs);
  for (const { field, value, message, allowed, remedy } of problems) {
    place.child(keyOf[field]).report({ value: unquoted(value), message, allowed, remedy });
  }
  return problems.length === 0 ? { schedule } : undefined;
}

const keyOf: Record<ScheduleProblem['field'], string> = {
  everyMs: 'every',
  phaseMs: 'phase',
  timeZone: 'timeZone',
  dayMatch: 'dayMatch',
  expression: 'cron',
  anchor: 'at',
};

function unquoted(value: string): unknown {
  return value === 'absent' ? undefined : value;
}

function reportUnknownSchedule(value: unknown, place: ConfigPlace): void {
  if (isRawObject(value) && Object.keys(value).length > 0) {
    const keys = [intervalSchema, cronSchema, anchorSchema].flatMap(({ shape }) => Object.keys(shape));
    const before = Object.keys(value).filter((key) => !keys.includes(key));
    if (before.length > 0) {
      reportUnknownKeys(value, keys, place);
      return;
    }
  }
  const words = typeof value === 'string' ? nearestWord(value, ['demand']) : undefined;
  place.report({
    value,
    message: value === undefined ? 'is missing' : `${place.show(value)} is not a schedule`,
    allowed: allowedSchedules,
    remedy: words === undefined ? remedyFor(value) : `did you mean '${words}'?`,
  });
}

function remedyFor(value: unknown): string {
  if (value === undefined)
    return "say when the target runs; 'demand' for one that only an operator starts, 'after' for one that follows others";
  if (typeof value === 'number') return `write { every: '${formatExactDuration(value).replace(' ', '')}' }`;
  if (typeof value !== 'string') return "write 'every', 'cron' or 'at' inside 'on'";
  const [, every] = /^every\s+(.+)$/i.exec(value.trim()) ?? [];
  const everyText =
    every === undefined ? meantDuration(value, 1, maxIntervalMs) : meantDuration(every, 1, maxIntervalMs);
  if (everyText !== undefined) return `write { every: '${everyText}' }`;
  if (/^(open|close)\b/.test(value)) return `write { at: '${value.slice(0, 60)}', calendar: 'XKRX' }`;
  return value.includes(' ') || value.startsWith('@')
    ? `write { cron: '${value.slice(0, 60)}' }`
    : `write { every: '1s' } or { cron: '…' }`;
}

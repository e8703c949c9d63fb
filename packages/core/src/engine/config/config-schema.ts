import { z } from 'zod';
import type { TargetFunction } from '../../ports/target.ts';
import { duration, field, flag, line, name, oneOf, path, wholeNumber, zone } from './schema-fields.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Most targets in one config. */
export const maxTargets = 10_000;

/** `on: { every: … }`. */
export const intervalSchema = z.strictObject({
  every: duration(100, 366 * dayMs, '100 ms to 366 days'),
  mode: oneOf(['rate', 'delay'], "leave it out for 'rate'").optional(),
  runOnStart: flag('leave it out for false').optional(),
  spread: flag('leave it out for false').optional(),
  phase: duration(0, 366 * dayMs, '0 to less than the interval').optional(),
});

/** `on: { cron: … }`; the expression itself is read by the cron grammar. */
export const cronSchema = z.strictObject({
  cron: field(
    z.string(),
    "five fields 'minute hour day-of-month month day-of-week', six with a leading second, or @daily and its like",
    "write the expression in quotes, such as '0 17 * * 1-5'",
  ),
  timeZone: zone().optional(),
  dayMatch: oneOf(['and', 'or'], 'write which of the two readings is meant').optional(),
  dstGap: oneOf(['run', 'skip'], "leave it out for 'run'").optional(),
});

/** `on: { at: … }`; the calendar is looked up by its name. */
export const anchorSchema = z.strictObject({
  at: field(
    z.string(),
    "'open' or 'close', alone or with + or - and a duration up to 24h: 'open-30m', 'close+1h30m'",
    "write for example 'close+5m'",
  ),
  calendar: z.unknown(),
});

/** An entry of `calendars`. */
export const calendarFileSchema = z.strictObject({
  file: field(
    path(),
    'a path, absolute or relative to the config, of a .csv, .json or .yaml file',
    "write the path of the file, such as './night.csv'",
  ),
  timeZone: zone().optional(),
});

/** The program and its arguments. */
export const commandLineSchema = field(
  z
    .tuple(
      [path()],
      z.string().refine((text) => !text.includes('\0')),
    )
    .refine((list) => list.length <= 1_000),
  'a list of texts: the program, then its arguments (at most 1,000 entries)',
  "write every argument as its own text, such as ['python', '-m', 'desk.main']; put numbers in quotes",
);

/** `run: { exec: … }`; the environment is read entry by entry, because it may refer to secrets. */
export const commandSchema = z.strictObject({
  exec: commandLineSchema,
  cwd: field(path(), 'a path, absolute or relative to the config', 'write a path').optional(),
  env: z.record(z.string(), z.unknown()).optional(),
  exitCodes: z.record(z.string(), z.unknown()).optional(),
});

/** `run: { isolated: … }`. */
export const isolatedSchema = z.strictObject({
  module: field(
    path(),
    'a path, absolute or relative to the config, or a file URL',
    "write the path of the module, such as './jobs/score.ts'",
  ),
  export: field(
    z.string().min(1).max(200),
    'the name of an exported function',
    "write the name; 'default' for the default export",
  ),
});

/** Methods a request may use. */
export const httpMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** `run: { http: … }`; what may refer to secrets is read by itself. */
export const httpSchema = z.strictObject({
  url: z.unknown(),
  method: oneOf(httpMethods, "write it in capitals; leave it out for 'GET'").optional(),
  headers: z.unknown(),
  body: z.unknown(),
  expectStatus: z.unknown(),
  maxBodyBytes: wholeNumber(0, 16 * 1024 * 1024, 'leave it out for 1048576 (1 MiB)').optional(),
  silenceTimeout: duration(100, dayMs, '100 ms to 1 day').optional(),
  socketPath: field(path(), 'a path, absolute or relative to the config', 'write a path').optional(),
});

/** The function of a TypeScript or JavaScript config. */
export const functionSchema = z.custom<TargetFunction>((value) => typeof value === 'function');

/** One target. `on` and `run` are read by their kind. */
export const targetSchema = z.strictObject({
  id: field(
    z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,49}$/),
    "1 to 50 letters, digits, '_', '-' or '.', beginning with a letter, a digit or '_'",
    "write an id such as 'prices' or 'broker_heartbeat'; in YAML put a number in quotes",
  ),
  title: line(100, 'shorten the title').optional(),
  on: z.unknown(),
  after: z.unknown(),
  afterBy: z.unknown(),
  afterOn: oneOf(['success', 'all-done', 'any-failed'], "leave it out for 'success'").optional(),
  calendar: z.unknown(),
  window: z.unknown(),
  intervalMs: wholeNumber(100, 366 * dayMs, "write milliseconds, or use on: { every: '1s' }").optional(),
  run: z.unknown(),
  timeout: duration(100, 30 * dayMs, '100 ms to 30 days').optional(),
  stopGrace: duration(0, hourMs, '0 to 1 hour').optional(),
  grace: duration(0, 7 * dayMs, '0 to 7 days').optional(),
  missed: z.unknown(),
  overlap: z.unknown(),
  retry: z.unknown(),
  pool: name("write the name of an entry of 'pools', or leave it out").optional(),
  priority: wholeNumber(0, 9, 'leave it out for 5; 9 goes first').optional(),
  jitter: duration(0, hourMs, '0 to 1 hour').optional(),
  errorBackoff: duration(0, 7 * dayMs, '0 to 7 days').optional(),
  errorBackoffMs: wholeNumber(0, 7 * dayMs, "write milliseconds, or use errorBackoff: '5s'").optional(),
  backoffFactor: field(
    z.number().min(1).max(10),
    'a number from 1 to 10',
    'leave it out for 1: no growth',
  ).optional(),
  maxBackoff: duration(0, 7 * dayMs, '0 to 7 days').optional(),
  maxConsecutiveErrors: wholeNumber(
    1,
    1_000,
    'write how many failures in a row suspend the target; 0 would suspend it before it ran, 1000 comes nearest to never',
  ).optional(),
  cooldown: duration(secondMs, 30 * dayMs, '1 s to 30 days').optional(),
  maxCooldown: duration(secondMs, 30 * dayMs, '1 s to 30 days').optional(),
  recovery: oneOf(['auto', 'manual'], "leave it out for 'auto'").optional(),
  failWhen: field(
    z.custom<(value: unknown) => boolean>((value) => typeof value === 'function'),
    'a function from the returned value to true (a failure) or false, only in a TypeScript or JavaScript config',
    "leave it out: an object whose status is 'error' or 'failed' is a failure",
  ).optional(),
});

/** The whole config, the same for TypeScript, YAML and JSON. */
export const configSchema = z.strictObject({
  instance: line(40, "write a short name for this engine, such as 'desk-1'"),
  environment: field(
    z.string().regex(/^[A-Z][A-Z0-9_-]{0,19}$/),
    "1 to 20 capital letters, digits, '_' or '-', such as 'PROD', 'PAPER' or 'LAB'",
    "write it in capitals; leave it out for 'LAB'",
  ).optional(),
  timeZone: zone().optional(),
  drain: duration(0, hourMs, '0 to 1 hour').optional(),
  historyDays: wholeNumber(1, 36_500, 'leave it out for 90').optional(),
  pools: z.unknown(),
  calendars: z.unknown(),
  backup: z.unknown(),
  retention: z.unknown(),
  plugins: z.unknown(),
  checks: z.unknown(),
  alerts: z.unknown(),
  isolation: z.unknown(),
  pings: z.unknown(),
  selfChecks: z.unknown(),
  targets: z.array(targetSchema).min(1).max(maxTargets),
});

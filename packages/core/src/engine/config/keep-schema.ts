import { z } from 'zod';
import { KEEP_ACTS } from '../../ports/target.ts';
import { duration, field, flag, name, oneOf, path, wholeNumber } from './schema-fields.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const yearMs = 366 * dayMs;

/** `run: { keep: … }`. */
export const keepWorkSchema = z.strictObject({
  keep: oneOf(KEEP_ACTS, "write one of them, such as { keep: 'backup' }"),
  sources: field(
    z.array(z.string()).min(1).max(100),
    "ids of entries of 'backup.sources'",
    'leave it out for all of them',
  ).optional(),
  full: flag('leave it out for false: a drill that reads and compares without writing').optional(),
});

/** An entry of `backup.sources` that is more than a path. */
export const backupSourceSchema = z.strictObject({
  id: name('write a short name; it is part of the name of every backup').optional(),
  path: field(path(), 'a path, absolute or relative to the config', 'write the folder to back up'),
  include: field(
    z.array(z.string().min(1).max(1_000)).min(1).max(1_000),
    "globs relative to the path, such as ['raw/**', '*.jsonl']",
    'leave it out for everything',
  ).optional(),
  realTime: flag('leave it out for false').optional(),
});

/** A size in bytes, as a number or with a unit. */
export function byteSize(minBytes: number, range: string) {
  const schema = z.union([z.number(), z.string()]).transform((value, context) => {
    const bytes = typeof value === 'number' ? value : bytesOf(value);
    if (bytes !== undefined && Number.isSafeInteger(bytes) && bytes >= minBytes) return bytes;
    context.issues.push({ code: 'custom', message: 'is not a size', input: value });
    return z.NEVER;
  });
  return field(
    schema,
    `a size from ${range}, such as '500MiB', '50GiB', or whole bytes`,
    'write a number with its unit',
  );
}

const byteUnits: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

function bytesOf(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,15}) ?([KMGT]i?B|B)$/.exec(text.trim()) ?? [];
  const factor = byteUnits[unit ?? ''];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

const count = (what: string) => wholeNumber(0, 10_000, `write how many ${what} backups stay`).optional();

/** `backup.keep`. */
export const backupKeepSchema = z.strictObject({
  last: count('newest'),
  hourly: count('hourly'),
  daily: count('daily'),
  weekly: count('weekly'),
  monthly: count('monthly'),
  yearly: count('yearly'),
  within: duration(minuteMs, 100 * yearMs, '1 minute to 100 years').optional(),
  quota: byteSize(1e6, '1MB').optional(),
});

/** `backup`; its sources are read one by one. */
export const backupSchema = z.strictObject({
  to: field(path(), 'a path, absolute or relative to the config', 'write the folder that holds the backups'),
  sources: z.unknown(),
  strategy: oneOf(['archive', 'file', 'incremental'], "leave it out for 'archive'").optional(),
  codec: oneOf(['gzip', 'zstd', 'store'], "leave it out for 'gzip'").optional(),
  level: wholeNumber(1, 19, 'leave it out for 6 (gzip) or 1 (zstd)').optional(),
  copyTo: field(
    path(),
    'a path, absolute or relative to the config',
    'write a folder on another disk',
  ).optional(),
  keep: z.unknown(),
  maxAge: duration(minuteMs, yearMs, '1 minute to 366 days').optional(),
  drillMaxAge: duration(minuteMs, yearMs, '1 minute to 366 days').optional(),
  reverifyAfter: duration(minuteMs, yearMs, '1 minute to 366 days').optional(),
  database: flag('leave it out for true').optional(),
  drillRoot: field(path(), 'a path, absolute or relative to the config', 'write an empty folder').optional(),
  reserve: byteSize(0, '0B').optional(),
});

/** An entry of `retention`. */
export const retentionRuleSchema = z.strictObject({
  match: field(
    z
      .string()
      .refine(
        (text) =>
          text.trim() !== '' &&
          text.length <= 1_000 &&
          !text.startsWith('/') &&
          !text.split('/').includes('..'),
      ),
    "a glob relative to the source, such as 'raw/**/*.jsonl'",
    "write it without a leading '/' and without '..'",
  ),
  source: name("name an entry of 'backup.sources', or leave it out").optional(),
  keepDays: wholeNumber(1, 36_500, "write how many days the files stay, or keep: 'forever'").optional(),
  keep: field(
    z.union([z.literal('forever'), duration(1_000, 100 * yearMs, '1 s to 100 years')]),
    "'forever', or a duration such as '10m'",
    'write how long the files stay',
  ).optional(),
  quiet: duration(0, yearMs, '0 to 366 days').optional(),
  keepLastN: wholeNumber(0, 1_000_000, 'leave it out for 0').optional(),
  archiveDays: wholeNumber(
    1,
    36_500,
    'write how many days the last copy of a deleted file stays, or leave it out for ever',
  ).optional(),
  dateInPath: field(
    z.string().refine((text) => /\{yyyy\}/.test(text) && text.length <= 200),
    "a pattern with {yyyy}, {MM} and {dd}, such as 'raw/{yyyy}-{MM}-{dd}'",
    'write where the date stands in the path',
  ).optional(),
});

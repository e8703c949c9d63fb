import nodePath from 'node:path';
import type { ConfigPlace } from './config-place.ts';
import type {
  BackupConfig,
  BackupKeepConfig,
  BackupSourceConfig,
  KeepConfig,
  RetentionRuleConfig,
} from './keep-config.ts';
import { backupKeepSchema, backupSchema, backupSourceSchema, retentionRuleSchema } from './keep-schema.ts';
import { nearestWord } from './nearest-word.ts';
import { isRawObject, type RawObject, readFields } from './read-fields.ts';
import { namePattern } from './schema-fields.ts';

const dayMs = 86_400_000;
/** A file that changed more recently than this is kept unless a rule says otherwise, ms. */
const defaultQuietMs = 10 * 60_000;
const maxSources = 100;
const maxRules = 1_000;

/** What `backup` and `retention` say; problems are reported. */
export function readKeep(input: RawObject, place: ConfigPlace, folder: string | undefined): KeepConfig {
  const backup = readBackup(input['backup'], place.child('backup'), folder);
  const retention = readRetention(input['retention'], place.child('retention'));
  if (backup !== undefined) reportRuleSources(input['retention'], backup, place.child('retention'));
  if (retention.length > 0 && input['backup'] === undefined) {
    place.child('retention').report({
      value: input['retention'],
      message: 'there is no backup, so nothing could ever be deleted',
      allowed: "'retention' together with 'backup'",
      remedy: "add backup: { to: './backups', sources: ['./data'] }, or remove the rules",
    });
  }
  return { ...(backup === undefined ? {} : { backup }), retention };
}

function readBackup(
  value: unknown,
  place: ConfigPlace,
  folder: string | undefined,
): BackupConfig | undefined {
  if (value === undefined) return undefined;
  if (!isRawObject(value)) {
    place.report({
      value,
      message: `${place.show(value)} does not say where backups go`,
      allowed: "an object with 'to' and 'sources'",
      remedy: "write for example { to: './backups', sources: ['./data'] }",
    });
    return undefined;
  }
  const fields = readFields(backupSchema, value, place);
  const sources = readSources(value['sources'], place.child('sources'), folder);
  const keep = readKeepCounts(value['keep'], place.child('keep'));
  if (fields.to === undefined || sources === undefined) return undefined;
  const strategy = fields.strategy ?? 'archive';
  const codec = fields.codec ?? 'gzip';
  reportLevel(fields.level, codec, place.child('level'));
  return {
    to: absolute(fields.to, folder),
    sources,
    strategy,
    codec,
    level: codec === 'store' ? 0 : (fields.level ?? (codec === 'gzip' ? 6 : 1)),
    ...(fields.copyTo === undefined ? {} : { copyTo: absolute(fields.copyTo, folder) }),
    keep,
    maxAgeMs: fields.maxAge ?? 26 * 3_600_000,
    drillMaxAgeMs: fields.drillMaxAge ?? 31 * dayMs,
    reverifyAfterMs: fields.reverifyAfter ?? 7 * dayMs,
    database: fields.database ?? true,
    ...(fields.drillRoot === undefined ? {} : { drillRoot: absolute(fields.drillRoot, folder) }),
    reserveBytes: fields.reserve ?? 256 * 2 ** 20,
  };
}

function reportLevel(level: number | undefined, codec: BackupConfig['codec'], place: ConfigPlace): void {
  if (level === undefined || codec === 'zstd' || (codec === 'gzip' && level <= 9)) return;
  place.report({
    value: level,
    message: `${level} is not a level of ${codec}`,
    allowed: codec === 'gzip' ? 'a whole number from 1 to 9' : "no level beside codec: 'store'",
    remedy: codec === 'gzip' ? 'leave it out for 6' : 'remove it',
  });
}

function readSources(
  value: unknown,
  place: ConfigPlace,
  folder: string | undefined,
): readonly BackupSourceConfig[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > maxSources) {
    place.report({
      value,
      message: value === undefined ? 'is missing' : `${place.show(value)} is not allowed`,
      allowed: `a list of 1 to ${maxSources} folders`,
      remedy: "write the folders to back up, such as ['./data']",
    });
    return undefined;
  }
  const seen = new Map<string, number>();
  const sources: BackupSourceConfig[] = [];
  for (const [index, entry] of value.entries()) {
    const at = place.child(index);
    const source = readSource(entry, at, folder);
    if (source === undefined) continue;
    const first = seen.get(source.id);
    if (first === undefined) sources.push(source);
    else {
      at.report({
        value: source.id,
        message: `'${source.id}' is also the id of ${place.child(first).path}`,
        allowed: 'an id that no other source has',
        remedy: `give one of them another id: { id: '${source.id}-2', path: '…' }`,
      });
    }
    seen.set(source.id, first ?? index);
  }
  return sources;
}

function readSource(
  value: unknown,
  place: ConfigPlace,
  folder: string | undefined,
): BackupSourceConfig | undefined {
  const fields = readFields(backupSourceSchema, isRawObject(value) ? value : { path: value }, place);
  if (fields.path === undefined) return undefined;
  const path = absolute(fields.path, folder);
  const id = fields.id ?? nodePath.basename(path).replaceAll(/[^A-Za-z0-9_.-]/g, '-');
  if (!namePattern.test(id)) {
    place.report({
      value: id,
      message: `'${id}' cannot name its backups`,
      allowed: "a folder whose name begins with a letter, or an 'id'",
      remedy: "write { id: 'data', path: '…' }",
    });
    return undefined;
  }
  return {
    id,
    path,
    ...(fields.include === undefined ? {} : { include: fields.include }),
    realTime: fields.realTime ?? false,
  };
}

function readKeepCounts(value: unknown, place: ConfigPlace): BackupKeepConfig {
  const none = { last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
  if (value === undefined) return none;
  if (!isRawObject(value)) {
    place.report({
      value,
      message: `${place.show(value)} does not say which backups stay`,
      allowed: 'an object with last, hourly, daily, weekly, monthly, yearly, within and quota',
      remedy: 'write for example { last: 7, daily: 14, weekly: 8 }; leave it out to keep every backup',
    });
    return none;
  }
  const { quota, within, ...read } = readFields(backupKeepSchema, value, place);
  const counts = Object.fromEntries(Object.entries(read).filter(([, count]) => count !== undefined));
  return {
    ...none,
    ...counts,
    ...(within === undefined ? {} : { withinMs: within }),
    ...(quota === undefined ? {} : { quotaBytes: quota }),
  };
}

function readRetention(value: unknown, place: ConfigPlace): readonly RetentionRuleConfig[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > maxRules) {
    place.report({
      value,
      message: `${place.show(value)} is not a list of rules`,
      allowed: `a list of at most ${maxRules} rules`,
      remedy: "write for example [{ match: 'raw/**', keepDays: 7 }]",
    });
    return [];
  }
  return value
    .map((entry, index) => readRule(entry, place.child(index)))
    .filter((rule) => rule !== undefined);
}

function readRule(value: unknown, place: ConfigPlace): RetentionRuleConfig | undefined {
  const fields = readFields(retentionRuleSchema, isRawObject(value) ? value : { match: value }, place);
  const { match, keep, keepDays } = fields;
  const raw = isRawObject(value) ? value : {};
  const written = ['keep', 'keepDays'].filter((key) => raw[key] !== undefined);
  if (written.length !== 1) {
    place.report({
      value: written.length === 0 ? undefined : raw['keep'],
      message:
        written.length === 0
          ? 'does not say how long the files stay'
          : "'keep' and 'keepDays' exclude each other",
      allowed: "either keepDays: 7 or keep: '10m' or keep: 'forever'",
      remedy: 'write exactly one of them',
    });
    return undefined;
  }
  const age = keep ?? (keepDays === undefined ? undefined : keepDays * dayMs);
  if (match === undefined || age === undefined) return undefined;
  return {
    match,
    ...(fields.source === undefined ? {} : { source: fields.source }),
    keep: age,
    quietMs: fields.quiet ?? defaultQuietMs,
    keepLastN: fields.keepLastN ?? 0,
    ...(fields.archiveDays === undefined ? {} : { archiveMs: fields.archiveDays * dayMs }),
    ...(fields.dateInPath === undefined ? {} : { dateInPath: fields.dateInPath }),
  };
}

function reportRuleSources(value: unknown, { sources }: BackupConfig, place: ConfigPlace): void {
  const ids = sources.map(({ id }) => id);
  for (const [index, rule] of (Array.isArray(value) ? value : []).entries()) {
    const source: unknown = isRawObject(rule) ? rule['source'] : undefined;
    if (typeof source !== 'string' || ids.includes(source)) continue;
    const near = nearestWord(source, ids);
    place
      .child(index)
      .child('source')
      .report({
        value: source,
        message: `'${source}' is not a source`,
        allowed: ids.map((known) => `'${known}'`).join(', '),
        remedy: near === undefined ? "name an entry of 'backup.sources'" : `did you mean '${near}'?`,
      });
  }
}

function absolute(path: string, folder: string | undefined): string {
  return folder === undefined ? path : nodePath.resolve(folder, path);
}

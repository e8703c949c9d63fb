import { opsException } from '../../kernel/ops-exception.ts';
import { compileRetention, type RetentionRuleInput } from './retention-input.ts';
import './retention-errors.ts';
import type { RetentionPolicy } from './retention-policy.ts';

/** The specification's policy by kind of record, in days; null keeps for ever. */
export interface DataRetentionSettings {
  /** Default 7. */
  readonly rawSnapshotDays?: number | null | undefined;
  /** Default 30. */
  readonly patternRecordDays?: number | null | undefined;
  /** Default null. */
  readonly decisionSnapshotDays?: number | null | undefined;
  /** A file that changed in any way within this time stays; default 0, because these policies count in days. */
  readonly quiet?: string | number | undefined;
}

/** The specification's policy by age of files. */
export interface FileRetentionSettings {
  /** Default 7. */
  readonly ttlDays?: number | undefined;
  /** Default: every file. */
  readonly includeGlobs?: readonly string[] | undefined;
  readonly excludeGlobs?: readonly string[] | undefined;
  /** A file that changed in any way within this time stays; default 0, because these policies count in days. */
  readonly quiet?: string | number | undefined;
}

/** @throws INP-0821 for days that are not more than 0. */
export function dataRetentionPolicy(settings: DataRetentionSettings = {}): RetentionPolicy {
  const { rawSnapshotDays = 7, patternRecordDays = 30, decisionSnapshotDays = null, quiet = 0 } = settings;
  const kinds = { rawSnapshotDays, patternRecordDays, decisionSnapshotDays };
  for (const [field, days] of Object.entries(kinds)) requireDays(field, days, ', or null for ever');
  const rules: readonly RetentionRuleInput[] = [
    {
      name: 'decision',
      keyword: wordsOf('decision', 'decision_snapshot'),
      keepDays: decisionSnapshotDays,
      quiet,
    },
    { name: 'pattern', keyword: wordsOf('pattern', 'pattern_record'), keepDays: patternRecordDays, quiet },
    { name: 'raw', keyword: wordsOf('raw', 'raw_snapshot'), keepDays: rawSnapshotDays, quiet },
  ];
  return compileRetention({ rules, tie: 'longest' });
}

/** @throws INP-0821 for days that are not more than 0, INP-0820 for a glob that cannot be read. */
export function fileRetentionPolicy(settings: FileRetentionSettings = {}): RetentionPolicy {
  const { ttlDays = 7, includeGlobs = ['**'], excludeGlobs = [], quiet = 0 } = settings;
  requireDays('ttlDays', ttlDays, '');
  const match = [...includeGlobs, ...excludeGlobs.map((glob) => `!${glob}`)];
  if (includeGlobs.length === 0) return compileRetention({ rules: [] });
  return compileRetention({ rules: [{ name: 'ttl', match, keepDays: ttlDays, quiet }] });
}

/** A word and its longer name, each in singular and plural. */
function wordsOf(...words: readonly string[]): readonly string[] {
  return words.flatMap((word) => [word, `${word}s`]);
}

function requireDays(field: string, days: number | null, orElse: string): void {
  if (days === null || (Number.isFinite(days) && days > 0)) return;
  throw opsException('INP-0821', `${field}: ${days}; allowed: a number of days more than 0${orElse}`, {
    data: { field, seen: String(days) },
  });
}

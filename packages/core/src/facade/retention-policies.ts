import {
  type DataRetentionSettings,
  dataRetentionPolicy,
  type FileRetentionSettings,
  fileRetentionPolicy,
} from '../keep/retention/named-policies.ts';
import type { RetentionPolicy } from '../keep/retention/retention-policy.ts';

export { compileRetention, type RetentionInput } from '../keep/retention/retention-input.ts';
export type { DataRetentionSettings, FileRetentionSettings, RetentionPolicy };

/** The specification's policy by kind of record; a path says its kind by a whole name or a token of its file name. */
export class DataRetentionPolicy {
  /** Days; null: for ever. */
  readonly rawSnapshotDays: number | null;
  readonly patternRecordDays: number | null;
  readonly decisionSnapshotDays: number | null;
  /** The rules it stands for. */
  readonly compiled: RetentionPolicy;

  /** @throws INP-0821 for days that are not more than 0. */
  constructor(settings: DataRetentionSettings = {}) {
    this.rawSnapshotDays = settings.rawSnapshotDays === undefined ? 7 : settings.rawSnapshotDays;
    this.patternRecordDays = settings.patternRecordDays === undefined ? 30 : settings.patternRecordDays;
    this.decisionSnapshotDays = settings.decisionSnapshotDays ?? null;
    this.compiled = dataRetentionPolicy(settings);
  }
}

/** The specification's policy by age: files that the globs name go after `ttlDays`. */
export class FileRetentionPolicy {
  readonly ttlDays: number;
  /** Absent: every file. */
  readonly includeGlobs?: readonly string[];
  readonly excludeGlobs?: readonly string[];
  /** The rules it stands for. */
  readonly compiled: RetentionPolicy;

  /** @throws INP-0821 for days that are not more than 0, INP-0820 for a glob that cannot be read. */
  constructor(settings: FileRetentionSettings = {}) {
    this.ttlDays = settings.ttlDays ?? 7;
    if (settings.includeGlobs !== undefined) this.includeGlobs = settings.includeGlobs;
    if (settings.excludeGlobs !== undefined) this.excludeGlobs = settings.excludeGlobs;
    this.compiled = fileRetentionPolicy(settings);
  }
}

/** Rules, or one of the specification's policies that stands for rules. */
export type AnyRetentionPolicy = RetentionPolicy | { readonly compiled: RetentionPolicy };

/** The rules of any policy. */
export function rulesOf(policy: AnyRetentionPolicy): RetentionPolicy {
  return 'compiled' in policy ? policy.compiled : policy;
}

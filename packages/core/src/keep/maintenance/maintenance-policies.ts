import { compileRetention } from '../retention/retention-input.ts';
import type { RetentionPolicy } from '../retention/retention-policy.ts';

/** How a folder of logs or of caches is kept small. */
export interface FolderCareSettings {
  /** Files older than this go: `'14d'`, milliseconds. */
  readonly keep?: string | number | undefined;
  /** A file that changed within this time stays; a writer may come back to it. */
  readonly quiet?: string | number | undefined;
  /** Globs below the folder. */
  readonly match?: readonly string[] | undefined;
}

/**
 * Rules for a folder of logs: a maintenance run over it packs closed logs into a verified archive and removes them.
 * Default: `*.log`, rotated ones and JSON lines, older than 7 days and untouched for an hour; the newest of each folder
 * stays, because that is the one being written. @throws INP-0820.
 */
export function logArchivePolicy(settings: FolderCareSettings = {}): RetentionPolicy {
  const { keep = '7d', quiet = '1h', match = ['**/*.log', '**/*.log.*', '**/*.jsonl'] } = settings;
  return compileRetention({ rules: [{ name: 'logs', match, keep, quiet, keepLastN: 1 }] });
}

/**
 * Rules for a folder of caches: everything older than a day and untouched for an hour goes. A cache can be made again,
 * but what looks like one may be the only copy of something, so it goes through a verified backup like all data.
 * @throws INP-0820.
 */
export function cacheCleanupPolicy(settings: FolderCareSettings = {}): RetentionPolicy {
  const { keep = '1d', quiet = '1h', match = ['**'] } = settings;
  return compileRetention({ rules: [{ name: 'cache', match, keep, quiet }] });
}

import type { Alert, AlertSignal } from '../../watch/alerts/alert.ts';
import type { BackupConfig, BackupSourceConfig } from '../config/keep-config.ts';
import type { BackupListing } from './keep-store.ts';

/** What is known when somebody asks what is overdue. */
export interface OverdueLook {
  readonly backup: BackupConfig | undefined;
  readonly listing: BackupListing;
  readonly nowMs: number;
}

/** One kind of work that is owed to every source. */
export interface OverdueRule {
  /** True for the key of an alert of this kind. */
  readonly isKey: (dedupKey: string) => boolean;
  /** When it is overdue, ms UTC. */
  readonly dueAtMs: (source: BackupSourceConfig, backup: BackupConfig, listing: BackupListing) => number;
  readonly raise: (
    source: BackupSourceConfig,
    look: OverdueLook & { readonly backup: BackupConfig },
  ) => Extract<AlertSignal, { kind: 'raise' }>;
  /** What is said when it is done again. */
  readonly over: string;
}

/** Raised once for a source when it is overdue, and resolved when it no longer is or the source is gone. */
export function overdueSignals(
  rule: OverdueRule,
  open: readonly Alert[],
  { backup, listing, nowMs }: OverdueLook,
): readonly AlertSignal[] {
  const late = (backup?.sources ?? []).flatMap((source) =>
    backup === undefined || nowMs < rule.dueAtMs(source, backup, listing)
      ? []
      : [rule.raise(source, { backup, listing, nowMs })],
  );
  const shown = new Set(open.map(({ dedupKey }) => dedupKey));
  const wanted = new Set(late.map(({ dedupKey }) => dedupKey));
  const over = open.filter(({ dedupKey }) => rule.isKey(dedupKey) && !wanted.has(dedupKey));
  return [
    ...over.map(({ dedupKey }) => {
      return { kind: 'resolve' as const, dedupKey, message: rule.over, atMs: nowMs };
    }),
    ...late.filter(({ dedupKey }) => !shown.has(dedupKey)),
  ];
}

/** When the next source becomes overdue, ms UTC; undefined when none will. */
export function nextOverdueAtMs(
  rule: OverdueRule,
  backup: BackupConfig | undefined,
  { listing, nowMs }: { readonly listing: BackupListing | undefined; readonly nowMs: number },
): number | undefined {
  if (backup === undefined || listing === undefined) return undefined;
  const times = backup.sources
    .map((source) => rule.dueAtMs(source, backup, listing))
    .filter((atMs) => atMs > nowMs);
  return times.length === 0 ? undefined : Math.min(...times);
}

import type { DeletedContent } from '../../keep/backup/coverage-index.ts';
import { ruleFor } from '../../keep/retention/retention-rules.ts';
import type { BackupSourceConfig } from '../config/keep-config.ts';
import type { KeepRun } from './keep-acts.ts';
import { heldIn } from './keep-holds.ts';
import { realPathOr } from './keep-roots.ts';
import { retentionPolicyOf, ruleName } from './source-policy.ts';

/**
 * Says of content that was deleted from a source whether its last copy may go as well: only when the rule that matches
 * its path names an `archive` age that has passed since the deletion, and no hold names it. Without such a rule the
 * last copy stays for ever.
 */
export function forgettingOf(
  { services, request }: Pick<KeepRun, 'services' | 'request'>,
  source: BackupSourceConfig,
): (content: DeletedContent) => boolean {
  const { files, clock } = services;
  const { retention, timeZone } = request;
  if (retention.every(({ archiveMs }) => archiveMs === undefined)) return () => false;
  const nowMs = clock.now();
  const root = realPathOr(files, source.path);
  const policy = retentionPolicyOf(source, retention, timeZone);
  const ages = new Map(retention.map((rule, index) => [ruleName(rule, index), rule.archiveMs]));
  const held = heldIn({ services, request }, source);
  return ({ source: from, path, deletedAtMs }) => {
    if (from !== root || held.heldBy(path) !== undefined) return false;
    const archiveMs = ages.get(ruleFor(path, policy)?.name ?? '');
    return archiveMs !== undefined && nowMs - deletedAtMs > archiveMs;
  };
}

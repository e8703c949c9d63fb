import { compileRetention } from '../../keep/retention/retention-input.ts';
import type { RetentionPolicy } from '../../keep/retention/retention-policy.ts';
import type { BackupSourceConfig, RetentionRuleConfig } from '../config/keep-config.ts';

/** The rules of a config that are about a source, ready to judge its files; they keep their numbers in the config. */
export function retentionPolicyOf(
  source: BackupSourceConfig,
  rules: readonly RetentionRuleConfig[],
  timeZone: string,
): RetentionPolicy {
  const own = rules
    .map((rule, index) => ({ ...rule, name: ruleName(rule, index) }))
    .filter((rule) => rule.source === undefined || rule.source === source.id);
  return compileRetention({
    timeZone,
    rules: own.map(({ name, match, keep, quietMs, keepLastN, dateInPath }) => ({
      name,
      match,
      keep,
      quiet: quietMs,
      keepLastN,
      dateInPath,
    })),
  });
}

/** A rule keeps its number in the config, whatever source it is read for. */
export function ruleName({ match }: Pick<RetentionRuleConfig, 'match'>, index: number): string {
  return `${index + 1}. ${match}`;
}

import { opsException } from '../../kernel/ops-exception.ts';
import '../../watch/alerts/alert-errors.ts';
import type { AlertMatcher } from '../../watch/alerts/alert.ts';

/** Reads `job=prices` or `level!=INFO`. @throws INP-0921. */
export function parseMatcher(text: string): AlertMatcher {
  const found = /^([A-Za-z][A-Za-z0-9_.-]{0,63})(!?=)(.{1,200})$/.exec(text);
  const [, label = '', sign = '', value = ''] = found ?? [];
  if (found === null) {
    const shown = text.slice(0, 60);
    throw opsException('INP-0921', `matcher: '${shown}'; allowed: label=value or label!=value`);
  }
  return { label, value, ...(sign === '!=' ? { not: true } : {}) };
}

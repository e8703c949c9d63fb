import { type OpsSnapshot, targetWord } from './ops-views.ts';
import { checkStatusAt } from './watch-views.ts';

/** What a monitoring program is told of the whole. */
export type OpsVerdict = 'ok' | 'warn' | 'fail';

/**
 * Judges a snapshot, the same for every program: targets that fail or are suspended and critical checks that fail make it
 * fail; lost slots, overdue targets and a draining engine warn. Other checks have their own word (`health list`).
 */
export function verdictOf({ targets, health, engine, atMs }: OpsSnapshot): OpsVerdict {
  const words = new Set(targets.map((target) => targetWord(target, atMs)));
  const isCritical = health.checks.some((check) => check.critical && checkStatusAt(check, atMs) === 'fail');
  if (words.has('FAIL') || words.has('SUSP') || isCritical) return 'fail';
  return words.has('WARN') || words.has('STALE') || engine.state === 'draining' ? 'warn' : 'ok';
}

import type { AlertView } from '../../client/watch-views.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import { labelsOf } from '../../watch/alerts/alert.ts';
import { matchesAll } from '../../watch/alerts/match-rules.ts';
import { silenceProblem } from '../../watch/alerts/silence-rules.ts';
import { parseMatcher } from './matcher-input.ts';

/** What a silence would be, as an operator writes it. */
export interface SilenceWish {
  /** Such as `check=broker`, `level!=CRITICAL`. */
  readonly matchers: readonly string[];
  readonly forMs: number;
}

/**
 * Which of these alerts a silence would keep untold, by the rules of the engine itself. Nothing is made.
 * @throws INP-0921 for what could not be a silence.
 */
export function alertsSilencedBy(wish: SilenceWish, alerts: readonly AlertView[]): readonly AlertView[] {
  const matchers = wish.matchers.map(parseMatcher);
  const problem = silenceProblem({ matchers, startsAtMs: 0, endsAtMs: wish.forMs });
  if (problem !== undefined) throw opsException('INP-0921', problem);
  return alerts.filter((alert) => matchesAll(matchers, labelsOf(alert)));
}

import './health-errors.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import { checkPolicy } from './check-policy.ts';
import { ISOLATION_CHECK, type IsolationPolicy } from './isolation-rules.ts';
import type { RegisteredCheck } from './registered-check.ts';

export { ISOLATION_CHECK, type IsolationPolicy } from './isolation-rules.ts';

/**
 * The check that says whether our own connection is up. It never looks itself: it is told after each look of a
 * reference check.
 * @throws INP-0901 when the references are no network checks or `down` is out of range.
 */
export function isolationCheck(policy: IsolationPolicy, checks: readonly RegisteredCheck[]): RegisteredCheck {
  const { references, down } = policy;
  const intervals = references.map((id) => {
    const check = checks.find((one) => one.id === id);
    if (check?.network === true) return check.policy.intervalMs;
    throw opsException(
      'INP-0901',
      `isolation.references: ${id} is no check over the network; allowed: ids of such checks`,
    );
  });
  if (!Number.isInteger(down) || down < 1 || down > references.length) {
    throw opsException(
      'INP-0901',
      `isolation.down: ${down}; allowed: 1 to ${references.length}, the number of references`,
    );
  }
  const intervalMs = Math.max(...intervals);
  const rules = { intervalMs, failuresToAlert: 1, successesToResolve: 1, flapping: false } as const;
  return {
    id: ISOLATION_CHECK,
    kind: ISOLATION_CHECK,
    look: () => undefined,
    thrownMeans: 'unknown',
    network: false,
    policy: checkPolicy(ISOLATION_CHECK, rules, { intervalMs, timeoutMs: 1000 }),
  };
}

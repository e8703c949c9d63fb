import { describe } from 'vitest';
import { describeCases } from './describe-cases.ts';
import { type HealthCheckContract, healthCheckCases } from './describe-health-check-cases.ts';

/** The check contract as vitest tests: one for every promise, those that do not apply are skipped with a reason. */
export function describeHealthCheck<I>(name: string, contract: HealthCheckContract<I>): void {
  describe(`${name} keeps the check contract: it`, () => describeCases(healthCheckCases(contract)));
}

import { describe } from 'vitest';
import { type AlertChannelContract, alertChannelCases } from './describe-alert-channel-cases.ts';
import { describeCases } from './describe-cases.ts';

/** The channel contract as vitest tests: one for every promise, those that do not apply are skipped with a reason. */
export function describeAlertChannel<I>(name: string, contract: AlertChannelContract<I>): void {
  describe(`${name} keeps the channel contract: it`, () => describeCases(alertChannelCases(contract)));
}

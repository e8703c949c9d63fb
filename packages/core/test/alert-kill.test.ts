import { expect, it } from 'vitest';
import { alertKillRounds } from './alert-kill-rounds.ts';

it('a process killed while it raises, writes, leases, sends or marks loses no alert and repeats at most one message', {
  timeout: 240_000,
}, async () => {
  const report = await alertKillRounds(5, 20_260_105);
  expect(report.findings).toEqual([]);
  expect(report.kills).toBeGreaterThanOrEqual(2);
  expect(report.alerts).toBeGreaterThan(5);
});

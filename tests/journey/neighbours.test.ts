import { expect, it } from 'vitest';
import { runNeighbours } from './neighbours-run.ts';

const SECONDS = 8;

it('a healthy target keeps every slot beside targets that fail, hang, spin, ignore SIGTERM and flood', async () => {
  const { targets, exitCode, leftProcesses, pausedSlots } = await runNeighbours(SECONDS);
  const report = Object.fromEntries(targets.map((target) => [target.id, target]));
  const { account, succeeded } = report['healthy'] ?? expect.unreachable('the healthy target is missing');
  expect(account).toMatchObject({ missing: [], repeated: [] });
  expect(account.skipped).toBeLessThanOrEqual(pausedSlots);
  expect(account.executed + account.skipped).toBe(account.slots);
  expect(account.slots).toBeGreaterThanOrEqual(SECONDS - 1);
  expect(succeeded).toBeGreaterThanOrEqual(account.slots - 1 - 2 * pausedSlots);

  expect(report['always_fails']?.failures).toMatchObject({ 'BAT-0304': expect.any(Number) });
  for (const id of ['hangs', 'spins', 'ignores_sigterm', 'floods']) {
    expect(report[id]?.failures, id).toMatchObject({ 'BAT-0303': expect.any(Number) });
    expect(report[id]?.account, id).toMatchObject({ missing: [], repeated: [] });
  }
  expect(exitCode).toBe(0);
  expect(leftProcesses).toEqual([]);
});

import { describe, expect, it } from 'vitest';
import { opsException } from '../../kernel/ops-exception.ts';
import { healthRig } from '../../testing/health-rig.ts';
import { SELF_CHECKS, selfChecks } from './self-checks.ts';
import type { SelfReaders } from './self-readers.ts';

const DAY_MS = 86_400_000;

/** Readers of an engine that is well; each can be replaced. */
function readers(more: Partial<SelfReaders> = {}): SelfReaders {
  let wakes = 0;
  return {
    schedulerWakes: () => wakes++,
    eventLoop: () => ({ maxMs: 3, p99Ms: 1 }),
    writeCanary: async () => 2,
    outbox: () => ({ pending: 0 }),
    disks: async () => [{ path: '/', usedPercent: 40, availableBytes: 1e9, inodesUsedPercent: 3 }],
    memory: async () => ({
      usedBytes: 1e9,
      limitBytes: 4e9,
      limitedBy: 'machine',
      residentBytes: 1e8,
      heapUsedPercent: 10,
    }),
    channels: () => [{ id: 'mail', failuresInRow: 0, pending: 0 }],
    backups: async () => [{ id: 'data', verifiedAtMs: Date.UTC(2026, 0, 2), maxAgeMs: 2 * DAY_MS }],
    clock: async () => ({ synchronised: true }),
    pingDoor: async () => ({ status: 'pass', message: 'open' }),
    ...more,
  };
}

it('an engine that is well passes all of its own checks', async () => {
  await using rig = await healthRig({ checks: selfChecks(readers()) });
  const reports = await rig.health.runNow();
  expect(reports.map(({ checkId, look }) => [checkId, look?.status])).toEqual(
    SELF_CHECKS.map((id) => [id, 'pass']),
  );
});

it('a check without a reader is not made, and one can be left out or judged otherwise', () => {
  const checks = selfChecks(
    { ...readers(), clock: undefined },
    { 'self-memory': false, 'self-disk': { crit: 99 } },
  );
  const ids = checks.map(({ id }) => id);
  expect(ids).not.toContain('self-clock');
  expect(ids).not.toContain('self-memory');
  expect(checks.find(({ id }) => id === 'self-disk')?.policy.thresholds).toMatchObject({
    crit: { to: 99 },
    warn: { to: 85 },
  });
});

describe('an engine that is not well', () => {
  it.each<[string, Partial<SelfReaders>, string, RegExp]>([
    ['a scheduler that stands still', { schedulerWakes: () => 5 }, 'fail', /has not looked/],
    ['an event loop that waits', { eventLoop: () => ({ maxMs: 400, p99Ms: 9 }) }, 'warn', /400 ms/],
    ['a loop that waits for seconds', { eventLoop: () => ({ maxMs: 4000, p99Ms: 9 }) }, 'fail', /4000 ms/],
    [
      'a store that cannot be written',
      { writeCanary: () => Promise.reject(opsException('SYS-0302', 'no space left')) },
      'fail',
      /SYS-0302: no space left/,
    ],
    [
      'notices that are not sent',
      { outbox: () => ({ pending: 3, oldestMs: 3_600_000 }) },
      'fail',
      /3 notices wait/,
    ],
    [
      'a disk without inodes',
      { disks: async () => [{ path: '/data', usedPercent: 20, availableBytes: 1, inodesUsedPercent: 99 }] },
      'fail',
      /\/data has used 99\.0 % of its inodes/,
    ],
    [
      'little memory',
      {
        memory: async () => ({
          usedBytes: 9,
          limitBytes: 10,
          limitedBy: 'cgroup',
          residentBytes: 1,
          heapUsedPercent: 1,
        }),
      },
      'warn',
      /limit of the cgroup/,
    ],
    [
      'one channel of two that fails',
      {
        channels: () => [
          { id: 'mail', failuresInRow: 4, pending: 1, lastError: 'refused' },
          { id: 'slack', failuresInRow: 0, pending: 0 },
        ],
      },
      'warn',
      /mail failed 4 times in a row \(refused\)/,
    ],
    [
      'no channel that works',
      { channels: () => [{ id: 'mail', failuresInRow: 3, pending: 1 }] },
      'fail',
      /mail/,
    ],
    [
      'an old backup',
      { backups: async () => [{ id: 'data', verifiedAtMs: Date.UTC(2025, 11, 1), maxAgeMs: DAY_MS }] },
      'fail',
      /newest verified backup of data is of 2025-12-01/,
    ],
    [
      'no backup',
      { backups: async () => [{ id: 'data', maxAgeMs: DAY_MS }] },
      'fail',
      /data has no verified/,
    ],
    [
      'a clock nobody keeps right',
      { clock: async () => ({ synchronised: false }) },
      'warn',
      /not synchronised/,
    ],
    ['a disk that cannot be looked at', { disks: () => Promise.reject(new Error('EIO')) }, 'unknown', /EIO/],
  ])('%s is seen', async (_, more, status, message) => {
    await using rig = await healthRig({ checks: selfChecks(readers(more)) });
    await rig.health.runNow();
    const reports = await rig.health.runNow();
    const bad = reports.filter(({ look }) => look?.status !== 'pass');
    expect(bad.map(({ look }) => look)).toMatchObject([{ status, message: expect.stringMatching(message) }]);
  });
});

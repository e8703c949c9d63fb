import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineHealthCheck } from '../../ports/define-health-check.ts';
import type { CheckFinding } from '../../ports/health-check.ts';
import { createTestOps } from '../../testing/create-test-ops.ts';
import { everyMs, testTarget } from '../../testing/test-targets.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { defaultAlertSettings } from '../../watch/alerts/alert-settings.ts';
import { noWatch } from '../config/watch-config.ts';

const MINUTE = 60_000;

function lamp(look: () => CheckFinding) {
  const kind = defineHealthCheck({
    name: 'lamp',
    apiVersion: 1,
    options: z.strictObject({ lit: z.boolean().default(true) }),
    capabilities: { effect: 'read', network: false },
    defaults: { intervalMs: 10_000, timeoutMs: 1000 },
    create: () => ({ check: async () => look() }),
  });
  return kind({ id: 'broker', critical: true, successesToResolve: 1 });
}

const machine = {
  eventLoop: () => ({ maxMs: 1, p99Ms: 1 }),
  memory: async () => ({
    usedBytes: 1,
    limitBytes: 10,
    limitedBy: 'machine' as const,
    residentBytes: 1,
    heapUsedPercent: 1,
  }),
  disks: async () => [{ path: '/', usedPercent: 10, availableBytes: 1e9 }],
  clock: async () => ({ synchronised: true }),
  close: () => undefined,
};

it('what checks find raises an alert at once, and its end resolves it', async () => {
  let finding: CheckFinding = { status: 'pass', message: 'all is well' };
  await using test = await createTestOps({
    targets: [testTarget('feed', () => undefined)],
    plugins: [lamp(() => finding)],
  });
  await test.clock.advance(30_000);
  expect((await test.client.health()).checks).toMatchObject([{ id: 'broker', status: 'pass' }]);
  finding = { status: 'fail', message: 'silent' };
  await test.clock.advance(12_000);
  expect(test.alerts).toEqual([expect.stringContaining('CRITICAL')]);
  finding = { status: 'pass', message: 'back' };
  await test.clock.advance(12_000);
  expect(test.alerts).toHaveLength(2);
  expect((await test.client.snapshot()).alerts).toEqual([]);
});

it('an alert about a check is open over a restart and ends with the check', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qts-ops-health-'));
  const storePath = join(folder, 'qts-ops.db');
  const clock = new VirtualClock();
  const base = { targets: [testTarget('feed', () => undefined)], storePath, clock };
  const fails = () => ({ status: 'fail' as const, message: 'silent' });
  {
    await using test = await createTestOps({ ...base, plugins: [lamp(fails)] });
    await test.clock.advance(12_000);
    expect(test.alerts).toHaveLength(1);
  }
  {
    await using test = await createTestOps({ ...base, plugins: [lamp(fails)] });
    await test.clock.advance(30_000);
    expect(test.alerts).toEqual([]);
    expect(await test.client.snapshot()).toMatchObject({ alertCount: 1, health: { status: 'fail' } });
  }
  await using test = await createTestOps(base);
  await test.clock.advance(MINUTE);
  expect((await test.client.snapshot()).alertCount).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

it.each([
  ['for hours', { runsEveryMs: 10 * MINUTE, forMs: 2 * 60 * MINUTE }],
  ['while runs come one after another', { runsEveryMs: 2_000, forMs: 3 * MINUTE }],
] as const)('an engine that is well passes every check of its own, %s', async (_, { runsEveryMs, forMs }) => {
  await using test = await createTestOps({
    targets: [testTarget('feed', () => undefined, { schedule: everyMs(runsEveryMs) })],
    parts: { lookAtMachine: () => machine, backupReadings: async () => [] },
  });
  await test.clock.advance(forMs);
  const { checks, status } = await test.client.health();
  expect(checks.filter((check) => check.status !== 'pass')).toEqual([]);
  expect(checks.length).toBeGreaterThanOrEqual(8);
  expect(status).toBe('pass');
  expect(test.alerts).toEqual([]);
});

it('time in a maintenance window is left out of the accounts of a check', async () => {
  const windows = [
    { id: 'w', matchers: [{ label: 'check', value: 'broker' }], fromMs: 0, toMs: Number.MAX_SAFE_INTEGER },
  ];
  const alerts = { ...defaultAlertSettings([]), windows };
  const judged = lamp(() => ({ status: 'fail', message: 'silent' }));
  await using reference = await createTestOps({
    targets: [testTarget('feed', () => undefined)],
    plugins: [judged],
  });
  const { checks } = reference.ops.config.watch;
  const watch = { ...noWatch(alerts), checks };
  await using test = await createTestOps({
    targets: [testTarget('feed', () => undefined)],
    config: { watch },
  });
  await test.clock.advance(10 * MINUTE);
  const [check] = (await test.client.health()).checks;
  expect(check).toMatchObject({ id: 'broker', status: 'fail' });
  expect(check?.day?.fail ?? 0).toBe(0);
  expect(test.alerts).toEqual([]);
});

it('checks that an operator makes look are on the audit log, with who did it and which', async () => {
  const judged = lamp(() => ({ status: 'pass', message: 'lit' }));
  await using test = await createTestOps({
    targets: [testTarget('feed', () => undefined)],
    plugins: [judged],
  });
  await test.client.runChecks(['broker']);
  await test.client.runChecks([]);
  await expect(test.client.runChecks(['brokre'])).rejects.toMatchObject({ code: 'INP-0904' });
  const { items } = await test.store.queryAudit({ auditType: 'CHECK_RUN', limit: 10 });
  expect(items).toMatchObject([
    { targetId: 'all', operatorId: 'tester', outcome: 'OK' },
    { targetType: 'HEALTH_CHECK', targetId: 'broker', action: 'START', after: { checks: ['broker'] } },
  ]);
});

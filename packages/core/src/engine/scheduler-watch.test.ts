import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getTasks } from 'node-cron';
import { expect, it } from 'vitest';
import { silentLogger } from '../adapters/logger-json/json-logger.ts';
import { createTestOps } from '../testing/create-test-ops.ts';
import { testTarget } from '../testing/test-targets.ts';
import { createConfig } from './config/index.ts';
import { createOps } from './create-ops.ts';
import type { SchedulerLook } from './scheduler-watch.ts';

const beat = testTarget('beat', () => undefined);

it('the watch of the scheduler sees every look, and is ended with the engine', async () => {
  const looks: SchedulerLook[] = [];
  let ended = 0;
  const watchScheduler = (look: SchedulerLook) => {
    looks.push(look);
    return () => {
      ended += 1;
    };
  };
  const test = await createTestOps({ targets: [beat], parts: { watchScheduler } });
  const before = looks[0]?.wakes() ?? Number.NaN;
  await test.clock.advance(10_000);
  expect(looks).toHaveLength(1);
  expect((looks[0]?.wakes() ?? 0) - before).toBeGreaterThanOrEqual(10);
  expect(ended).toBe(0);
  await test[Symbol.asyncDispose]();
  expect(ended).toBe(1);
});

it('a scheduler that stands still is logged and alerted, and so is its return', async () => {
  let look: SchedulerLook | undefined;
  const watchScheduler = (given: SchedulerLook) => {
    look = given;
    return () => undefined;
  };
  await using test = await createTestOps({ targets: [beat], parts: { watchScheduler } });
  look?.onStalled({ sinceMs: Date.UTC(2026, 10, 20, 5), silentMs: 32_400, wakes: 7 });
  look?.onMoving();
  await test.clock.settle();
  expect(test.alerts).toEqual([
    'CRITICAL scheduler has not looked for 32 s (since 2026-11-20T05:00:00.000Z); no target is started',
    'WARNING scheduler looks again; targets are started',
  ]);
  expect(test.logged.filter((line) => line.includes('the scheduler'))).toEqual([
    expect.stringMatching(/^error the scheduler stands still .*"silentMs":32400/),
    expect.stringMatching(/^warn the scheduler goes on/),
  ]);
});

it('a real engine is watched by one task of node-cron, gone when it ends', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qts-ops-watch-'));
  const before = getTasks().size;
  try {
    const config = createConfig({
      instance: 'desk',
      targets: [{ id: 'beat', on: 'demand', run: () => undefined }],
    });
    const ops = createOps({ config, stateFolder: folder, logger: silentLogger });
    await ops.start();
    expect(getTasks().size).toBe(before + 1);
    await ops.drain();
    expect(getTasks().size).toBe(before);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

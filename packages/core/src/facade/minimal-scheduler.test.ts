import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import type { TargetFunction } from '../ports/target.ts';
import {
  TARGET_BACKUP_MAINTENANCE,
  TARGET_BROKER_HEARTBEAT,
  TARGET_DASHBOARD_UPDATE,
  TARGET_PIPELINE,
} from '../run/targets/target.ts';
import { HeldWork } from '../testing/test-targets.ts';
import { VIRTUAL_START_MS, VirtualClock } from '../testing/virtual-clock.ts';
import { MinimalScheduler, type MinimalSchedulerOptions } from './minimal-scheduler.ts';

/** A scheduler on virtual time whose log lines and alerts are kept. */
function newScheduler(options: MinimalSchedulerOptions = {}) {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const line = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  const logger = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
  return { scheduler: new MinimalScheduler({ clock, logger, ...options }), clock, lines };
}

/** Runs for `ms`, then stops. */
async function runFor(test: ReturnType<typeof newScheduler>, ms: number): Promise<void> {
  const running = test.scheduler.run();
  await test.clock.advance(ms);
  test.scheduler.stop();
  await test.clock.advance(0);
  await running;
}

describe('the behaviours of the original scheduler', () => {
  it('with no targets, run() returns immediately with a warning', async () => {
    const { scheduler, lines } = newScheduler();
    await scheduler.run();
    expect(lines).toEqual(['warn MinimalScheduler.run() called with no targets']);
  });

  it('with shouldStop turning true, a target ran at least once and the loop ends', async () => {
    let ran = 0;
    const test = newScheduler({ shouldStop: () => ran >= 2 });
    test.scheduler.addTarget(TARGET_PIPELINE, 1000, () => (ran += 1));
    const running = test.scheduler.run();
    await test.clock.advance(5000);
    await running;
    expect(ran).toBe(2);
  });

  it('with stop() called while running, the loop ends after at least one run', async () => {
    let ran = 0;
    const test = newScheduler();
    test.scheduler.addTarget(TARGET_PIPELINE, 1000, () => (ran += 1));
    await runFor(test, 500);
    expect(ran).toBe(1);
    expect(test.lines).toEqual([
      'info Scheduler started with 1 targets',
      'info Scheduler loop exited (stopped=true)',
    ]);
  });

  it('target name constants equal pipeline, broker_heartbeat, dashboard_update, backup_maintenance', () => {
    expect([
      TARGET_PIPELINE,
      TARGET_BROKER_HEARTBEAT,
      TARGET_DASHBOARD_UPDATE,
      TARGET_BACKUP_MAINTENANCE,
    ]).toEqual(['pipeline', 'broker_heartbeat', 'dashboard_update', 'backup_maintenance']);
  });

  it('a sync callable at a small interval is invoked repeatedly', async () => {
    let ran = 0;
    const test = newScheduler();
    test.scheduler.addTarget('sync', 100, () => (ran += 1));
    await runFor(test, 1000);
    expect(ran).toBe(11);
  });

  it('an async callable is awaited and invoked repeatedly', async () => {
    const starts: number[] = [];
    const test = newScheduler();
    test.scheduler.addTarget('async', 1000, async ({ signal }) => {
      starts.push(test.clock.now() - VIRTUAL_START_MS);
      await test.clock.sleep(700, signal);
    });
    await runFor(test, 4900);
    // The interval is counted from the end of a run, so each one is awaited first.
    expect(starts).toEqual([0, 1700, 3400]);
  });

  it('a callable failing twice then succeeding (max 5) goes on and recovers', async () => {
    let ran = 0;
    const test = newScheduler();
    const failsTwice = () => {
      ran += 1;
      if (ran <= 2) throw new Error('not yet');
    };
    test.scheduler.addTarget('recovers', 100, failsTwice, { errorBackoffMs: 500, maxConsecutiveErrors: 5 });
    await runFor(test, 2000);
    expect(ran).toBeGreaterThanOrEqual(3);
    expect(test.lines.some((line) => line.includes('ALERT'))).toBe(false);
  });
});

describe('what the original got wrong', () => {
  it('the first run is at once, also on a host that has just booted', async () => {
    let ran = 0;
    const test = newScheduler();
    expect(test.clock.mono()).toBe(0);
    test.scheduler.addTarget('hourly', 3_600_000, () => (ran += 1));
    await runFor(test, 0);
    expect(ran).toBe(1);
  });

  it('stop() takes effect at once and not after the interval', async () => {
    const test = newScheduler();
    test.scheduler.addTarget('hourly', 3_600_000, () => undefined);
    const running = test.scheduler.run();
    await test.clock.advance(10);
    test.scheduler.stop();
    await running;
    expect(test.clock.now() - VIRTUAL_START_MS).toBe(10);
  });

  it('stop() finishes the run that is going on', async () => {
    const held = new HeldWork();
    const test = newScheduler();
    test.scheduler.addTarget('slow', 1000, held.run);
    let ended = false;
    const running = test.scheduler.run().then(() => {
      ended = true;
    });
    await test.clock.advance(100);
    test.scheduler.stop();
    await test.clock.advance(600_000);
    expect([ended, held.newest.context.signal.aborted]).toEqual([false, false]);
    held.newest.end();
    await running;
  });

  it('a duplicate name is refused', () => {
    const { scheduler } = newScheduler();
    scheduler.addTarget('a', 1000, () => undefined);
    expect(() => scheduler.addTarget('a', 1000, () => undefined)).toThrow(
      expect.objectContaining({ code: 'INP-0301' }),
    );
  });

  it.each(['error', 'failed'])('a result of status %s is a failure', async (status) => {
    const test = newScheduler();
    test.scheduler.addTarget('reports', 100, () => ({ status }), {
      errorBackoffMs: 500,
      maxConsecutiveErrors: 2,
    });
    await runFor(test, 3000);
    expect(test.lines.filter((line) => line.includes('ALERT CRITICAL'))).toHaveLength(1);
  });

  it('one failing target delays no other', async () => {
    let ran = 0;
    const fails = () => {
      throw new Error('no prices');
    };
    const test = newScheduler();
    test.scheduler
      .addTarget('fails', 100, fails, { errorBackoffMs: 60_000 })
      .addTarget('beats', 1000, () => (ran += 1));
    await runFor(test, 30_000);
    expect(ran).toBe(31);
  });

  it('a target that keeps failing is suspended, told once, and retried after its rest', async () => {
    let attempts = 0;
    const fails = () => {
      attempts += 1;
      throw new Error('no prices');
    };
    const test = newScheduler();
    test.scheduler.addTarget('fails', 1000, fails, { errorBackoffMs: 500, maxConsecutiveErrors: 3 });
    const running = test.scheduler.run();
    await test.clock.advance(60_000);
    expect(attempts).toBe(3);
    expect(test.lines.filter((line) => line.includes('ALERT CRITICAL: target fails suspended'))).toHaveLength(
      1,
    );
    await test.clock.advance(300_000);
    expect(attempts).toBe(4);
    test.scheduler.stop();
    await running;
  });

  it('a hanging target is ended by its time-out while the others run', async () => {
    const held = new HeldWork();
    let ran = 0;
    const test = newScheduler();
    test.scheduler.addTarget('hangs', 1000, held.run).addTarget('beats', 60_000, () => (ran += 1));
    const running = test.scheduler.run();
    await test.clock.advance(3_700_000);
    expect(held.newest.context.signal.aborted).toBe(true);
    expect(ran).toBe(62);
    test.scheduler.stop();
    await test.clock.advance(0);
    await running;
  });
});

describe('addTarget', () => {
  it.each<[string, string, number]>([
    ['an empty name', '', 1000],
    ['a name that is too long', 'x'.repeat(51), 1000],
    ['an interval that is no number', 'a', Number.NaN],
  ])('refuses %s', (_, name, intervalMs) => {
    const { scheduler } = newScheduler();
    expect(() => scheduler.addTarget(name, intervalMs, () => undefined)).toThrow(
      expect.objectContaining({ code: 'INP-0301' }),
    );
  });

  it.each([
    [1, 100],
    [-5, 100],
    [1500.9, 1500],
    [9_999_999, 3_600_000],
  ])('brings the interval %d into its range: %d', async (intervalMs, usedMs) => {
    const starts: number[] = [];
    const test = newScheduler();
    test.scheduler.addTarget('a', intervalMs, () => starts.push(test.clock.now()));
    const running = test.scheduler.run();
    await test.clock.advance(0);
    await test.clock.stall(usedMs - 1);
    await test.clock.advance(1);
    test.scheduler.stop();
    await running;
    expect(starts).toEqual([VIRTUAL_START_MS, VIRTUAL_START_MS + usedMs]);
  });

  it('takes no target after run()', async () => {
    const test = newScheduler();
    test.scheduler.addTarget('a', 1000, () => undefined);
    const running = test.scheduler.run();
    expect(() => test.scheduler.addTarget('b', 1000, () => undefined)).toThrow(/before run/);
    test.scheduler.stop();
    await running;
  });
});

describe('run()', () => {
  it('called again gives the same run', async () => {
    let ran = 0;
    const test = newScheduler();
    test.scheduler.addTarget('a', 1000, () => (ran += 1));
    const [first, second] = [test.scheduler.run(), test.scheduler.run()];
    await test.clock.advance(0);
    test.scheduler.stop();
    await Promise.all([first, second]);
    expect(ran).toBe(1);
  });

  it('after stop(), or stopped in the same moment, runs nothing', async () => {
    let ran = 0;
    for (const order of ['before', 'after']) {
      const { scheduler } = newScheduler();
      scheduler.addTarget('a', 1000, () => (ran += 1));
      if (order === 'before') scheduler.stop();
      const running = scheduler.run();
      scheduler.stop();
      await running;
    }
    expect(ran).toBe(0);
  });

  it('fails with what shouldStop threw, after it has given everything back', async () => {
    let asked = 0;
    const shouldStop = () => {
      asked += 1;
      if (asked > 3) throw new Error('no such file');
      return false;
    };
    const test = newScheduler({ shouldStop });
    test.scheduler.addTarget('a', 1000, () => undefined);
    const running = test.scheduler.run().catch((error: unknown) => error);
    await test.clock.advance(2000);
    expect(await running).toMatchObject({ message: 'no such file' });
    expect(test.lines.at(-1)).toBe('info Scheduler loop exited (stopped=false)');
  });

  it('notices shouldStop while a long interval passes', async () => {
    let stop = false;
    const test = newScheduler({ shouldStop: () => stop });
    test.scheduler.addTarget('hourly', 3_600_000, () => undefined);
    const running = test.scheduler.run();
    await test.clock.advance(5000);
    stop = true;
    await test.clock.advance(100);
    await running;
  });
});

describe('a given store', () => {
  it('keeps every run, stays open, and carries the schedule over to the next scheduler', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'qts-ops-minimal-'));
    const store = await openSqliteStore({ path: join(folder, 'runs.db'), now: () => VIRTUAL_START_MS });
    let ran = 0;
    const work: TargetFunction = ({ log }) => {
      ran += 1;
      log('x'.repeat(9000));
    };
    for (let round = 0; round < 2; round++) {
      const test = newScheduler({ store });
      if (round === 1) test.clock.stepWall(60_000);
      test.scheduler.addTarget('a', 1000, work);
      await runFor(test, 2500);
    }
    const { items, total } = await store.queryExecutions({ jobId: 'a' });
    expect([total, ran]).toEqual([6, 6]);
    expect(items.every(({ status, output }) => status === 'SUCCESS' && output.truncated)).toBe(true);
    expect(await store.readActive()).toEqual([]);
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
});

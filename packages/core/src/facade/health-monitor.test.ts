import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import type { AlertChannel } from '../ports/alert-channel.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import {
  CHECK_BROKER_HEARTBEAT,
  CHECK_ETEDA_LOOP_LATENCY,
  CHECK_GOOGLE_SHEETS,
  CHECK_REPOSITORY_HEALTH,
} from './check-names.ts';
import { HealthMonitor, type HealthMonitorOptions } from './health-monitor.ts';

/** A channel that keeps what it is told. */
function recorder() {
  const told: string[] = [];
  const channel: AlertChannel = {
    sendCritical: (message) => void told.push(`CRITICAL ${message}`),
    sendWarning: (message) => void told.push(`WARNING ${message}`),
  };
  return { told, channel };
}

/** A monitor on virtual time whose alerts and log lines are kept. */
function newMonitor(options: HealthMonitorOptions = {}) {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const line = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  const logger = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
  const { told, channel } = recorder();
  return {
    monitor: new HealthMonitor({ clock, logger, alertChannels: [channel], ...options }),
    clock,
    lines,
    told,
  };
}

describe('the behaviours of the specification', () => {
  it('Health result keeps ok, name, message, latency; check name constants', async () => {
    expect([
      CHECK_GOOGLE_SHEETS,
      CHECK_REPOSITORY_HEALTH,
      CHECK_BROKER_HEARTBEAT,
      CHECK_ETEDA_LOOP_LATENCY,
    ]).toEqual(['google_sheets', 'repository_health', 'broker_heartbeat', 'eteda_loop_latency']);
    const { monitor, clock } = newMonitor();
    monitor.addCheck(CHECK_GOOGLE_SHEETS, async () => {
      await clock.sleep(120, new AbortController().signal);
      return { ok: true, message: 'connected', meta: { worksheets: 4 } };
    });
    const running = monitor.runChecks();
    await clock.advance(200);
    expect(await running).toEqual([
      {
        ok: true,
        name: 'google_sheets',
        message: 'connected',
        status: 'pass',
        latencyMs: 120,
        meta: { worksheets: 4 },
      },
    ]);
  });

  it('add_check returns the monitor (chainable); run_checks returns results in registration order', async () => {
    const { monitor } = newMonitor();
    const names = ['z', 'a', 'm', 'b'];
    for (const name of names) expect(monitor.addCheck(name, () => name !== 'm')).toBe(monitor);
    const results = await monitor.runChecks();
    expect(results.map(({ name, ok }) => [name, ok])).toEqual(names.map((name) => [name, name !== 'm']));
  });

  it('Bool results map to ok/failed; tuple results keep their message', async () => {
    const { monitor } = newMonitor();
    monitor
      .addCheck('yes', () => true)
      .addCheck('no', async () => false)
      .addCheck('pair', () => [false, 'no route to host'])
      .addCheck('healthy', async () => ({ status: 'healthy', timestamp: 't' }))
      .addCheck('unhealthy', async () => ({ status: 'unhealthy', error: 'quota' }))
      .addCheck('odd', () => 17)
      .addCheck('throws', () => {
        throw new Error('boom');
      });
    expect((await monitor.runChecks()).map(({ ok, message }) => [ok, message])).toEqual([
      [true, 'ok'],
      [false, 'check failed'],
      [false, 'no route to host'],
      [true, 'healthy'],
      [false, 'quota'],
      [false, 'unexpected return: number'],
      [false, 'boom'],
    ]);
  });

  it('Given a failing check and a channel, when run, then a critical naming the check is sent', async () => {
    const { monitor, told, lines } = newMonitor();
    await monitor
      .addCheck(CHECK_BROKER_HEARTBEAT, () => {
        throw new Error('connection refused');
      })
      .runChecks();
    expect(told).toEqual(['CRITICAL [broker_heartbeat] connection refused']);
    expect(lines).toEqual(['warn Health check broker_heartbeat raised: connection refused']);
  });

  it('Given a check failing 10 times, then 1 critical (+ repeats per cooldown) and 1 recovery', async () => {
    const { monitor, told, clock } = newMonitor({ repeatAfterMs: 5 * 60_000 });
    let ok = false;
    monitor.addCheck('feed', () => [ok, ok ? 'ticks arrive' : 'no ticks']);
    for (let run = 0; run < 10; run++) {
      await monitor.runChecks();
      await clock.advance(60_000);
    }
    ok = true;
    await monitor.runChecks();
    await monitor.runChecks();
    expect(told).toEqual([
      'CRITICAL [feed] no ticks',
      'CRITICAL [feed] no ticks (since 2026-01-02T00:00:00.000Z)',
      'WARNING [feed] recovered: ticks arrive',
    ]);
  });

  it('given a throwing channel, then all checks still run and the next channel is tried', async () => {
    const { told, channel } = recorder();
    const throwing: AlertChannel = {
      sendCritical: () => {
        throw new Error('mail is down');
      },
      sendWarning: () => Promise.reject(new Error('mail is down')),
    };
    const { monitor, lines } = newMonitor({ alertChannels: [throwing, channel] });
    let ok = false;
    monitor
      .addCheck('a', () => ok)
      .addCheck('b', () => ok)
      .addCheck('c', () => true);
    expect((await monitor.runChecks()).map((result) => result.ok)).toEqual([false, false, true]);
    ok = true;
    await monitor.runChecks();
    expect(told).toEqual([
      'CRITICAL [a] check failed',
      'CRITICAL [b] check failed',
      'WARNING [a] recovered: ok',
      'WARNING [b] recovered: ok',
    ]);
    expect(lines).toEqual(Array(4).fill('error an alert channel failed; the next one is tried'));
  });
});

describe('a monitor', () => {
  it('does not wait for a channel that hangs, nor for a check that does', async () => {
    const { told, channel } = recorder();
    const hanging: AlertChannel = {
      sendCritical: () => new Promise(() => undefined),
      sendWarning: () => undefined,
    };
    const { monitor, clock } = newMonitor({ alertChannels: [hanging, channel] });
    monitor
      .addCheck('slow', () => new Promise(() => undefined), { timeoutMs: 2000 })
      .addCheck('good', () => true);
    const running = monitor.runChecks();
    await clock.advance(2000);
    await clock.advance(15_000);
    expect((await running).map(({ ok }) => ok)).toEqual([false, true]);
    expect(told).toEqual(['CRITICAL [slow] no answer within 2000 ms']);
  });

  it('says warnings as warnings, and goes up when it gets worse', async () => {
    const { monitor, told } = newMonitor();
    let status = 'warn';
    monitor.addCheck('disk', () => ({ status, message: `disk ${status}` }));
    expect(await monitor.runChecks()).toMatchObject([{ ok: true, status: 'warn' }]);
    status = 'fail';
    await monitor.runChecks();
    expect(told).toEqual(['WARNING [disk] disk warn', 'CRITICAL [disk] disk fail']);
  });

  it('takes more checks between runs without repeating what it has said', async () => {
    const { monitor, told } = newMonitor();
    await monitor.addCheck('a', () => false).runChecks();
    await monitor.addCheck('b', () => false).runChecks();
    expect(told).toEqual(['CRITICAL [a] check failed', 'CRITICAL [b] check failed']);
    expect(() => monitor.addCheck('a', () => true)).toThrow(expect.objectContaining({ code: 'INP-0904' }));
    expect(() => monitor.addCheck('', () => true)).toThrow(expect.objectContaining({ code: 'INP-0904' }));
  });

  it('runs that overlap are one after the other', async () => {
    const { monitor, told } = newMonitor();
    let looks = 0;
    monitor.addCheck('a', () => {
      looks += 1;
      return false;
    });
    await Promise.all([monitor.runChecks(), monitor.runChecks(), monitor.runChecks()]);
    expect(looks).toBe(3);
    expect(told).toHaveLength(1);
  });

  it('with a file, a new process knows the open alert and tells its end', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'qts-monitor-'));
    const path = join(folder.path, 'health.db');
    const heard: string[] = [];
    for (const ok of [false, false, true, true]) {
      await using store = await openSqliteStore({ path, now: () => 0 });
      const { monitor, told } = newMonitor({ store });
      await monitor.addCheck('a', () => ok).runChecks();
      await monitor.close();
      heard.push(...told);
    }
    expect(heard).toEqual(['CRITICAL [a] check failed', 'WARNING [a] recovered: ok']);
  });

  it('without channels writes to the log, with the prefixes operators search for', async () => {
    const { monitor, lines } = newMonitor({ alertChannels: undefined });
    await using disposed = monitor.addCheck('a', () => false);
    await disposed.runChecks();
    expect(lines).toEqual(['error ALERT CRITICAL: [a] check failed']);
  });
});

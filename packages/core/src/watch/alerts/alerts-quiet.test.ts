import { describe, expect, it } from 'vitest';
import { createTestAlerts, TestChannel, testAct } from '../../testing/create-test-alerts.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;

describe('a silence', () => {
  const matchers = [{ label: 'job', value: 'prices' }];
  const labels = { job: 'prices' };

  it('keeps what it fits untold until it ends; what is still open is told then', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    await test.acts.silence({ matchers, endsAtMs: test.clock.now() + hourMs }, testAct());
    await test.raise('quiet', { labels });
    await test.raise('short', { labels });
    await test.raise('loud');
    await test.clock.advance(30 * minuteMs);
    await test.resolve('short');
    await test.clock.advance(29 * minuteMs);
    expect(mail.told).toEqual(['first firing loud']);
    expect(test.alerts.open()[0]).toMatchObject({ suppression: { by: 'silence' } });
    await test.clock.advance(2 * minuteMs);
    expect(mail.told).toEqual(['first firing loud', 'first firing quiet']);
  });

  it('lets the end of what was told pass, and stops its reminders', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('k', { labels, level: 'CRITICAL' });
    await test.clock.settle();
    await test.acts.silence({ matchers, endsAtMs: test.clock.now() + 5 * hourMs }, testAct());
    await test.clock.advance(4 * hourMs);
    expect(mail.told).toEqual(['first firing k']);
    await test.resolve('k');
    await test.clock.settle();
    expect(mail.told).toEqual(['first firing k', 'resolved resolved k']);
  });

  it('that is ended early tells at once, and cannot be ended twice', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    const { id } = await test.acts.silence({ matchers, endsAtMs: test.clock.now() + hourMs }, testAct());
    await test.raise('k', { labels });
    await test.clock.advance(minuteMs);
    await test.acts.expireSilence(id, testAct('lee'));
    await test.clock.advance(1);
    expect(mail.told).toEqual(['first firing k']);
    await expect(test.acts.expireSilence(id, testAct())).rejects.toMatchObject({ code: 'INP-0923' });
    expect(await test.store.readSilences(5)).toMatchObject([{ id, expiredBy: 'lee', createdBy: 'kim' }]);
    expect((await test.store.queryAudit({ auditType: 'ALERT_SILENCE' })).total).toBe(2);
  });

  it.each([
    ['nothing', []],
    ['everything', [{ label: 'job', value: '*' }]],
    ['everything but one', [{ label: 'job', value: 'prices', not: true }]],
  ])('of %s is refused', async (_, wrong) => {
    await using test = await createTestAlerts();
    const endsAtMs = test.clock.now() + hourMs;
    const refused = { code: 'INP-0921' };
    await expect(test.acts.silence({ matchers: wrong, endsAtMs }, testAct())).rejects.toMatchObject(refused);
    const tooLong = { matchers, endsAtMs: test.clock.now() + 31 * 24 * hourMs };
    await expect(test.acts.silence(tooLong, testAct())).rejects.toMatchObject(refused);
  });
});

describe('a maintenance window', () => {
  // 2026-03-29 01:00 UTC: the clock in Berlin goes from 02:00 to 03:00; on 2026-10-25 it goes back.
  it.each([
    ['a night with 23 hours', Date.UTC(2026, 2, 28, 20), [21 * 60, 4 * 60], 6],
    ['a night with 25 hours', Date.UTC(2026, 9, 24, 18), [21 * 60, 4 * 60], 8],
    ['an hour that comes twice', Date.UTC(2026, 9, 24, 22), [120, 180], 2],
  ] as const)(
    'over %s ends when the wall clock says so',
    async (_, fromMs, [fromMinute, toMinute], hours) => {
      const mail = new TestChannel('mail');
      const clock = new VirtualClock(fromMs);
      const weekdays = [0, 1, 2, 3, 4, 5, 6];
      const window = {
        id: 'night',
        matchers: [],
        hours: { timeZone: 'Europe/Berlin', weekdays, fromMinute, toMinute },
      };
      await using test = await createTestAlerts({ channels: [mail], clock, settings: { windows: [window] } });
      let quietMinutes = 0;
      for (let minute = 0; minute < 12 * 60; minute++) {
        await test.raise(`k${minute}`);
        const alert = test.alerts.open().find(({ dedupKey }) => dedupKey === `k${minute}`);
        if (alert?.suppression?.by === 'maintenance') quietMinutes += 1;
        await test.resolve(`k${minute}`);
        clock.stepWall(minuteMs);
      }
      expect(quietMinutes / 60).toBe(hours);
    },
    30_000,
  );

  it('of one stretch keeps what it fits untold, and tells what is still open at its end', async () => {
    const mail = new TestChannel('mail');
    const clock = new VirtualClock();
    const fromMs = clock.now() + hourMs;
    const matchers = [{ label: 'check', value: 'db-*' }];
    const windows = [{ id: 'upgrade', matchers, fromMs, toMs: fromMs + hourMs }];
    await using test = await createTestAlerts({ channels: [mail], clock, settings: { windows } });
    await test.clock.advance(hourMs + minuteMs);
    await test.raise('db', { labels: { check: 'db-main' } });
    await test.raise('web', { labels: { check: 'web' } });
    await test.clock.advance(58 * minuteMs);
    expect(mail.told).toEqual(['first firing web']);
    await test.clock.advance(2 * minuteMs);
    expect(mail.told).toEqual(['first firing web', 'first firing db']);
  });
});

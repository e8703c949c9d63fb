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
    const { items } = await test.store.queryAudit({ targetId: id });
    expect(items.map(({ auditType, operatorId }) => [auditType, operatorId])).toEqual([
      ['ALERT_SILENCE_END', 'lee'],
      ['ALERT_SILENCE', 'kim'],
    ]);
  });

  it('shows on an alert that is open already at once, and tells once when it ends', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('k', { labels });
    await test.raise('other');
    await test.clock.settle();
    mail.clear();
    const { id } = await test.acts.silence({ matchers, forMs: 10 * minuteMs }, testAct());
    const of = (key: string) => test.alerts.open().find(({ dedupKey }) => dedupKey === key);
    expect(of('k')?.suppression).toMatchObject({ by: 'silence', name: id });
    expect(of('other')?.suppression).toBeUndefined();
    await test.clock.advance(9 * minuteMs);
    expect(mail.told).toEqual([]);
    await test.clock.advance(2 * minuteMs);
    expect(mail.told).toEqual(['reminder firing k']);
    expect(of('k')?.suppression).toBeUndefined();
    await test.clock.advance(3 * hourMs);
    expect(mail.told).toEqual(['reminder firing k']);
  });

  it('that overlaps another one hands over to it, and nothing is told between them', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('k', { labels });
    await test.clock.settle();
    mail.clear();
    await test.acts.silence({ matchers, forMs: 10 * minuteMs }, testAct());
    const longer = await test.acts.silence({ matchers, forMs: 20 * minuteMs }, testAct());
    await test.clock.advance(11 * minuteMs);
    expect(test.alerts.open()[0]?.suppression).toMatchObject({ name: longer.id });
    expect(mail.told).toEqual([]);
    await test.clock.advance(10 * minuteMs);
    expect(mail.told).toEqual(['reminder firing k']);
  });

  it('of a level tells at once when the alert grows graver than it, even one that somebody had taken', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    const warnings = [...matchers, { label: 'level', value: 'WARN' }];
    await test.acts.silence({ matchers: warnings, forMs: hourMs }, testAct());
    await test.raise('k', { labels, level: 'WARN' });
    await test.clock.advance(minuteMs);
    const [open] = test.alerts.open();
    await test.acts.acknowledge(open?.id ?? '', testAct());
    expect(mail.told).toEqual([]);
    await test.raise('k', { labels, level: 'CRITICAL' });
    await test.clock.settle();
    expect(mail.told).toEqual(['first firing k']);
    expect(test.alerts.open()[0]).toMatchObject({ state: 'firing', level: 'CRITICAL' });
  });

  it('over an alert that somebody has taken and that grew graver tells it when it ends', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('k', { labels });
    await test.clock.settle();
    await test.acts.acknowledge(test.alerts.open()[0]?.id ?? '', testAct());
    await test.acts.silence({ matchers, forMs: 10 * minuteMs }, testAct());
    mail.clear();
    await test.raise('k', { labels, level: 'CRITICAL' });
    await test.clock.advance(9 * minuteMs);
    expect(mail.told).toEqual([]);
    await test.clock.advance(2 * minuteMs);
    expect(mail.notices).toMatchObject([{ dedupKey: 'k', level: 'CRITICAL' }]);
  });

  it('over an alert that somebody has taken leaves it taken when it ends', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('k', { labels });
    await test.clock.settle();
    await test.acts.acknowledge(test.alerts.open()[0]?.id ?? '', testAct());
    mail.clear();
    await test.acts.silence({ matchers, forMs: 10 * minuteMs }, testAct());
    expect(test.alerts.open()[0]).toMatchObject({ state: 'acknowledged', suppression: { by: 'silence' } });
    await test.clock.advance(hourMs);
    expect(mail.told).toEqual([]);
    expect(test.alerts.open()[0]?.suppression).toBeUndefined();
  });

  it('that begins later keeps nothing untold before, and shows from its beginning on', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('k', { labels });
    await test.clock.settle();
    const startsAtMs = test.clock.now() + 10 * minuteMs;
    await test.acts.silence({ matchers, startsAtMs, forMs: 10 * minuteMs }, testAct());
    await test.clock.advance(9 * minuteMs);
    expect(test.alerts.open()[0]?.suppression).toBeUndefined();
    await test.clock.advance(2 * minuteMs);
    expect(test.alerts.open()[0]?.suppression).toMatchObject({ by: 'silence' });
    mail.clear();
    await test.clock.advance(10 * minuteMs);
    expect(mail.told).toEqual(['reminder firing k']);
  });

  it('gives whoever is told at its end the time of a step before anybody else is called', async () => {
    const channels = ['mail', 'phone'].map((id) => new TestChannel(id));
    const phone = channels[1];
    const settings = {
      routes: [{ id: 'all', channels: ['mail'], escalation: 'night' }],
      escalations: { night: { steps: [{ afterMs: 10 * minuteMs, to: ['phone'] }] } },
    };
    await using test = await createTestAlerts({ channels, settings });
    await test.raise('k', { labels });
    await test.clock.settle();
    await test.acts.silence({ matchers, forMs: hourMs }, testAct());
    await test.clock.advance(hourMs + minuteMs);
    expect(phone?.told).toEqual([]);
    await test.clock.advance(10 * minuteMs);
    expect(phone?.told).toEqual(['escalation firing k']);
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

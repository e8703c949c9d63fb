import { describe, expect, it } from 'vitest';
import { createTestAlerts, TestChannel } from '../../testing/create-test-alerts.ts';
import type { AlertRoute } from './alert-settings.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const all: AlertRoute = { id: 'all', channels: ['mail'] };

describe('one cause', () => {
  it('with 30 children is one message, and everything that was told is told as over', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    const parents = ['check:network'];
    for (let n = 0; n < 15; n++) await test.raise(`check:${n}`, { level: 'CRITICAL', parents });
    await test.clock.advance(2000);
    await test.raise('check:network', { level: 'CRITICAL' });
    for (let n = 15; n < 30; n++) await test.raise(`check:${n}`, { level: 'CRITICAL', parents });
    await test.clock.advance(hourMs);
    expect(mail.told.filter((line) => !line.startsWith('reminder'))).toEqual(['first firing check:network']);
    mail.clear();
    await test.resolve('check:network');
    for (let n = 0; n < 29; n++) await test.resolve(`check:${n}`);
    await test.clock.advance(50_000);
    expect(mail.told).toEqual(['resolved resolved check:network']);
    await test.clock.advance(20_000);
    // One child did not get well with its parent: now it is news of its own.
    expect(mail.told.slice(1)).toEqual(['first firing check:29']);
    await test.resolve('check:29');
    await test.clock.settle();
    expect(mail.told.at(-1)).toBe('resolved resolved check:29');
    expect(test.alerts.open()).toEqual([]);
  });

  it('that comes after its children were told hides nothing of their end', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('child', { parents: ['parent'] });
    await test.clock.advance(11_000);
    await test.raise('parent');
    await test.resolve('child');
    await test.clock.advance(1000);
    expect(mail.told).toEqual(['first firing child', 'first firing parent', 'resolved resolved child']);
  });

  it('is found by labels as well: rules name a source, a target and what they share', async () => {
    const mail = new TestChannel('mail');
    const inhibitions = [
      {
        id: 'host',
        source: [{ label: 'alertType', value: 'SYSTEM_ERROR' }],
        target: [{ label: 'alertType', value: 'BATCH_*' }],
        equal: ['host'],
      },
    ];
    await using test = await createTestAlerts({ channels: [mail], settings: { inhibitions } });
    await test.raise('host a', { labels: { host: 'a' } });
    await test.raise('batch on a', { alertType: 'BATCH_FAILED', labels: { host: 'a' } });
    await test.raise('batch on b', { alertType: 'BATCH_FAILED', labels: { host: 'b' } });
    await test.clock.advance(11_000);
    expect(mail.told).toEqual(['first firing host a', 'first firing batch on b']);
  });
});

describe('a group', () => {
  const routes = [{ ...all, groupBy: ['job'], groupWaitMs: 30_000, groupIntervalMs: 300_000 }];
  const inGroup = { labels: { job: 'prices' } };

  it('waits for company, is told as one, and its end as one', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail], settings: { routes } });
    for (let n = 0; n < 4; n++) await test.raise(`k${n}`, inGroup);
    await test.raise('other', { labels: { job: 'score' } });
    await test.clock.advance(29_000);
    expect(mail.told).toEqual([]);
    await test.clock.advance(2000);
    expect(mail.notices.map(({ title }) => title)).toEqual(['4 alerts: 4 open, 0 over', 'other']);
    mail.clear();
    for (let n = 0; n < 4; n++) await test.resolve(`k${n}`);
    await test.clock.advance(31_000);
    expect(mail.notices).toMatchObject([{ title: '4 alerts: 0 open, 4 over', state: 'resolved' }]);
  });

  it('is told of newcomers after its interval, and of a critical one within a minute', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail], settings: { routes } });
    await test.raise('a', inGroup);
    await test.clock.advance(40_000);
    await test.raise('b', inGroup);
    await test.clock.advance(4 * minuteMs);
    expect(mail.notices).toHaveLength(1);
    await test.clock.advance(minuteMs);
    expect(mail.told[1]).toBe('new-in-group firing b');
    await test.raise('c', { ...inGroup, level: 'CRITICAL' });
    await test.clock.advance(minuteMs + 1000);
    expect(mail.told[2]).toBe('new-in-group firing c');
  });

  it('that is critical does not wait at all', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail], settings: { routes } });
    await test.raise('a', { ...inGroup, level: 'CRITICAL' });
    await test.clock.settle();
    expect(mail.told).toEqual(['first firing a']);
  });

  it('is told at once of what becomes critical, whatever waits in it', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail], settings: { routes } });
    await test.raise('a', { ...inGroup, level: 'INFO' });
    await test.raise('a', { ...inGroup, level: 'CRITICAL' });
    await test.clock.settle();
    expect(mail.told).toEqual(['first firing a']);
    const pricing = { labels: { job: 'pricing' } };
    await test.raise('b', { ...pricing, level: 'INFO' });
    await test.raise('c', { ...pricing, level: 'CRITICAL' });
    await test.clock.settle();
    expect(mail.notices[1]).toMatchObject({ title: '2 alerts: 2 open, 0 over', level: 'CRITICAL' });
  });

  it('lets a critical member wait a minute after it was last told, also behind others that wait longer', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail], settings: { routes } });
    await test.raise('a', inGroup);
    await test.clock.advance(35_000);
    await test.raise('b', inGroup);
    await test.clock.advance(5000);
    await test.raise('c', { ...inGroup, level: 'CRITICAL' });
    expect(mail.told).toEqual(['first firing a']);
    await test.clock.advance(51_000);
    expect(mail.notices[1]).toMatchObject({ title: '2 alerts: 2 open, 0 over', level: 'CRITICAL' });
  });

  it('whose only member becomes graver before it was told waits no interval', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail], settings: { routes } });
    await test.raise('a', { ...inGroup, level: 'INFO' });
    await test.clock.advance(10_000);
    await test.raise('a', { ...inGroup, level: 'WARN' });
    await test.clock.advance(31_000);
    expect(mail.told).toEqual(['first firing a']);
  });

  it('member that is over before the group is told is told as over in it', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail], settings: { routes } });
    await test.raise('a', inGroup);
    await test.raise('b', inGroup);
    await test.resolve('a');
    await test.clock.advance(31_000);
    expect(mail.notices).toMatchObject([{ title: '2 alerts: 1 open, 1 over' }]);
    expect(mail.notices[0]?.fields.map(({ label }) => label)).toEqual(['ERROR over', 'ERROR firing']);
    await test.resolve('b');
    await test.clock.advance(31_000);
    expect(mail.told.at(-1)).toBe('resolved resolved b');
  });
});

describe('a storm', () => {
  it('of 10,000 alerts in 10 s ends in a bounded number of messages, and so does its end', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    for (let second = 0; second < 10; second++) {
      await Promise.all(
        Array.from({ length: 1000 }, (_, n) =>
          test.raise(`k${second}-${n}`, { level: n % 2 === 0 ? 'WARN' : 'CRITICAL' }),
        ),
      );
      await test.clock.advance(1000);
    }
    await test.clock.advance(15 * minuteMs);
    expect(test.alerts.open()).toHaveLength(10_000);
    expect(mail.notices.length).toBeLessThanOrEqual(40);
    const told = mail.notices.filter(({ reason }) => reason === 'digest').map(({ title }) => title);
    expect(told.length).toBeGreaterThan(0);
    const { items } = await test.store.queryOutbox({ channelId: 'mail', limit: 1000 });
    expect(items.reduce((sum, { alertCount }) => sum + alertCount, 0)).toBe(10_000);
    mail.clear();
    await Promise.all(test.alerts.open().map(({ dedupKey }) => test.resolve(dedupKey)));
    await test.clock.advance(20 * minuteMs);
    expect(mail.notices.length).toBeLessThanOrEqual(40);
    expect(mail.notices.every(({ state }) => state === 'resolved')).toBe(true);
    const after = (await test.store.queryOutbox({ channelId: 'mail', limit: 1000 })).items;
    expect(after.reduce((sum, { alertCount }) => sum + alertCount, 0)).toBe(20_000);
    expect(after.every(({ status }) => status === 'sent')).toBe(true);
  });

  it('below CRITICAL leaves room for what is critical', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    for (let n = 0; n < 30; n++) await test.raise(`k${n}`);
    await test.raise('grave', { level: 'CRITICAL' });
    await test.clock.settle();
    expect(mail.notices).toHaveLength(21);
    expect(mail.told).toContain('first firing grave');
    await test.clock.advance(minuteMs);
    expect(mail.notices.at(-1)).toMatchObject({ reason: 'digest', title: '10 alerts: 10 open, 0 over' });
  });
});

describe('routes', () => {
  it('send by level, type and label; the first that fits ends the search unless it continues', async () => {
    const channels = ['mail', 'chat', 'desk', 'rest'].map((id) => new TestChannel(id));
    const routes: AlertRoute[] = [
      { id: 'chat', minLevel: 'ERROR', channels: ['chat'], continue: true },
      { id: 'desk', matchers: [{ label: 'job', value: 'price*' }], channels: ['desk', 'mail'] },
      { id: 'health', alertTypes: ['HEALTH_CHECK'], channels: ['mail'] },
      { id: 'rest', channels: ['rest'] },
    ];
    await using test = await createTestAlerts({ channels, settings: { routes } });
    await test.raise('a', { labels: { job: 'prices' } });
    await test.raise('b', { level: 'WARN', labels: { job: 'score' } });
    await test.raise('c', { level: 'WARN', alertType: 'HEALTH_CHECK' });
    await test.clock.settle();
    expect(channels.map(({ notices }) => notices.map(({ dedupKey }) => dedupKey).join(''))).toEqual([
      'ac',
      'a',
      'a',
      'b',
    ]);
  });

  it('by default: mail for all, Slack from ERROR on, webhooks what is critical', async () => {
    const channels = ['email', 'slack', 'webhook'].map((id) => new TestChannel(id));
    await using test = await createTestAlerts({ channels });
    for (const level of ['INFO', 'WARN', 'ERROR', 'CRITICAL'] as const) await test.raise(level, { level });
    await test.clock.settle();
    expect(channels.map(({ notices }) => notices.length)).toEqual([4, 2, 1]);
  });

  it('outside of their hours wait for the next ones, together; what is critical does not wait', async () => {
    const mail = new TestChannel('mail');
    const activeHours = {
      timeZone: 'Asia/Seoul',
      weekdays: [1, 2, 3, 4, 5],
      fromMinute: 540,
      toMinute: 1080,
    };
    // The clock begins on a Friday at 09:00 in Seoul.
    await using test = await createTestAlerts({
      channels: [mail],
      settings: { routes: [{ ...all, activeHours }] },
    });
    await test.raise('now');
    await test.clock.advance(10 * hourMs);
    await test.raise('evening');
    await test.raise('weekend');
    await test.raise('over');
    await test.raise('grave', { level: 'CRITICAL' });
    await test.clock.settle();
    await test.resolve('over');
    await test.clock.advance(61 * hourMs);
    const heard = mail.told.filter((line) => !line.startsWith('reminder'));
    expect(heard).toEqual(['first firing now', 'first firing grave']);
    await test.clock.advance(2 * hourMs);
    expect(mail.notices.some(({ title }) => title.startsWith('4 alerts: 3 open, 1 over'))).toBe(true);
  });

  it.each([
    // At 18:00 on Friday, an hour before the route opens on Monday, and when it does.
    ['by an hour', hourMs, [0, 62 * hourMs, hourMs], [0, 0, 1]],
    ['into them', 9 * hourMs, [0], [1]],
  ])(
    'outside of their hours keep to the hours when the clock is set back %s',
    async (_, byMs, waits, told) => {
      const mail = new TestChannel('mail');
      const hours = { timeZone: 'Asia/Seoul', weekdays: [1, 2, 3, 4, 5], fromMinute: 540, toMinute: 1080 };
      const settings = { routes: [{ ...all, activeHours: hours }] };
      await using test = await createTestAlerts({ channels: [mail], settings });
      await test.clock.advance(10 * hourMs);
      await test.raise('evening');
      test.clock.stepWall(-byMs);
      await test.alerts.clockJumped(-byMs);
      const heard: number[] = [];
      for (const waitMs of waits) {
        await test.clock.advance(waitMs);
        await test.clock.settle();
        heard.push(mail.told.length);
      }
      expect(heard).toEqual(told);
    },
  );
});

import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../adapters/store-sql/sqlite-store.ts';
import type { SendResult } from '../../ports/alert-channel.ts';
import { createTestAlerts, TestChannel, testAct } from '../../testing/create-test-alerts.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const sent: SendResult = { status: 'sent' };
const refused: SendResult = { status: 'retry', reason: 'connection refused' };

describe('a channel in trouble', () => {
  it.each<[string, () => SendResult | Promise<SendResult>]>([
    ['throws', () => Promise.reject(new Error('broken'))],
    ['hangs for ever', () => new Promise(() => undefined)],
    ['is dead', () => refused],
    ['answers nonsense', () => undefined as unknown as SendResult],
  ])('that %s delays no other one', async (_, answer) => {
    const bad = new TestChannel('bad');
    const good = new TestChannel('good');
    bad.answer = answer;
    await using test = await createTestAlerts({ channels: [bad, good] });
    for (let n = 0; n < 5; n++) await test.raise(`k${n}`);
    await test.clock.settle();
    expect(good.told).toHaveLength(5);
  });

  it('is told to the others after three failures, never to itself, and so is its recovery', async () => {
    const mail = new TestChannel('mail');
    const slack = new TestChannel('chat');
    mail.answer = () => refused;
    await using test = await createTestAlerts({ channels: [mail, slack] });
    await test.raise('k');
    await test.clock.advance(10 * minuteMs);
    expect(mail.notices.filter(({ dedupKey }) => dedupKey !== 'k')).toEqual([]);
    expect(slack.told).toEqual(['first firing k', 'first firing channel:mail']);
    expect(test.alerts.channels().find(({ channelId }) => channelId === 'mail')).toMatchObject({
      waiting: 1,
      lastError: 'connection refused',
    });
    mail.answer = () => sent;
    await test.clock.advance(20 * minuteMs);
    expect(slack.told.at(-1)).toBe('resolved resolved channel:mail');
    expect(test.alerts.open().map(({ dedupKey }) => dedupKey)).toEqual(['k']);
  });

  it('is tried less and less often, and not more than needed', async () => {
    const mail = new TestChannel('mail');
    mail.answer = () => refused;
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('k');
    await test.clock.advance(hourMs);
    const attempts = mail.notices.length;
    expect(attempts).toBeGreaterThan(4);
    expect(attempts).toBeLessThan(30);
    const [row] = (await test.store.queryOutbox({ channelId: 'mail' })).items;
    const history = await test.store.readAttempts(row?.id ?? '');
    expect(history).toHaveLength(attempts);
    expect(history[0]?.end).toMatchObject({ result: 'retry', text: 'connection refused' });
  });

  it('that delivers again after a long time is given what waits at once, no faster than its bucket', async () => {
    const mail = new TestChannel('mail', { perSecond: 1, burst: 2 });
    mail.answer = () => refused;
    await using test = await createTestAlerts({ channels: [mail] });
    for (let n = 0; n < 6; n++) await test.raise(`k${n}`);
    await test.clock.advance(2 * hourMs);
    const arrived = async () => (await test.store.queryOutbox({ channelId: 'mail', status: 'sent' })).total;
    mail.answer = () => sent;
    while ((await arrived()) === 0) await test.clock.advance(1000);
    await test.clock.advance(10_000);
    expect(await arrived()).toBe(6);
  });

  it('that asks to wait is left alone as a whole for so long', async () => {
    const mail = new TestChannel('mail');
    mail.answer = () => ({ status: 'retry', reason: '429', retryAfterMs: 120_000, pauseChannel: true });
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('a');
    await test.clock.settle();
    mail.answer = () => sent;
    await test.raise('b', { level: 'CRITICAL' });
    await test.clock.advance(119_000);
    expect(mail.told).toEqual(['first firing a']);
    await test.clock.advance(2000);
    expect(mail.told).toEqual(['first firing a', 'first firing b', 'first firing a']);
  });

  it('that takes longer than 15 s may have delivered: the next attempt says so', async () => {
    const mail = new TestChannel('mail');
    mail.answer = () => new Promise(() => undefined);
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('k');
    await test.clock.advance(15_000);
    mail.answer = () => sent;
    await test.clock.advance(minuteMs);
    expect(mail.notices.map(({ id, maybeRepeat }) => [id === mail.notices[0]?.id, maybeRepeat])).toEqual([
      [true, false],
      [true, true],
    ]);
  });

  it('that refuses how a notice looks gets plain text once, and then it is given up', async () => {
    const mail = new TestChannel('mail');
    mail.answer = () => ({ status: 'rejected', scope: 'message', reason: 'invalid blocks' });
    const other = new TestChannel('other');
    await using test = await createTestAlerts({ channels: [mail, other] });
    await test.raise('k', { level: 'CRITICAL' });
    await test.clock.advance(minuteMs);
    expect(mail.notices).toHaveLength(2);
    const [row] = (await test.store.queryOutbox({ channelId: 'mail' })).items;
    expect(row).toMatchObject({ status: 'dead', plain: true, lastError: 'invalid blocks' });
    expect(other.told).toEqual(['first firing k', 'first firing channel:mail']);
    await test.resolve('k');
    await test.clock.advance(minuteMs);
    expect(mail.notices).toHaveLength(2);
    expect(other.told).toContain('resolved resolved k');
  });

  it('whose address is wrong is tried every 15 minutes, and told at once', async () => {
    const mail = new TestChannel('mail');
    mail.answer = () => ({ status: 'rejected', scope: 'channel', reason: 'HTTP 404' });
    const other = new TestChannel('other');
    await using test = await createTestAlerts({ channels: [mail, other] });
    await test.raise('k', { level: 'CRITICAL' });
    await test.clock.settle();
    expect(other.told).toContain('first firing channel:mail');
    mail.answer = () => sent;
    await test.clock.advance(16 * minuteMs);
    expect(mail.told).toEqual(['first firing k', 'first firing k']);
  });

  it('keeps who was refused of several recipients', async () => {
    const mail = new TestChannel('mail');
    mail.answer = () => ({ status: 'sent', ref: '<1@x>', rejectedRecipients: ['a@b'] });
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('k');
    await test.clock.settle();
    const [row] = (await test.store.queryOutbox({ channelId: 'mail' })).items;
    expect(await test.store.readAttempts(row?.id ?? '')).toMatchObject([
      { end: { result: 'sent', ref: '<1@x>', rejectedRecipients: ['a@b'] } },
    ]);
    expect((await test.store.queryAlerts({})).items[0]?.channelsSent).toEqual(
      expect.arrayContaining(['log', 'mail']),
    );
  });

  it('gives up what is too old, after at least one attempt', async () => {
    const mail = new TestChannel('mail');
    mail.answer = () => refused;
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('k', { level: 'INFO', event: true });
    await test.clock.advance(2 * hourMs);
    expect((await test.store.queryOutbox({ channelId: 'mail', status: 'dead' })).total).toBe(1);
    expect(test.alerts.open()).toMatchObject([{ alertType: 'CHANNEL_FAILED', avoidChannel: 'mail' }]);
  });
});

describe('what is waiting', () => {
  it('goes out critical first, and in order for each key', async () => {
    const mail = new TestChannel('mail', { perSecond: 1, burst: 1 });
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('first');
    await test.clock.settle();
    await test.raise('warn', { level: 'WARN' });
    await test.raise('crit', { level: 'CRITICAL' });
    await test.resolve('first');
    await test.clock.advance(5000);
    expect(mail.told).toEqual([
      'first firing first',
      'first firing crit',
      'first firing warn',
      'resolved resolved first',
    ]);
  });

  it('is one combined notice when the end comes before the beginning was delivered', async () => {
    const mail = new TestChannel('mail');
    mail.answer = () => refused;
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('k');
    await test.clock.advance(1000);
    mail.clear();
    await test.resolve('k');
    mail.answer = () => sent;
    await test.clock.advance(minuteMs);
    expect(mail.notices).toHaveLength(1);
    expect(mail.notices[0]).toMatchObject({ state: 'resolved', startedAtMs: expect.any(Number) });
    expect((await test.store.queryOutbox({ status: 'superseded' })).total).toBe(1);
  });

  it('keeps to the bucket of the channel', async () => {
    const mail = new TestChannel('mail', { perSecond: 20 / 60, burst: 5 });
    await using test = await createTestAlerts({ channels: [mail] });
    for (let n = 0; n < 15; n++) await test.raise(`k${n}`);
    await test.clock.settle();
    expect(mail.notices).toHaveLength(5);
    await test.clock.advance(minuteMs);
    expect(mail.notices).toHaveLength(15);
  });

  it('is not lost when the wall clock is set back by an hour', async () => {
    const mail = new TestChannel('mail');
    mail.answer = () => refused;
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('k', { level: 'CRITICAL' });
    await test.clock.settle();
    mail.answer = () => sent;
    test.clock.stepWall(-hourMs);
    await test.alerts.clockJumped(-hourMs);
    await test.clock.advance(minuteMs);
    expect(mail.notices).toHaveLength(2);
    await test.clock.advance(31 * minuteMs);
    expect(mail.told.at(-1)).toBe('reminder firing k');
  });
});

describe('after a death', () => {
  it('what was being sent is sent once more and says so; what was waiting is sent', async () => {
    const clock = new VirtualClock();
    const store = await openSqliteStore({ path: ':memory:', now: () => clock.now() });
    const mail = new TestChannel('mail');
    mail.answer = () => new Promise(() => undefined);
    const first = await createTestAlerts({ channels: [mail], clock, store });
    await first.raise('a');
    await first.raise('b');
    await clock.settle();
    expect(mail.told).toEqual(['first firing a']);
    first.die();
    const again = new TestChannel('mail');
    await using second = await createTestAlerts({ channels: [again], clock, store });
    await clock.settle();
    expect(again.notices.map(({ dedupKey, maybeRepeat }) => [dedupKey, maybeRepeat])).toEqual([
      ['a', true],
      ['b', false],
    ]);
    expect(again.notices[0]?.id).toBe(mail.notices[0]?.id);
    const [, row] = (await store.queryOutbox({ channelId: 'mail' })).items;
    expect((await store.readAttempts(row?.id ?? '')).map(({ end }) => end?.result)).toEqual(['lost', 'sent']);
    expect(second.logged.join()).toContain('are sent again');
  });

  it('what waits for a channel that the config no longer names is given up', async () => {
    const clock = new VirtualClock();
    const store = await openSqliteStore({ path: ':memory:', now: () => clock.now() });
    const gone = new TestChannel('gone');
    gone.answer = () => refused;
    const first = await createTestAlerts({ channels: [gone], clock, store });
    await first.raise('k');
    await clock.settle();
    first.die();
    await using _second = await createTestAlerts({ channels: [], clock, store });
    const { items } = await store.queryOutbox({ channelId: 'gone' });
    expect(items).toMatchObject([{ status: 'dead', lastError: expect.stringContaining('no such channel') }]);
  });
});

describe('a test notice', () => {
  it('goes through the real outbox and says what became of it', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    const outcome = test.acts.test('mail', 'CRITICAL', testAct());
    await test.clock.settle();
    expect(await outcome).toMatchObject({ status: 'sent', attempts: 1 });
    expect(mail.notices).toMatchObject([{ reason: 'test', alertType: 'TEST', level: 'CRITICAL' }]);
    mail.answer = () => refused;
    const failing = test.acts.test('mail', 'INFO', testAct());
    await test.clock.settle();
    expect(await failing).toMatchObject({ status: 'retry', error: 'connection refused' });
    await expect(test.acts.test('nobody', 'INFO', testAct())).rejects.toMatchObject({ code: 'INP-0925' });
    const { items } = await test.store.queryAudit({ auditType: 'ALERT_TEST' });
    expect(items).toMatchObject([
      { operatorId: 'kim', action: 'CREATE', after: { channelId: 'mail', level: 'INFO' } },
      { targetId: (await outcome).alertId, after: { channelId: 'mail', level: 'CRITICAL' } },
    ]);
  });
});

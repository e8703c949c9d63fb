import { describe, expect, it } from 'vitest';
import { createTestAlerts, TestChannel, testAct } from '../../testing/create-test-alerts.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;

describe('an episode', () => {
  it('is told once however often it is seen, and its end once', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    for (let n = 0; n < 10; n++) await test.raise('k');
    await test.clock.advance(minuteMs);
    expect(test.alerts.open()).toMatchObject([{ dedupKey: 'k', count: 10, state: 'firing' }]);
    await test.resolve('k');
    await test.resolve('k');
    await test.clock.advance(minuteMs);
    expect(mail.told).toEqual(['first firing k', 'resolved resolved k']);
    expect(test.alerts.open()).toEqual([]);
  });

  it('has a key of at most 255 characters; a longer one is the same alert each time', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    const key = 'k'.repeat(300);
    await test.raise(key);
    await test.raise(key);
    expect(test.alerts.open()).toMatchObject([{ count: 2 }]);
    await test.resolve(key);
    await test.clock.settle();
    expect(test.alerts.open()).toEqual([]);
  });

  it('is told again when it becomes graver, and not when it becomes lighter', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('k', { level: 'WARN' });
    await test.clock.settle();
    await test.raise('k', { level: 'CRITICAL' });
    await test.clock.settle();
    await test.raise('k', { level: 'WARN' });
    await test.clock.settle();
    expect(mail.notices.map(({ reason, level }) => [reason, level])).toEqual([
      ['first', 'WARN'],
      ['severity-up', 'CRITICAL'],
    ]);
    await test.resolve('k');
    await test.clock.settle();
    expect(mail.notices.at(-1)).toMatchObject({ reason: 'resolved', level: 'CRITICAL' });
  });

  it('goes on when it comes back within ten minutes, and is a new one later', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('k');
    await test.clock.advance(1000);
    await test.resolve('k');
    await test.clock.advance(9 * minuteMs);
    await test.raise('k');
    await test.clock.advance(1000);
    const [first, , again] = mail.notices;
    expect(again?.episodeId).toBe(first?.episodeId);
    expect(again).toMatchObject({ reason: 'first', state: 'firing' });
    await test.resolve('k');
    await test.clock.advance(11 * minuteMs);
    await test.raise('k');
    await test.clock.advance(1000);
    expect(mail.notices.at(-1)?.episodeId).not.toBe(first?.episodeId);
    expect((await test.store.queryAlerts({ dedupKey: 'k' })).total).toBe(2);
  });

  it('that comes and goes again and again is held until it has been quiet, and tells how it ended', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    for (let n = 0; n < 20; n++) {
      await test.raise('k');
      await test.clock.advance(20_000);
      await test.resolve('k');
      await test.clock.advance(20_000);
    }
    expect(mail.told).toHaveLength(7);
    expect(mail.told.at(-1)).toBe('flapping firing k');
    await test.clock.advance(9 * minuteMs);
    expect(mail.told).toHaveLength(7);
    await test.clock.advance(minuteMs);
    expect(mail.told.slice(7)).toEqual(['resolved resolved k']);
  });

  it('whose source says that it flaps is held until the source has settled', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('k');
    await test.signal({ kind: 'flap', dedupKey: 'k', flapping: true, atMs: test.clock.now() });
    await test.resolve('k');
    await test.clock.advance(2 * hourMs);
    expect(test.alerts.open()).toHaveLength(1);
    await test.signal({ kind: 'flap', dedupKey: 'k', flapping: false, atMs: test.clock.now() });
    await test.clock.settle();
    expect(test.alerts.open()).toEqual([]);
    expect(mail.told.at(-1)).toBe('resolved resolved k');
  });

  it('that an operator closes comes back when its cause is seen twice more', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('k');
    await test.clock.settle();
    const [alert] = test.alerts.open();
    await test.acts.close(alert?.id ?? '', testAct());
    await test.clock.settle();
    await test.raise('k');
    expect(test.alerts.open()).toEqual([]);
    await test.raise('k');
    await test.clock.settle();
    expect(test.alerts.open()).toMatchObject([{ id: alert?.id, refired: 1 }]);
    expect(mail.told).toEqual(['first firing k', 'resolved resolved k', 'first firing k']);
    const again = test.acts.close('nothing', testAct());
    await expect(again).rejects.toMatchObject({ code: 'INP-0920' });
  });

  it('that is an event is told once, stays on record and is over', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('start:1', { event: true, level: 'INFO', alertType: 'MANUAL_START' });
    await test.raise('start:2', { event: true, level: 'INFO', alertType: 'MANUAL_START' });
    await test.resolve('start:1');
    await test.clock.advance(10 * hourMs);
    expect(mail.told).toEqual(['first firing start:1', 'first firing start:2']);
    expect(await test.store.countUnacknowledged()).toMatchObject({ INFO: 2 });
  });
});

describe('an acknowledgement', () => {
  it('stops reminders until it expires, and the end is told all the same', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('k', { level: 'CRITICAL' });
    await test.clock.advance(65 * minuteMs);
    expect(mail.told).toEqual(['first firing k', 'reminder firing k', 'reminder firing k']);
    const [alert] = test.alerts.open();
    const taken = await test.acts.acknowledge(alert?.id ?? '', testAct());
    expect(taken).toMatchObject({ state: 'acknowledged', acknowledgement: { operatorId: 'kim' } });
    mail.clear();
    await test.clock.advance(4 * hourMs - 1000);
    expect(mail.told).toEqual([]);
    await test.clock.advance(2000);
    expect(mail.told).toEqual(['reminder firing k']);
    await test.resolve('k');
    await test.clock.settle();
    expect(mail.told.at(-1)).toBe('resolved resolved k');
  });

  it('is cleared by a graver level unless it is sticky', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    for (const [key, sticky] of [
      ['plain', false],
      ['sticky', true],
    ] as const) {
      await test.raise(key, { level: 'WARN' });
      const alert = test.alerts.open().find(({ dedupKey }) => dedupKey === key);
      await test.acts.acknowledge(alert?.id ?? '', testAct(), { sticky });
      await test.clock.settle();
      await test.raise(key, { level: 'CRITICAL' });
      await test.clock.settle();
    }
    expect(mail.told).toEqual(['first firing plain', 'severity-up firing plain', 'first firing sticky']);
    expect(test.alerts.open().map(({ state }) => state)).toEqual(['firing', 'acknowledged']);
  });

  it('that is taken back is followed by a reminder ten seconds later', async () => {
    const mail = new TestChannel('mail');
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('k');
    const id = test.alerts.open()[0]?.id ?? '';
    await test.acts.acknowledge(id, testAct());
    await test.clock.advance(1000);
    await test.acts.unacknowledge(id, testAct('lee'));
    await expect(test.acts.unacknowledge(id, testAct('lee'))).rejects.toMatchObject({ code: 'BAT-0602' });
    await test.clock.advance(9500);
    expect(mail.told).toEqual(['first firing k']);
    await test.clock.advance(1000);
    expect(mail.told).toEqual(['first firing k', 'reminder firing k']);
  });

  it('needs an operator, a reason and a time in range, is made once, and is audited', async () => {
    await using test = await createTestAlerts();
    await test.raise('k');
    const id = test.alerts.open()[0]?.id ?? '';
    const act = testAct();
    await expect(test.acts.acknowledge(id, { ...act, reason: 'ok' })).rejects.toMatchObject({
      code: 'INP-0302',
    });
    await expect(test.acts.acknowledge(id, act, { expiresInMs: 0 })).rejects.toMatchObject({
      code: 'INP-0922',
    });
    await test.acts.acknowledge(id, act);
    await test.acts.acknowledge(id, act);
    await expect(test.acts.acknowledge(id, testAct('lee'))).rejects.toMatchObject({ code: 'BAT-0601' });
    const { items } = await test.store.queryAudit({ auditType: 'ALERT_ACKNOWLEDGE' });
    expect(items).toMatchObject([{ targetId: id, operatorId: 'kim', outcome: 'OK' }]);
    expect(await test.store.verifyAuditChain(1)).toBeUndefined();
  });
});

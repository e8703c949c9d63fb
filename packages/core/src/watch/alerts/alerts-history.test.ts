import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../adapters/store-sql/sqlite-store.ts';
import { createTestAlerts, TestChannel, testAct } from '../../testing/create-test-alerts.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import type { AlertSettings } from './alert-settings.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Alerts that keep what is over for ten days. */
async function tenDays(more: Partial<AlertSettings> = {}) {
  const mail = new TestChannel('mail');
  const clock = new VirtualClock();
  const store = await openSqliteStore({ path: ':memory:', now: () => clock.now() });
  const settings = { keepHistoryMs: 10 * dayMs, ...more };
  const test = await createTestAlerts({ channels: [mail], settings, clock, store });
  const keys = async () => (await store.queryAlerts({})).items.map(({ dedupKey }) => dedupKey).sort();
  return { test, mail, clock, store, keys };
}

describe('the history of alerts', () => {
  it('ends after the time it is kept: alerts, notices and attempts, and nothing else', async () => {
    const { test, clock, store, keys } = await tenDays();
    await using _ = test;
    await test.raise('old');
    await test.raise('open', { level: 'INFO' });
    await clock.settle();
    const { id } = await test.acts.silence(
      { matchers: [{ label: 'job', value: 'x' }], forMs: dayMs },
      testAct(),
    );
    await test.resolve('old');
    await clock.advance(5 * dayMs);
    await test.raise('newer');
    await test.resolve('newer');
    await clock.advance(4 * dayMs);
    expect(await keys()).toEqual(['newer', 'old', 'open']);
    await clock.advance(3 * dayMs);
    expect(await keys()).toEqual(['newer', 'open']);
    const { items } = await store.queryOutbox({ limit: 1000 });
    const told = new Set(items.map(({ firstAlertId }) => firstAlertId));
    expect(told.size).toBe(2);
    expect((await store.readSilences(10)).map((silence) => silence.id)).toEqual([id]);
    expect((await store.queryAudit({ auditType: 'ALERT_SILENCE' })).total).toBe(1);
    expect(await store.verifyAuditChain(1)).toBeUndefined();
  });

  it('never loses who was told of what is still open: its end is told after any time', async () => {
    const { test, mail, clock, store } = await tenDays();
    await test.raise('open');
    await clock.advance(30 * dayMs);
    test.die();
    await using second = await createTestAlerts({ channels: [mail], clock, store });
    mail.clear();
    await second.resolve('open');
    await clock.advance(minuteMs);
    expect(mail.told).toEqual(['resolved resolved open']);
  });

  it('waits for a notice that is still on its way, and for all alerts of one that tells of several', async () => {
    const digest = { notices: 1, criticalNotices: 1, perMs: dayMs, waitMs: minuteMs, criticalWaitMs: 1 };
    const { test, mail, clock, keys } = await tenDays({ digest });
    await using _ = test;
    mail.answer = () => ({ status: 'retry', reason: 'busy', retryAfterMs: 3_600_000 });
    for (const key of ['a', 'b', 'c']) await test.raise(key, { level: 'INFO' });
    await clock.settle();
    for (const key of ['a', 'b']) await test.resolve(key);
    await clock.advance(20 * dayMs);
    // One notice told of b and c together, and c is open.
    expect(await keys()).toEqual(expect.arrayContaining(['b', 'c']));
    await test.resolve('c');
    mail.answer = () => ({ status: 'sent' });
    await clock.advance(15 * dayMs);
    expect(await keys()).toEqual([]);
  });

  it('is cut a week at a time, so that a clock that is wrong for a while does not cost all of it', async () => {
    const { test, clock, keys } = await tenDays();
    await using _ = test;
    for (let week = 0; week < 3; week++) {
      await test.raise(`week${week}`);
      await test.resolve(`week${week}`);
      await clock.settle();
      clock.stepWall(8 * dayMs);
    }
    clock.stepWall(10_000 * dayMs);
    await clock.advance(11 * minuteMs);
    expect(await keys()).toEqual(['week1', 'week2']);
  });

  it('is cut in small transactions, however much there is', async () => {
    const { test, clock, store } = await tenDays();
    await using _ = test;
    for (let n = 0; n < 450; n++) await test.raise(`k${n}`, { event: true });
    await clock.advance(9 * dayMs);
    let largest = 0;
    const commit = store.commit.bind(store);
    store.commit = async (changes) => {
      for (const change of changes) {
        if (change.kind !== 'alert.forget') continue;
        largest = Math.max(largest, change.rowIds.length, change.alertIds.length);
      }
      return commit(changes);
    };
    await clock.advance(3 * dayMs);
    expect((await store.queryAlerts({})).total).toBe(0);
    expect((await store.queryOutbox({})).total).toBe(0);
    expect(largest).toBe(200);
  });
});

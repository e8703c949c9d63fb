import { describe, expect, it } from 'vitest';
import type { SendResult } from '../../ports/alert-channel.ts';
import { createTestAlerts, TestChannel } from '../../testing/create-test-alerts.ts';
import { IsolationReading } from '../health/isolation-reading.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;

/** Alerts whose machine can be cut off, with a channel over the network and one that needs none. */
async function cutOff(rate?: { perSecond: number; burst: number }) {
  const isolation = new IsolationReading();
  const mail = new TestChannel('mail', rate);
  const siren = new TestChannel('siren');
  const local = {
    bound: { ...siren.bound, capabilities: { ...siren.bound.capabilities, network: false } },
  };
  const channels = [mail, Object.assign(siren, local)];
  const test = await createTestAlerts({ channels, isolation });
  return { test, isolation, mail, siren };
}

describe('while our own connection is down', () => {
  it('nothing is tried over the network, and what needs none goes on', async () => {
    const { test, isolation, mail, siren } = await cutOff();
    await using _ = test;
    isolation.set(true);
    await test.raise('a', { level: 'CRITICAL' });
    await test.raise('b');
    await test.clock.advance(hourMs);
    expect(mail.notices).toEqual([]);
    expect(siren.told).toEqual(expect.arrayContaining(['first firing a', 'first firing b']));
    const { items } = await test.store.queryOutbox({ channelId: 'mail' });
    expect(items.map(({ attempts, status }) => [attempts, status])).toEqual([
      [0, 'pending'],
      [0, 'pending'],
    ]);
    const report = test.alerts.channels().find(({ channelId }) => channelId === 'mail');
    expect(report).toMatchObject({ failures: 0, waiting: 2, isolated: true });
    expect(test.alerts.open().map(({ dedupKey }) => dedupKey)).not.toContain('channel:mail');
  });

  it('what was tried before is not tried on; it is when the connection is back, the gravest first', async () => {
    const { test, isolation, mail } = await cutOff({ perSecond: 1, burst: 2 });
    await using _ = test;
    const answers: SendResult[] = [{ status: 'retry', reason: 'no connection' }];
    mail.answer = () => answers.shift() ?? { status: 'sent' };
    await test.raise('tried');
    await test.clock.settle();
    isolation.set(true);
    for (let n = 0; n < 4; n++) await test.raise(`k${n}`);
    await test.raise('grave', { level: 'CRITICAL' });
    await test.clock.advance(10 * minuteMs);
    expect(mail.told).toEqual(['first firing tried']);
    mail.clear();
    isolation.set(false);
    await test.clock.settle();
    // No more at once than the bucket holds, however many have waited.
    expect(mail.told).toEqual(['first firing grave', 'first firing tried']);
    await test.clock.advance(1000);
    expect(mail.notices).toHaveLength(3);
    await test.clock.advance(10_000);
    expect(mail.told.slice(2)).toEqual([0, 1, 2, 3].map((n) => `first firing k${n}`));
  });

  it('what came and went is told in one notice afterwards', async () => {
    const { test, isolation, mail } = await cutOff();
    await using _ = test;
    isolation.set(true);
    await test.raise('k');
    await test.clock.advance(5 * minuteMs);
    await test.resolve('k');
    await test.clock.advance(5 * minuteMs);
    isolation.set(false);
    await test.clock.advance(minuteMs);
    expect(mail.told).toEqual(['resolved resolved k']);
  });

  it('what grows too old is given up without an attempt, and told where no network is needed', async () => {
    const { test, isolation, mail, siren } = await cutOff();
    await using _ = test;
    isolation.set(true);
    await test.raise('news', { level: 'INFO', event: true });
    await test.raise('grave', { level: 'CRITICAL' });
    await test.clock.advance(hourMs + minuteMs);
    const dead = await test.store.queryOutbox({ channelId: 'mail', status: 'dead' });
    expect(dead.items).toMatchObject([{ level: 'INFO', attempts: 0, lastError: expect.any(String) }]);
    expect(siren.told).toContain('first firing channel:mail');
    await test.clock.advance(24 * hourMs);
    expect((await test.store.queryOutbox({ channelId: 'mail', status: 'dead' })).total).toBeGreaterThan(1);
    expect(mail.notices).toEqual([]);
    isolation.set(false);
    await test.clock.advance(hourMs);
    expect(mail.told.some((line) => line.endsWith('grave'))).toBe(true);
  });

  it('an engine that ends does not wait for it', async () => {
    const { test, isolation, mail } = await cutOff();
    isolation.set(true);
    await test.raise('k');
    await test[Symbol.asyncDispose]();
    isolation.set(false);
    expect(mail.notices).toEqual([]);
  });
});
